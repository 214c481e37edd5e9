package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateResourceServer replaces the name and the scopes of a resource server. A scope that goes stays in the settings of app clients, but
// no token has it any more.
func (s *Service) UpdateResourceServer(
	ctx context.Context, in *wire.UpdateResourceServerInput,
) (*wire.UpdateResourceServerOutput, error) {
	var r pool.ResourceServer
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if r, err = tx.ResourceServer(p, in.Identifier); err != nil {
			return err
		}
		if err := r.Update(in); err != nil {
			return err
		}
		return tx.SaveResourceServer(p, r)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateResourceServerOutput{ResourceServer: &r.Settings}, nil
}
