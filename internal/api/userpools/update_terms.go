package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateTerms changes a terms document. What is left out stays as it is; links replace all links.
func (s *Service) UpdateTerms(ctx context.Context, in *wire.UpdateTermsInput) (*wire.UpdateTermsOutput, error) {
	var t *pool.Terms
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if t, err = tx.Terms(p, in.TermsId); err != nil {
			return err
		}
		if err := t.Update(in, s.Now()); err != nil {
			return err
		}
		return tx.SaveTerms(p, t)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateTermsOutput{Terms: &t.Settings}, nil
}
