package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeManagedLoginBrandingByClient shows the style of managed login of an app client, as DescribeManagedLoginBranding does.
func (s *Service) DescribeManagedLoginBrandingByClient(
	ctx context.Context, in *wire.DescribeManagedLoginBrandingByClientInput,
) (*wire.DescribeManagedLoginBrandingByClientOutput, error) {
	shown, err := s.showBranding(ctx, in.UserPoolId, in.ReturnMergedResources, func(tx *store.Tx, p *pool.Pool) (*pool.Branding, error) {
		if _, err := tx.Client(p, in.ClientId); err != nil {
			return nil, err
		}
		return tx.BrandingOf(p, in.ClientId)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DescribeManagedLoginBrandingByClientOutput{ManagedLoginBranding: shown}, nil
}
