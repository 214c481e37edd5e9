package userpools

import (
	"context"
	"fmt"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
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

// trackingPool returns the pool for an operation on devices, which only pools have that track them.
func (s *Service) trackingPool(ctx context.Context, id string) (*pool.Pool, error) {
	p, err := s.Store.Pool(ctx, id)
	if err != nil {
		return nil, err
	}
	return p, user.CheckTracking(p)
}

// noUserAsNoResource words the absence of a user for operations that do not declare UserNotFoundException.
func noUserAsNoResource(err error) error {
	if fault.Is(err, fault.UserNotFound) {
		return fault.New(fault.ResourceNotFound, user.NotFound().Message)
	}
	return err
}

// showDeviceToAdmin shows a device with the attributes that only administrators see.
func (s *Service) showDeviceToAdmin(p *pool.Pool, u *user.User, d *user.Device) wire.DeviceType {
	status := "not_remembered"
	if d.Remembered {
		status = "remembered"
	}
	owner := u.Username + "." + p.ID
	shown := showDevice(d)
	shown.DeviceAttributes = append(shown.DeviceAttributes,
		wire.AttributeType{
			Name:  "dev:device_arn",
			Value: fmt.Sprintf("arn:aws:cognito-idp:%s:%s:owner/%s/device/%s", p.Region(), p.AccountID(), owner, d.Key),
		},
		wire.AttributeType{Name: "dev:device_owner", Value: owner},
		wire.AttributeType{Name: "dev:device_remembered_status", Value: status})
	return shown
}
