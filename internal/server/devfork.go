package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// The users that a copy may have: copies are for tests.
const (
	maxForkUsers  = 10_000
	maxStartUsers = 2_000 // of all pools, kept in memory for a reset
)

// Fork copies a pool of a development server under ids of its own: clients, groups, users with their passwords, factors, devices and passkeys. It shares its
// signing keys with the pool it was copied from, since making new ones takes the time of many forks.
func (s *Server) Fork(ctx context.Context, poolID string) (dev.Fork, error) {
	f := dev.Fork{Clients: map[string]string{}}
	if poolID == "" {
		poolID = s.Dev.PoolID
	}
	var c *store.Contents
	err := s.data.View(ctx, func(tx *store.Tx) (err error) {
		c, err = tx.Contents(poolID, maxForkUsers)
		return err
	})
	if fault.Is(err, fault.ResourceNotFound) {
		return f, dev.ErrNoPool
	}
	if err != nil {
		return f, err
	}
	c.Rename(pool.NewForkID(poolID), func(old string) string {
		f.Clients[old] = pool.NewClientID()
		return f.Clients[old]
	})
	if err := s.data.Update(ctx, func(tx *store.Tx) error { return tx.Write(c) }); err != nil {
		return f, err
	}
	f.PoolID, f.ClientID = c.Pool.ID, f.Clients[s.Dev.ClientID]
	if f.ClientID == "" && len(c.Clients) > 0 {
		f.ClientID = c.Clients[0].ID
	}
	return f, nil
}

// beginning is what a development server held when it started.
type beginning struct {
	pools []*store.Contents
	ahead time.Duration // of the clock
	large bool          // it held too much to be kept
}

// remember keeps what the server holds now, for Reset.
func (s *Server) remember(ctx context.Context) error {
	b := &beginning{ahead: s.Dev.Clock.Offset()}
	err := s.data.View(ctx, func(tx *store.Tx) error {
		b.pools, b.large = nil, false
		pools, err := tx.Pools("", 0)
		if err != nil {
			return err
		}
		left := int64(maxStartUsers)
		for _, p := range pools {
			users, err := tx.CountUsers(p.ID)
			if err != nil {
				return err
			}
			if left -= users; left < 0 {
				b.pools, b.large = nil, true
				return nil
			}
			c, err := tx.Contents(p.ID, maxStartUsers)
			if err != nil {
				return err
			}
			b.pools = append(b.pools, c)
		}
		return nil
	})
	s.Dev.beginning = b
	return err
}

// Reset takes the server back to what it held when it started: pools, users, the inbox, the triggers asked, the clock.
func (s *Server) Reset(ctx context.Context) error {
	b := s.Dev.beginning
	if b.large {
		return fmt.Errorf("the server held more than %d users when it started, which is too many to go back to", maxStartUsers)
	}
	err := s.data.Update(ctx, func(tx *store.Tx) error {
		pools, err := tx.Pools("", 0)
		if err != nil {
			return err
		}
		for _, p := range pools {
			if err := tx.Erase(p.ID); err != nil {
				return err
			}
		}
		for _, c := range b.pools {
			if err := tx.Erase(c.Pool.ID); err != nil { // what is left of it where it was deleted
				return err
			}
			if err := tx.Write(c); err != nil {
				return err
			}
		}
		return s.setAhead(tx, b.ahead)
	})
	if err != nil {
		return err
	}
	s.Dev.Triggers.Clear()
	return errors.Join(s.Dev.Clock.Restore(b.ahead), s.Dev.Inbox.Clear())
}
