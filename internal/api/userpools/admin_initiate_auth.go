package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminInitiateAuth begins a sign-in by a server with credentials: it answers the first challenge, or the tokens.
func (s *Service) AdminInitiateAuth(ctx context.Context, in *wire.AdminInitiateAuthInput) (*wire.AdminInitiateAuthOutput, error) {
	p, c, err := s.clientOf(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	o, err := s.beginAuth(audit.ByServer(ctx, in.ContextData), signin.Start{
		Request: signin.Request{Pool: p, Client: c, By: signin.ByServer, Metadata: in.ClientMetadata},
		Flow:    in.AuthFlow, Params: in.AuthParameters, Session: in.Session,
	})
	if err != nil {
		return nil, err
	}
	return (*wire.AdminInitiateAuthOutput)(o), nil
}
