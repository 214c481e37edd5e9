package external

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

const (
	// metadataLife is how long a metadata document that was fetched is used without asking for another (documented).
	metadataLife = 6 * time.Hour
	// refreshTime is how long another node leaves a provider alone that one has begun with.
	refreshTime = time.Minute
	// refreshPause is the time until the next attempt after one that failed.
	refreshPause = 15 * time.Minute
	// How many providers one round looks after, and how many at the same time.
	refreshBatch, refreshers = 500, 4
)

// metadata returns what the provider's metadata says. One that is too old, for the schedule has not run, is fetched now; where that fails, the
// one that is known counts on, for the provider may be away for a moment.
func (s *Service) metadata(ctx context.Context, p *pool.Pool, v *pool.Provider) (*federate.Metadata, error) {
	now := s.Now()
	if !v.Due.IsZero() && !v.Due.After(now) && now.Sub(v.Fetched) > metadataLife {
		fresh, err := s.refresh(ctx, p, v)
		if err != nil {
			return nil, err
		}
		v = fresh
	}
	return federate.ParseMetadata([]byte(v.Metadata))
}

// RefreshMetadata fetches the metadata of SAML providers again that is due. Providers that fail are left for later, with what is known of them;
// its error is a failure of ours.
func (s *Service) RefreshMetadata(ctx context.Context) error {
	var due []store.DueProvider
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueProviders(s.Now(), refreshBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("find metadata that is due: %w", err)
	}
	queue, failed := make(chan store.DueProvider), make(chan error, len(due))
	var group sync.WaitGroup
	for range min(refreshers, len(due)) {
		group.Go(func() {
			for d := range queue {
				failed <- s.refreshDue(ctx, d)
			}
		})
	}
	for _, d := range due {
		queue <- d
	}
	close(queue)
	group.Wait()
	close(failed)
	var errs []error
	for err := range failed {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Service) refreshDue(ctx context.Context, d store.DueProvider) error {
	if ctx.Err() != nil {
		return nil // the server stops
	}
	p, err := s.Store.Pool(ctx, d.PoolID)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil // deleted; its rows go with the next sweep
	}
	if err != nil {
		return err
	}
	v, err := s.stored(ctx, p, d.Name)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil
	}
	if err != nil || !v.Due.Equal(d.Due) { // another node was faster
		return err
	}
	_, err = s.refresh(ctx, p, v)
	return err
}

// refresh fetches the provider's metadata and returns the provider with it; as it was when that fails, or when another node is at it.
func (s *Service) refresh(ctx context.Context, p *pool.Pool, v *pool.Provider) (*pool.Provider, error) {
	d := store.DueProvider{PoolID: p.ID, Name: v.Name, Due: v.Due}
	first := false
	err := s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		first, err = tx.PostponeRefresh(d, s.Now().Add(refreshTime), v.Fault)
		return err
	})
	if err != nil || !first {
		return v, err
	}
	fresh := *v
	fresh.Settings.ProviderDetails = maps.Clone(v.Settings.ProviderDetails)
	if err := s.Resolver.Complete(ctx, &fresh); err != nil {
		s.Log.WarnContext(ctx, "metadata of an identity provider not fetched", "pool", p.ID, "provider", v.Name, "fetched", v.Fetched, "error", err)
		return v, s.postpone(ctx, p, v, err)
	}
	if fresh.Metadata != v.Metadata {
		s.Log.InfoContext(ctx, "metadata of an identity provider changed", "pool", p.ID, "provider", v.Name)
	}
	return &fresh, s.keep(ctx, p, &fresh)
}

// keep stores metadata that was fetched.
func (s *Service) keep(ctx context.Context, p *pool.Pool, fresh *pool.Provider) error {
	return s.unchanged(ctx, p, fresh, func(tx *store.Tx, _ *pool.Provider) error { return tx.SaveProvider(p, fresh) })
}

// postpone notes why metadata could not be fetched, and when to try again.
func (s *Service) postpone(ctx context.Context, p *pool.Pool, v *pool.Provider, why error) error {
	return s.unchanged(ctx, p, v, func(tx *store.Tx, now *pool.Provider) error {
		_, err := tx.PostponeRefresh(store.DueProvider{PoolID: p.ID, Name: v.Name, Due: now.Due}, s.Now().Add(refreshPause), firstLine(why.Error()))
		return err
	})
}

// unchanged runs fn on a provider, unless it has been changed or deleted since it was read.
func (s *Service) unchanged(ctx context.Context, p *pool.Pool, v *pool.Provider, fn func(tx *store.Tx, now *pool.Provider) error) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.Provider(p, v.Name)
		switch {
		case fault.Is(err, fault.ResourceNotFound):
			return nil
		case err != nil:
			return err
		case now.Version != v.Version:
			return nil
		}
		return fn(tx, now)
	})
}
