package userpools

import (
	"context"

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
	err = s.addToClient(ctx, in.UserPoolId, in.ClientId, func(tx *store.Tx, p *pool.Pool) error {
		if err := tx.InsertTerms(p, t); err != nil {
			return err
		}
		return withinQuota(tx.CountTerms, p.ID, pool.MaxTerms, "terms documents")
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateTermsOutput{Terms: &t.Settings}, nil
}
