package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminRespondToAuthChallenge answers a challenge of a sign-in by a server with credentials.
func (s *Service) AdminRespondToAuthChallenge(ctx context.Context, in *wire.AdminRespondToAuthChallengeInput) (*wire.AdminRespondToAuthChallengeOutput, error) {
	p, c, err := s.clientOf(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.answerAuth(audit.ByServer(ctx, in.ContextData), signin.Answer{
		Request:   signin.Request{Pool: p, Client: c, By: signin.ByServer, Metadata: in.ClientMetadata},
		Challenge: signin.Challenge(in.ChallengeName), Session: in.Session, Responses: in.ChallengeResponses,
	})
	if err != nil {
		return nil, err
	}
	return (*wire.AdminRespondToAuthChallengeOutput)(o), nil
}
