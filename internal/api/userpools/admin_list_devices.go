package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminListDevices shows the devices of a user, a page at a time.
func (s *Service) AdminListDevices(ctx context.Context, in *wire.AdminListDevicesInput) (*wire.AdminListDevicesOutput, error) {
	p, err := s.trackingPool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	var u *user.User
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, in.Username)
		return noUserAsNoResource(err)
	})
	if err != nil {
		return nil, err
	}
	devices, next, err := s.devicePage(ctx, p, u, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &wire.AdminListDevicesOutput{Devices: []wire.DeviceType{}, PaginationToken: next}
	for _, d := range devices {
		out.Devices = append(out.Devices, s.showDeviceToAdmin(p, u, d))
	}
	return out, nil
}
