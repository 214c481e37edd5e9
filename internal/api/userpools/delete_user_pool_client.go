package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserPoolClient deletes an app client. Nobody can sign in with it any longer, and its tokens are refused.
func (s *Service) DeleteUserPoolClient(ctx context.Context, in *wire.DeleteUserPoolClientInput) (*wire.DeleteUserPoolClientOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		return tx.DeleteClient(p, in.ClientId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserPoolClientOutput{}, nil
}
