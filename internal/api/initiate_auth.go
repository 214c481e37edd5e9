package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// InitiateAuth begins a sign-in by a public client: it answers the first challenge, or the tokens.
func (s *Service) InitiateAuth(ctx context.Context, in *wire.InitiateAuthInput) (*wire.InitiateAuthOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.SignIn.Start(ctx, signin.Start{Pool: p, Client: c, Flow: in.AuthFlow, Params: in.AuthParameters})
	if err != nil {
		return nil, err
	}
	name, params, session, result := showOutcome(o)
	return &wire.InitiateAuthOutput{ChallengeName: name, ChallengeParameters: params, Session: session, AuthenticationResult: result}, nil
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

// showOutcome returns the members that all four sign-in operations answer. Beside tokens there is neither a challenge nor a
// session, and the challenge parameters are an empty object: clients branch on that.
func showOutcome(o *signin.Outcome) (challenge string, params map[string]string, session string, result *wire.AuthenticationResultType) {
	if o.Tokens == nil {
		return string(o.Challenge), o.Parameters, o.Session, nil
	}
	return "", map[string]string{}, "", &wire.AuthenticationResultType{
		AccessToken:  o.Tokens.Access,
		IdToken:      o.Tokens.ID,
		RefreshToken: o.Tokens.Refresh,
		ExpiresIn:    &o.Tokens.ExpiresIn,
		TokenType:    "Bearer",
	}
}
