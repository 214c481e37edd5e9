package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetCredentialsForIdentity returns credentials of the role that the logins of an identity lead to.
func (s *Service) GetCredentialsForIdentity(ctx context.Context, in *wire.GetCredentialsForIdentityInput) (*wire.GetCredentialsForIdentityOutput, error) {
	p, named, err := s.named(ctx, in.IdentityId)
	if err != nil {
		return nil, err
	}
	i, logins, err := s.present(ctx, "GetCredentialsForIdentity", p, named, in.Logins)
	if err != nil {
		return nil, err
	}
	role, err := p.Role(logins, in.CustomRoleArn)
	if err != nil {
		return nil, err
	}
	c, err := s.credentials(ctx, p, i, logins, role, in.Logins[identity.OwnProvider])
	if err != nil {
		return nil, err
	}
	return &wire.GetCredentialsForIdentityOutput{IdentityId: i.ID, Credentials: &wire.Credentials{
		AccessKeyId: c.AccessKeyID, SecretKey: c.SecretKey, SessionToken: c.SessionToken, Expiration: wire.At(c.Expires),
	}}, nil
}
