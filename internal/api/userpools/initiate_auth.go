package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
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
	return s.beginAuth(audit.ByClient(ctx, c, in.UserContextData), signin.Start{
		Request: signin.Request{Pool: p, Client: c, Metadata: in.ClientMetadata},
		Flow:    in.AuthFlow, Params: in.AuthParameters, Session: in.Session,
	})
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
