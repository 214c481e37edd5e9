package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateDeviceStatus changes whether a device of the signed-in user is remembered.
func (s *Service) UpdateDeviceStatus(ctx context.Context, in *wire.UpdateDeviceStatusInput) (*wire.UpdateDeviceStatusOutput, error) {
	by, err := s.deviceCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		return rememberDevice(tx, by.Pool, u, in.DeviceKey, in.DeviceRememberedStatus, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateDeviceStatusOutput{}, nil
}
