package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// MergeDeveloperIdentities moves the logins of one developer's user to the identity of another one, and disables the identity that is left.
func (s *Service) MergeDeveloperIdentities(ctx context.Context, in *wire.MergeDeveloperIdentitiesInput) (*wire.MergeDeveloperIdentitiesOutput, error) {
	p, err := s.pool(ctx, in.IdentityPoolId)
	if err != nil {
		return nil, err
	}
	if in.DeveloperProviderName != p.Settings.Pool.DeveloperProviderName {
		return nil, errNoDeveloper
	}
	var into string
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		var found [2]*identity.Identity
		for n, subject := range []string{in.SourceUserIdentifier, in.DestinationUserIdentifier} {
			holder, err := tx.LinkHolder(p.ID, identity.Link{Provider: in.DeveloperProviderName, Subject: subject})
			if err != nil {
				return err
			}
			if holder == "" {
				return fault.New(fault.ResourceNotFound, "Developer user identifier not found.")
			}
			if found[n], err = tx.Identity(holder); err != nil {
				return err
			}
		}
		into = found[1].ID
		if found[0].ID == into {
			return nil
		}
		return s.merge(tx, p, found[1], found[0])
	})
	if err != nil {
		return nil, err
	}
	return &wire.MergeDeveloperIdentitiesOutput{IdentityId: into}, nil
}
