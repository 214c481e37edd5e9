package userpools

import (
	"cmp"
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// SetUICustomization replaces the look of the classic sign-in pages of an app client, or of all clients. A request with neither a style
// sheet nor an image takes the look back.
func (s *Service) SetUICustomization(ctx context.Context, in *wire.SetUICustomizationInput) (*wire.SetUICustomizationOutput, error) {
	in.ClientId = cmp.Or(in.ClientId, pool.AllClients)
	out := &wire.SetUICustomizationOutput{UICustomization: &wire.UICustomizationType{}}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if err := checkLookOf(tx, p, in.ClientId); err != nil {
			return err
		}
		if in.CSS == "" && len(in.ImageFile) == 0 {
			return tx.DeleteUICustomization(p.ID, in.ClientId)
		}
		before, err := tx.UICustomization(p, in.ClientId)
		if err != nil {
			return err
		}
		look, err := pool.NewUICustomization(p, in, before, s.Tokens.PublicURL, s.Now())
		if err != nil {
			return err
		}
		out.UICustomization = &look.Settings
		return tx.SaveUICustomization(p, look)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
