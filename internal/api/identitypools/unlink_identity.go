package identitypools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UnlinkIdentity removes logins from an identity. One without logins is out of reach; a removed login is somebody new the next time.
func (s *Service) UnlinkIdentity(ctx context.Context, in *wire.UnlinkIdentityInput) (*wire.UnlinkIdentityOutput, error) {
	p, named, err := s.named(ctx, in.IdentityId)
	if err != nil {
		return nil, err
	}
	i, _, err := s.present(ctx, "UnlinkIdentity", p, named, in.Logins)
	if err != nil {
		return nil, err
	}
	var remove []string
	for _, key := range in.LoginsToRemove {
		remove = append(remove, s.providerOf(key))
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		held, err := tx.Identity(i.ID)
		if err != nil {
			return err
		}
		return s.unlink(tx, held, slices.DeleteFunc(slices.Clone(held.Logins), func(l identity.Link) bool {
			return !slices.Contains(remove, l.Provider)
		})...)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UnlinkIdentityOutput{}, nil
}
