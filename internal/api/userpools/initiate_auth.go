package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// InitiateAuth begins a sign-in by a public client: it answers the first challenge, or the tokens.
func (s *Service) InitiateAuth(ctx context.Context, in *wire.InitiateAuthInput) (*wire.InitiateAuthOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.SignIn.Start(audit.ByClient(ctx, c, in.UserContextData), signin.Start{
		Request: signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata},
		Flow:    in.AuthFlow, Params: in.AuthParameters, Session: in.Session,
	})
	if err != nil {
		return nil, err
	}
	return (*wire.InitiateAuthOutput)(showOutcome(o)), nil
}

// clientOf returns the client and its pool for an operation that names both. A client of another pool does not exist.
func (s *Service) clientOf(ctx context.Context, poolID, clientID string) (*pool.Pool, *pool.Client, error) {
	if _, err := s.Store.Pool(ctx, poolID); err != nil {
		return nil, nil, err
	}
	p, c, err := s.Store.Client(ctx, clientID)
	if err != nil {
		return nil, nil, err
	}
	if p.ID != poolID {
		return nil, nil, pool.ClientNotFound(clientID)
	}
	return p, c, nil
}

// showOutcome shows an outcome as InitiateAuth does; the outputs of the other three operations of sign-in have the same members. Beside
// tokens there is neither a challenge nor a session, and the challenge parameters are an empty object: clients branch on that.
func showOutcome(o *signin.Outcome) *wire.InitiateAuthOutput {
	if o.Tokens == nil {
		return &wire.InitiateAuthOutput{
			ChallengeName: string(o.Challenge), ChallengeParameters: o.Parameters, Session: o.Session, AvailableChallenges: o.Available,
		}
	}
	shown := showTokens(o.Tokens)
	if d := o.NewDevice; d != nil {
		shown.NewDeviceMetadata = &wire.NewDeviceMetadataType{DeviceKey: d.Key, DeviceGroupKey: d.GroupKey}
	}
	return &wire.InitiateAuthOutput{ChallengeParameters: map[string]string{}, AuthenticationResult: shown}
}

func showTokens(t *token.Tokens) *wire.AuthenticationResultType {
	return &wire.AuthenticationResultType{
		AccessToken: t.Access, IdToken: t.ID, RefreshToken: t.Refresh, ExpiresIn: &t.ExpiresIn, TokenType: "Bearer",
	}
}
