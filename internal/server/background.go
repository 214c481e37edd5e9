package server

import (
	"context"
	"crypto/rand"
	"math/big"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/importer"
)

// work starts what goes on beside the requests, until ctx ends.
func (s *Server) work(ctx context.Context, group *sync.WaitGroup) {
	group.Go(func() { _ = credential.NewVerifier("", "", "") }) // builds the tables that the first sign-in would wait for
	group.Go(func() {
		if s.options.KeysOnDemand {
			return
		}
		if err := s.keys.Run(ctx); err != nil {
			s.log.Error("no signing keys are made ahead", "error", err)
		}
	})
	group.Go(func() { s.sweep(ctx) })
	group.Go(func() { s.rotateKeys(ctx) })
	group.Go(func() { s.refreshMetadata(ctx) })
	group.Go(func() { s.watch(ctx) })
	group.Go(func() { s.courier.Run(ctx) })
	imports := importer.Runner{Store: s.data.Store, Now: s.now, Log: s.log}
	group.Go(func() { imports.Run(ctx) })
}

// sweep removes what has expired, about once a minute: signing keys that no longer verify, too. Nodes that were started together
// drift apart, so that they do not all sweep at once.
func (s *Server) sweep(ctx context.Context) {
	for wait(ctx, 45*time.Second+jitter(30*time.Second)) {
		err := s.data.Sweep(ctx, s.now())
		if age := s.options.Config.AuditAge; age > 0 && err == nil {
			err = s.data.SweepActs(ctx, time.Now().Add(-age))
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("sweep failed", "error", err)
		}
	}
}

// rotateKeys replaces signing keys that have come of age, if the operator wants that: at the start, and then about once an hour.
func (s *Server) rotateKeys(ctx context.Context) {
	age := s.options.Config.SigningKeyAge
	if age == 0 {
		return
	}
	for {
		n, err := s.data.RotateDueKeys(ctx, age)
		if n > 0 {
			s.log.Info("rotated signing keys by schedule", "pools", n)
		}
		var identity bool
		if err == nil {
			identity, err = s.data.RotateDueIdentityKey(ctx, age)
		}
		if identity {
			s.log.Info("rotated the signing key of identities by schedule")
		}
		if err != nil && ctx.Err() == nil {
			s.log.Error("scheduled rotation of signing keys failed", "error", err)
		}
		if !wait(ctx, 30*time.Minute+jitter(time.Hour)) {
			return
		}
	}
}

// refreshMetadata fetches what identity providers say about themselves again when it is due, about once a minute.
func (s *Server) refreshMetadata(ctx context.Context) {
	for wait(ctx, 45*time.Second+jitter(30*time.Second)) {
		if err := s.providers.RefreshMetadata(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("refresh of metadata failed", "error", err)
		}
	}
}

// watch looks after the database, for /readyz, and whether the master key has been changed to one that this node does not have. A look lasts as long as a request would wait, and ends well as soon as the database does.
func (s *Server) watch(ctx context.Context) {
	away := false
	for wait(ctx, s.options.Config.DatabaseWait/10) {
		err := s.data.Ping(ctx)
		if err == nil {
			err = s.data.MasterFits(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !away {
				s.log.Error("unready: the database cannot be used", "error", err)
			}
			away = true
		default:
			s.health.well()
			if away {
				s.log.Info("ready again")
			}
			away = false
		}
	}
}

// wait waits for d and reports whether ctx is still alive.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// jitter returns a random time below limit.
func jitter(limit time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(limit)))
	if err != nil { // crypto/rand ends the program before it fails
		return 0
	}
	return time.Duration(n.Int64())
}
