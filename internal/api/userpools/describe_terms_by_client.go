package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeTermsByClient shows one kind of terms document of an app client.
func (s *Service) DescribeTermsByClient(
	ctx context.Context, in *wire.DescribeTermsByClientInput,
) (*wire.DescribeTermsByClientOutput, error) {
	shown, err := s.showTerms(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) (*pool.Terms, error) {
		if _, err := tx.Client(p, in.ClientId); err != nil {
			return nil, err
		}
		return tx.TermsOf(p, in.ClientId, in.TermsName)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DescribeTermsByClientOutput{Terms: shown}, nil
}
