package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetDevice shows a device of the signed-in user.
func (s *Service) GetDevice(ctx context.Context, in *wire.GetDeviceInput) (*wire.GetDeviceOutput, error) {
	by, err := s.deviceCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	var d *user.Device
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		d, err = tx.Device(by.Pool, by.User.ID, in.DeviceKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.GetDeviceOutput{Device: wire.Ptr(showDevice(d))}, nil
}
