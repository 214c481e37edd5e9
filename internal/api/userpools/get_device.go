package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/signin"
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
