package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminUpdateDeviceStatus changes whether a device of a user is remembered.
func (s *Service) AdminUpdateDeviceStatus(
	ctx context.Context, in *wire.AdminUpdateDeviceStatusInput,
) (*wire.AdminUpdateDeviceStatusOutput, error) {
	p, err := s.trackingPool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(p, in.Username)
		if err != nil {
			return err
		}
		return rememberDevice(tx, p, u, in.DeviceKey, in.DeviceRememberedStatus, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminUpdateDeviceStatusOutput{}, nil
}
