package userpools

import (
	"context"

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
