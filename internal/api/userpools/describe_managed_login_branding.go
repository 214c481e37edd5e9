package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeManagedLoginBranding shows a style of managed login: what it sets, or with ReturnMergedResources everything that is in force.
func (s *Service) DescribeManagedLoginBranding(
	ctx context.Context, in *wire.DescribeManagedLoginBrandingInput,
) (*wire.DescribeManagedLoginBrandingOutput, error) {
	shown, err := s.showBranding(ctx, in.UserPoolId, in.ReturnMergedResources, func(tx *store.Tx, p *pool.Pool) (*pool.Branding, error) {
		return tx.Branding(p, in.ManagedLoginBrandingId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DescribeManagedLoginBrandingOutput{ManagedLoginBranding: shown}, nil
}
