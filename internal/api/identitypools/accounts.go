package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/identity"
)

// checkAccount answers identity.PoolNotFound for a pool of another account than the caller's, and nothing for one that does not exist: that
// is for the operation to tell.
func (s *Service) checkAccount(ctx context.Context, id string) error {
	if id == "" {
		return nil
	}
	if p, err := s.pool(ctx, id); err == nil && foreign(ctx, p) {
		return identity.PoolNotFound(id)
	}
	return nil
}

// foreign reports whether a pool belongs to another account than the caller.
func foreign(ctx context.Context, p *identity.Pool) bool {
	account := caller.From(ctx).AccountID
	return account != "" && p.AccountID != account
}
