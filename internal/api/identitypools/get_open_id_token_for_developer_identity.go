package identitypools

import (
	"context"
	"maps"
	"time"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetOpenIdTokenForDeveloperIdentity registers a user of a developer's own back end, or finds it again, and returns an OpenID token for it.
func (s *Service) GetOpenIdTokenForDeveloperIdentity(ctx context.Context, in *wire.GetOpenIdTokenForDeveloperIdentityInput) (*wire.GetOpenIdTokenForDeveloperIdentityOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	own := p.Settings.Pool.DeveloperProviderName
	subject := in.Logins[own]
	if own == "" || subject == "" {
		return nil, errNoDeveloper
	}
	others := maps.Clone(in.Logins)
	delete(others, own)
	logins, err := s.logins(ctx, p, "GetOpenIdTokenForDeveloperIdentity", others)
	if err != nil {
		return nil, err
	}
	logins = append(logins, developerOf(p, subject))
	var i *identity.Identity
	if in.IdentityId == "" {
		i, err = s.identify(ctx, p, logins)
	} else {
		i, err = s.registerDeveloper(ctx, p, in.IdentityId, logins, subject)
	}
	if err != nil {
		return nil, err
	}
	tags := in.PrincipalTags
	life := time.Duration(wire.Value(in.TokenDuration, developerSeconds)) * time.Second
	raw, err := s.openIDToken(ctx, p, i, logins, tags, life)
	if err != nil {
		return nil, err
	}
	return &wire.GetOpenIdTokenForDeveloperIdentityOutput{IdentityId: i.ID, Token: raw}, nil
}
