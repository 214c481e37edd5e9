package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// ListUserPoolReplicas shows the replicas of a user pool: the primary one, which is the pool itself.
func (s *Service) ListUserPoolReplicas(
	ctx context.Context, in *wire.ListUserPoolReplicasInput,
) (*wire.ListUserPoolReplicasOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if in.NextToken != "" { // no page has one
		return nil, errPage
	}
	return &wire.ListUserPoolReplicasOutput{UserPoolReplicas: []wire.UserPoolReplicaType{p.Primary()}}, nil
}
