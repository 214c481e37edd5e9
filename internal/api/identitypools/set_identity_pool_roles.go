package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetIdentityPoolRoles replaces the roles of an identity pool, and the mappings if it names any.
func (s *Service) SetIdentityPoolRoles(ctx context.Context, in *wire.SetIdentityPoolRolesInput) (*wire.SetIdentityPoolRolesOutput, error) {
	_, err := s.change(ctx, in.IdentityPoolId, func(p *identity.Pool) error { return p.SetRoles(in.Roles, in.RoleMappings) })
	if err != nil {
		return nil, err
	}
	return &wire.SetIdentityPoolRolesOutput{}, nil
}
