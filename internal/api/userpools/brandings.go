package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// showBranding shows a style that load finds, merged with the default one if so wished.
func (s *Service) showBranding(
	ctx context.Context, poolID string, merged *bool, load func(*store.Tx, *pool.Pool) (*pool.Branding, error),
) (*wire.ManagedLoginBrandingType, error) {
	var shown wire.ManagedLoginBrandingType
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		b, err := load(tx, p)
		if err != nil {
			return err
		}
		shown, err = b.Shown(wire.Value(merged, false))
		return err
	})
	if err != nil {
		return nil, err
	}
	return &shown, nil
}
