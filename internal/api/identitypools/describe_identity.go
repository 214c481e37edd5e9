package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeIdentity shows an identity: which providers it has logins of, and since when.
func (s *Service) DescribeIdentity(ctx context.Context, in *wire.DescribeIdentityInput) (*wire.DescribeIdentityOutput, error) {
	i, err := s.identity(ctx, in.IdentityId)
	if err != nil {
		return nil, err
	}
	return showIdentity(i), nil
}
