package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// CreateUserPoolReplica refuses to replicate a user pool into another region, since a server has one. What keeps a pool alive here is a
// replicated database under several nodes.
func (s *Service) CreateUserPoolReplica(
	ctx context.Context, in *wire.CreateUserPoolReplicaInput,
) (*wire.CreateUserPoolReplicaOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, p.CheckReplicate(in)
}
