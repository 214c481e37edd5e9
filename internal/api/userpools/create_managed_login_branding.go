package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateManagedLoginBranding gives an app client a style of managed login: the default one, or settings and images of its own.
func (s *Service) CreateManagedLoginBranding(
	ctx context.Context, in *wire.CreateManagedLoginBrandingInput,
) (*wire.CreateManagedLoginBrandingOutput, error) {
	b, err := pool.NewBranding(in, s.Now())
	if err != nil {
		return nil, err
	}
	err = s.addToClient(ctx, in.UserPoolId, in.ClientId, func(tx *store.Tx, p *pool.Pool) error {
		if err := tx.InsertBranding(p, b); err != nil {
			return err
		}
		return withinQuota(tx.CountBrandings, p.ID, pool.MaxBrandings, "managed login brandings")
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateManagedLoginBrandingOutput{ManagedLoginBranding: &b.Settings}, nil
}
