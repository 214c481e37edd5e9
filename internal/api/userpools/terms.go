package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// showTerms shows a document that load finds.
func (s *Service) showTerms(ctx context.Context, poolID string, load func(*store.Tx, *pool.Pool) (*pool.Terms, error)) (*wire.TermsType, error) {
	var t *pool.Terms
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(poolID)
		if err != nil {
			return err
		}
		t, err = load(tx, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &t.Settings, nil
}
