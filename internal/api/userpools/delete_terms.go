package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteTerms deletes a terms document.
func (s *Service) DeleteTerms(ctx context.Context, in *wire.DeleteTermsInput) (*wire.DeleteTermsOutput, error) {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		return tx.DeleteTerms(p.ID, in.TermsId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteTermsOutput{}, nil
}
