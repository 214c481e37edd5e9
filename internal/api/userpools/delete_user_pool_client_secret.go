package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserPoolClientSecret deletes one of the two secrets of an app client. The last one cannot be deleted.
func (s *Service) DeleteUserPoolClientSecret(
	ctx context.Context, in *wire.DeleteUserPoolClientSecretInput,
) (*wire.DeleteUserPoolClientSecretOutput, error) {
	err := s.changeClient(ctx, in.UserPoolId, in.ClientId, func(_ *store.Tx, _ *pool.Pool, c *pool.Client) error {
		return c.DeleteSecret(in.ClientSecretId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolClientSecretOutput{}, nil
}
