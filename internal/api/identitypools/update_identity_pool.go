package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateIdentityPool replaces the settings of an identity pool. Only the developer provider and the tags survive an update that does not name them.
func (s *Service) UpdateIdentityPool(ctx context.Context, in *wire.UpdateIdentityPoolInput) (*wire.UpdateIdentityPoolOutput, error) {
	p, err := s.change(ctx, in.IdentityPoolId, func(p *identity.Pool) error { return p.Update(in) })
	if err != nil {
		return nil, err
	}
	return &p.Settings.Pool, nil
}
