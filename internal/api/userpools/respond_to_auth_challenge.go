package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// RespondToAuthChallenge answers a challenge of a sign-in: it poses the next one, or answers the tokens.
func (s *Service) RespondToAuthChallenge(ctx context.Context, in *wire.RespondToAuthChallengeInput) (*wire.RespondToAuthChallengeOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.answerAuth(audit.ByClient(ctx, c, in.UserContextData), signin.Answer{
		Request:   signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata},
		Challenge: signin.Challenge(in.ChallengeName), Session: in.Session, Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	return (*wire.RespondToAuthChallengeOutput)(o), nil
}
