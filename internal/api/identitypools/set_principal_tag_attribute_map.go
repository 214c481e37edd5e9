package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetPrincipalTagAttributeMap says which claims of a provider become principal tags.
func (s *Service) SetPrincipalTagAttributeMap(ctx context.Context, in *wire.SetPrincipalTagAttributeMapInput) (*wire.SetPrincipalTagAttributeMapOutput, error) {
	m := identity.TagMap{UseDefaults: wire.Value(in.UseDefaults, false), Tags: in.PrincipalTags}
	if _, err := s.change(ctx, in.IdentityPoolId, func(p *identity.Pool) error { return p.SetTags(in.IdentityProviderName, m) }); err != nil {
		return nil, err
	}
	return &wire.SetPrincipalTagAttributeMapOutput{
		IdentityPoolId: in.IdentityPoolId, IdentityProviderName: in.IdentityProviderName, UseDefaults: &m.UseDefaults, PrincipalTags: m.Tags,
	}, nil
}
