package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateUserPoolReplica would change the status of a replica in another region. A server has none.
func (s *Service) UpdateUserPoolReplica(
	ctx context.Context, in *wire.UpdateUserPoolReplicaInput,
) (*wire.UpdateUserPoolReplicaOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, p.CheckReplica(in.RegionName)
}
