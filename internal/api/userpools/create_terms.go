package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateTerms gives an app client one kind of document that people agree to when they sign up: terms of use, or a privacy policy.
func (s *Service) CreateTerms(ctx context.Context, in *wire.CreateTermsInput) (*wire.CreateTermsOutput, error) {
	t, err := pool.NewTerms(in, s.Now())
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if _, err := tx.Client(p, in.ClientId); err != nil {
			return err
		}
		if err := tx.InsertTerms(p, t); err != nil {
			return err
		}
		n, err := tx.CountTerms(p.ID)
		if err == nil && n > pool.MaxTerms {
			return fault.Newf(fault.LimitExceeded, "A user pool can have at most %d terms documents.", pool.MaxTerms)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateTermsOutput{Terms: &t.Settings}, nil
}
