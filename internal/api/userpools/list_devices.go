package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxDevices is the size of a page of devices when the caller names none, and the largest that can be asked for.
const maxDevices = 60

// ListDevices shows the devices of the signed-in user, a page at a time.
func (s *Service) ListDevices(ctx context.Context, in *wire.ListDevicesInput) (*wire.ListDevicesOutput, error) {
	by, err := s.deviceCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	devices, next, err := s.devicePage(ctx, by.Pool, by.User, in.Limit, in.PaginationToken)
	if err != nil {
		return nil, err
	}
	out := &wire.ListDevicesOutput{Devices: []wire.DeviceType{}, PaginationToken: next}
	for _, d := range devices {
		out.Devices = append(out.Devices, showDevice(d))
	}
	return out, nil
}

// devicePage returns a page of a user's devices and the token of the next one.
func (s *Service) devicePage(ctx context.Context, p *pool.Pool, u *user.User, limit *int64, token string) ([]*user.Device, string, error) {
	scope := []string{"ListDevices", p.ID, u.ID}
	cursor, err := s.readPageToken(token, scope, 1)
	if err != nil {
		return nil, "", err
	}
	size := pageSize(limit, maxDevices)
	var devices []*user.Device
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		devices, err = tx.Devices(p, u.ID, cursor[0], size+1)
		return err
	})
	if err != nil || len(devices) <= size {
		return devices, "", err
	}
	devices = devices[:size]
	next, err := s.pageToken(scope, devices[size-1].Key)
	return devices, next, err
}
