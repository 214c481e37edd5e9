package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeIdentityProvider shows an identity provider with all its details, its client secret among them.
func (s *Service) DescribeIdentityProvider(
	ctx context.Context, in *wire.DescribeIdentityProviderInput,
) (*wire.DescribeIdentityProviderOutput, error) {
	shown, err := s.showProvider(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) (*pool.Provider, error) { return tx.Provider(p, in.ProviderName) })
	if err != nil {
		return nil, err
	}
	return &wire.DescribeIdentityProviderOutput{IdentityProvider: shown}, nil
}
