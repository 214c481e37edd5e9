package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeTerms shows a terms document with its links.
func (s *Service) DescribeTerms(ctx context.Context, in *wire.DescribeTermsInput) (*wire.DescribeTermsOutput, error) {
	shown, err := s.showTerms(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) (*pool.Terms, error) { return tx.Terms(p, in.TermsId) })
	if err != nil {
		return nil, err
	}
	return &wire.DescribeTermsOutput{Terms: shown}, nil
}
