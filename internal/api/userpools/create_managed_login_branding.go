package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
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
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if _, err := tx.Client(p, in.ClientId); err != nil {
			return err
		}
		if err := tx.InsertBranding(p, b); err != nil {
			return err
		}
		n, err := tx.CountBrandings(p.ID)
		if err == nil && n > pool.MaxBrandings {
			return fault.Newf(fault.LimitExceeded, "A user pool can have at most %d managed login brandings.", pool.MaxBrandings)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateManagedLoginBrandingOutput{ManagedLoginBranding: &b.Settings}, nil
}
