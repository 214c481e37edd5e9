package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetOpenIdToken returns an OpenID token of an identity, for the basic flow: the application exchanges it at an STS itself.
func (s *Service) GetOpenIdToken(ctx context.Context, in *wire.GetOpenIdTokenInput) (*wire.GetOpenIdTokenOutput, error) {
	p, named, err := s.named(ctx, in.IdentityId)
	if err != nil {
		return nil, err
	}
	switch {
	case len(p.Settings.Mappings) > 0:
		return nil, fault.New(fault.InvalidParameter, "Basic (classic) flow is not supported with RoleMappings, please use enhanced flow.")
	case !wire.Value(p.Settings.Pool.AllowClassicFlow, false):
		return nil, fault.New(fault.InvalidParameter, "Basic (classic) flow is not enabled, please use enhanced flow.")
	}
	i, logins, err := s.present(ctx, "GetOpenIdToken", p, named, in.Logins)
	if err != nil {
		return nil, err
	}
	raw, err := s.openIDToken(ctx, p, i, logins, p.Tags(logins), openIDLife)
	if err != nil {
		return nil, err
	}
	return &wire.GetOpenIdTokenOutput{IdentityId: i.ID, Token: raw}, nil
}
