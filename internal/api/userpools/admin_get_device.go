package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminGetDevice shows a device of a user.
func (s *Service) AdminGetDevice(ctx context.Context, in *wire.AdminGetDeviceInput) (*wire.AdminGetDeviceOutput, error) {
	p, err := s.trackingPool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	var d *user.Device
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if u, err = tx.UserByName(p, in.Username); err != nil {
			return noUserAsNoResource(err)
		}
		d, err = tx.Device(p, u.ID, in.DeviceKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminGetDeviceOutput{Device: wire.Ptr(s.showDeviceToAdmin(p, u, d))}, nil
}
