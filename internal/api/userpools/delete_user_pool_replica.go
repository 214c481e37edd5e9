package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserPoolReplica would delete a replica in another region. A server has none.
func (s *Service) DeleteUserPoolReplica(
	ctx context.Context, in *wire.DeleteUserPoolReplicaInput,
) (*wire.DeleteUserPoolReplicaOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, p.CheckReplica(in.RegionName)
}
