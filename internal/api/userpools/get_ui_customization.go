package userpools

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetUICustomization shows the look of the classic sign-in pages of an app client: its own, else that of all clients, else nothing.
func (s *Service) GetUICustomization(ctx context.Context, in *wire.GetUICustomizationInput) (*wire.GetUICustomizationOutput, error) {
	out := &wire.GetUICustomizationOutput{UICustomization: &wire.UICustomizationType{}}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		id := cmp.Or(in.ClientId, pool.AllClients)
		if err := checkLookOf(tx, p, id); err != nil {
			return err
		}
		look, err := tx.UICustomization(p, id)
		if err == nil && look == nil {
			look, err = tx.UICustomization(p, pool.AllClients)
		}
		if look != nil {
			out.UICustomization = &look.Settings
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
