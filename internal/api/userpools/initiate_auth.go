package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// InitiateAuth begins a sign-in by a public client: it answers the first challenge, or the tokens.
func (s *Service) InitiateAuth(ctx context.Context, in *wire.InitiateAuthInput) (*wire.InitiateAuthOutput, error) {
	p, c, err := s.Store.Client(ctx, in.ClientId)
	if err != nil {
		return nil, err
	}
	return s.beginAuth(audit.ByClient(ctx, c, in.UserContextData), signin.Start{
		Request: signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata},
		Flow:    in.AuthFlow, Params: in.AuthParameters, Session: in.Session,
	})
}
