package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UnlinkDeveloperIdentity removes a developer's user from an identity.
func (s *Service) UnlinkDeveloperIdentity(ctx context.Context, in *wire.UnlinkDeveloperIdentityInput) (*wire.UnlinkDeveloperIdentityOutput, error) {
	link := identity.Link{Provider: in.DeveloperProviderName, Subject: in.DeveloperUserIdentifier}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.IdentityPool(in.IdentityPoolId)
		if err != nil {
			return err
		}
		if in.DeveloperProviderName != p.Settings.Pool.DeveloperProviderName {
			return errNoDeveloper
		}
		i, err := tx.Identity(in.IdentityId)
		if err != nil {
			return err
		}
		if i.PoolID != p.ID {
			return identity.NotFound(in.IdentityId)
		}
		holder, err := tx.LinkHolder(p.ID, link)
		if err != nil {
			return err
		}
		if holder != i.ID {
			return fault.New(fault.ResourceNotFound, "Developer user identifier not found.")
		}
		return s.unlink(tx, i, link)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UnlinkDeveloperIdentityOutput{}, nil
}
