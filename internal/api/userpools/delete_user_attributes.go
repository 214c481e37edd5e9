package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// DeleteUserAttributes deletes attributes of the signed-in user, as far as the client may write them.
func (s *Service) DeleteUserAttributes(ctx context.Context, in *wire.DeleteUserAttributesInput) (*wire.DeleteUserAttributesOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	for _, name := range in.UserAttributeNames {
		if by.Pool.Attribute(name) != nil && !by.Client.CanWrite(name) {
			return nil, user.UnauthorizedAttribute()
		}
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		if err := u.DeleteAttributes(by.Pool, in.UserAttributeNames, s.Now()); err != nil {
			return err
		}
		return tx.SaveUser(by.Pool, u)
	})
	if err != nil {
		return nil, err
	}
	return &wire.DeleteUserAttributesOutput{}, nil
}
