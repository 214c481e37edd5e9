package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeIdentityProvider shows an identity provider with all its details, its client secret among them.
func (s *Service) DescribeIdentityProvider(
	ctx context.Context, in *wire.DescribeIdentityProviderInput,
) (*wire.DescribeIdentityProviderOutput, error) {
	out := &wire.DescribeIdentityProviderOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		v, err := tx.Provider(p, in.ProviderName)
		if err != nil {
			return err
		}
		out.IdentityProvider = showProvider(v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
