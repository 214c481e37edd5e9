package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// GetPrincipalTagAttributeMap shows which claims of a provider become principal tags.
func (s *Service) GetPrincipalTagAttributeMap(ctx context.Context, in *wire.GetPrincipalTagAttributeMapInput) (*wire.GetPrincipalTagAttributeMapOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	m := p.TagsOf(in.IdentityProviderName)
	return &wire.GetPrincipalTagAttributeMapOutput{
		IdentityPoolId: p.ID, IdentityProviderName: in.IdentityProviderName, UseDefaults: &m.UseDefaults, PrincipalTags: m.Tags,
	}, nil
}
