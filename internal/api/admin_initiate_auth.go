package api

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminInitiateAuth begins a sign-in by a server with credentials: it answers the first challenge, or the tokens.
func (s *Service) AdminInitiateAuth(ctx context.Context, in *wire.AdminInitiateAuthInput) (*wire.AdminInitiateAuthOutput, error) {
	p, c, err := s.clientOf(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.SignIn.Start(ctx, signin.Start{Pool: p, Client: c, Flow: in.AuthFlow, Params: in.AuthParameters, Admin: true})
	if err != nil {
		return nil, err
	}
	name, params, session, result := showOutcome(o)
	return &wire.AdminInitiateAuthOutput{ChallengeName: name, ChallengeParameters: params, Session: session, AuthenticationResult: result}, nil
}
