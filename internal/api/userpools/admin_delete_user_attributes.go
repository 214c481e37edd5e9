package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminDeleteUserAttributes deletes attributes of a user.
func (s *Service) AdminDeleteUserAttributes(ctx context.Context, in *wire.AdminDeleteUserAttributesInput) (*wire.AdminDeleteUserAttributesOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		if err := u.DeleteAttributes(p, in.UserAttributeNames, s.Now()); err != nil {
			return err
		}
		return tx.SaveUser(p, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminDeleteUserAttributesOutput{}, nil
}
