package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetIdentityPoolRoles shows the roles of an identity pool and how logins are mapped to others.
func (s *Service) GetIdentityPoolRoles(ctx context.Context, in *wire.GetIdentityPoolRolesInput) (*wire.GetIdentityPoolRolesOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	return &wire.GetIdentityPoolRolesOutput{IdentityPoolId: p.ID, Roles: p.Settings.Roles, RoleMappings: p.Settings.Mappings}, nil
}
