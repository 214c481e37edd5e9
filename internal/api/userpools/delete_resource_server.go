package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteResourceServer deletes a resource server. Its scopes stay in the settings of app clients, but no token has them any more.
func (s *Service) DeleteResourceServer(
	ctx context.Context, in *wire.DeleteResourceServerInput,
) (*wire.DeleteResourceServerOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		return tx.DeleteResourceServer(p.ID, in.Identifier)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteResourceServerOutput{}, nil
}
