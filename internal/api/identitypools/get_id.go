package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetId returns the identity of the logins, the same one each time. Without logins it makes a guest, where the pool lets guests in.
func (s *Service) GetId(ctx context.Context, in *wire.GetIdInput) (*wire.GetIdOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	logins, err := s.logins(ctx, p, "GetId", in.Logins)
	if err != nil {
		return nil, err
	}
	for _, l := range logins {
		if l.Kind == identity.Developer {
			return nil, fault.New(fault.NotAuthorized, "Invalid login token. Can't pass in a Cognito token.")
		}
	}
	i, err := s.identify(ctx, p, logins)
	if err != nil {
		return nil, err
	}
	return &wire.GetIdOutput{IdentityId: i.ID}, nil
}
