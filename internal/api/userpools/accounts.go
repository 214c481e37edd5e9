package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// checkAccount answers pool.NotFound for a pool of another account than the caller's, and nothing for one that does not exist: that is
// for the operation to tell.
func (s *Service) checkAccount(ctx context.Context, poolID string) error {
	account := caller.From(ctx).AccountID
	if account == "" || poolID == "" {
		return nil
	}
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return unlessGone(err)
	}
	if p.AccountID() != account {
		return pool.NotFound(poolID)
	}
	return nil
}

// unlessGone returns an error other than that something does not exist.
func unlessGone(err error) error {
	if fault.Is(err, fault.ResourceNotFound) {
		return nil
	}
	return err
}
