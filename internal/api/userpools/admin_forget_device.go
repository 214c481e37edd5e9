package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminForgetDevice removes a device of a user and revokes the refresh tokens that were issued to it.
func (s *Service) AdminForgetDevice(ctx context.Context, in *wire.AdminForgetDeviceInput) (*wire.AdminForgetDeviceOutput, error) {
	p, err := s.trackingPool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		return tx.ForgetDevice(p, u.ID, in.DeviceKey, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminForgetDeviceOutput{}, nil
}
