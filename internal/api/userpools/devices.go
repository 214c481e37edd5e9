package userpools

import (
	"context"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// rememberDevice saves the status of a device; without a status, it stays as it is.
func rememberDevice(tx *store.Tx, p *pool.Pool, u *user.User, key, status string, now time.Time) error {
	d, err := tx.Device(p, u.ID, key)
	if err != nil || status == "" {
		return err
	}
	d.Remember(status == "remembered", now)
	return tx.SaveDevice(p, d)
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

// deviceCaller finds out who calls an operation of devices, which only pools have that track them.
func (s *Service) deviceCaller(ctx context.Context, accessToken string) (*signin.Bearer, error) {
	by, err := s.caller(ctx, accessToken)
	if err != nil {
		return nil, err
	}
	return by, user.CheckTracking(by.Pool)
}

// showDevice shows a device as its user sees it; administrators see more (showDeviceToAdmin).
func showDevice(d *user.Device) wire.DeviceType {
	attributes := []wire.AttributeType{{Name: "device_status", Value: "valid"}}
	if d.Name != "" {
		attributes = append(attributes, wire.AttributeType{Name: "device_name", Value: d.Name})
	}
	if d.LastIP != "" {
		attributes = append(attributes, wire.AttributeType{Name: "last_ip_used", Value: d.LastIP})
	}
	return wire.DeviceType{
		DeviceKey: d.Key, DeviceAttributes: attributes, DeviceCreateDate: wire.At(d.Created),
		DeviceLastModifiedDate: wire.At(d.Modified), DeviceLastAuthenticatedDate: wire.At(d.Authenticated),
	}
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
