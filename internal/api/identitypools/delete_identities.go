package identitypools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteIdentities removes identities. One that does not exist is no error; all are removed, or none.
func (s *Service) DeleteIdentities(ctx context.Context, in *wire.DeleteIdentitiesInput) (*wire.DeleteIdentitiesOutput, error) {
	var own []string // without those of other accounts, and those that are gone
	for _, id := range in.IdentityIdsToDelete {
		switch _, err := s.identity(ctx, id); {
		case err == nil:
			own = append(own, id)
		case !fault.Is(err, fault.ResourceNotFound):
			return nil, err
		}
	}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		for _, id := range own {
			if err := tx.DeleteIdentity(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteIdentitiesOutput{UnprocessedIdentityIds: []wire.UnprocessedIdentityId{}}, nil
}
