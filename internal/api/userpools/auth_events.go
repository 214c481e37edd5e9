package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// watchedUser returns a user of a pool with threat protection.
func (s *Service) watchedUser(ctx context.Context, poolID, name string) (*pool.Pool, *user.User, error) {
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return nil, nil, err
	}
	if err := p.CheckThreatProtection(); err != nil {
		return nil, nil, err
	}
	var u *user.User
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, name)
		return err
	})
	return p, u, err
}
