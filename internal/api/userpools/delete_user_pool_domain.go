package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserPoolDomain takes a domain from a user pool. Any pool can have the name at once.
func (s *Service) DeleteUserPoolDomain(
	ctx context.Context, in *wire.DeleteUserPoolDomainInput,
) (*wire.DeleteUserPoolDomainOutput, error) {
	err := s.changePool(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) error {
		d, err := poolDomain(tx, p, in.Domain)
		if err != nil {
			return err
		}
		p.RemoveDomain(d)
		return tx.DeleteDomain(d)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolDomainOutput{}, nil
}
