package client

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// ErrNoDevice means that the storage knows no device of the user.
var ErrNoDevice = errors.New("this device is not remembered")

// Device is a device that a user has signed in with.
type Device struct {
	Key               string
	Attributes        []Attribute // device_name, device_status, last_ip_used and others
	Created           time.Time
	LastModified      time.Time
	LastAuthenticated time.Time
}

// DevicePage is a part of the devices of a user.
type DevicePage struct {
	Devices   []Device
	NextToken string // for the next page; "" on the last
}

// ListDevices returns devices of the signed-in user: at most limit, or as many as the service likes for 0; from the token of the page before, or "".
func (u *User) ListDevices(ctx context.Context, limit int32, nextToken string) (*DevicePage, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	in := &idp.ListDevicesInput{AccessToken: token, PaginationToken: optional(nextToken)}
	if limit != 0 {
		in.Limit = &limit
	}
	out, err := call(ctx, "ListDevices", u.pool.sdk.ListDevices, in)
	if err != nil {
		return nil, err
	}
	page := &DevicePage{NextToken: aws.ToString(out.PaginationToken)}
	for i := range out.Devices {
		page.Devices = append(page.Devices, fromSDKDevice(&out.Devices[i]))
	}
	return page, nil
}

func fromSDKDevice(d *types.DeviceType) Device {
	return Device{
		Key: aws.ToString(d.DeviceKey), Attributes: fromSDKAttributes(d.DeviceAttributes), Created: aws.ToTime(d.DeviceCreateDate),
		LastModified: aws.ToTime(d.DeviceLastModifiedDate), LastAuthenticated: aws.ToTime(d.DeviceLastAuthenticatedDate),
	}
}

// DeviceKey returns the key of this device, or "" when it is not remembered.
func (u *User) DeviceKey(ctx context.Context) (string, error) {
	d, err := u.loadDevice(ctx)
	if d == nil || err != nil {
		return "", err
	}
	return d.key, nil
}

// withThisDevice returns what calls about this device carry.
func (u *User) withThisDevice(ctx context.Context) (token, key *string, err error) {
	if token, err = u.accessToken(ctx); err != nil {
		return nil, nil, err
	}
	d, err := u.loadDevice(ctx)
	if err != nil {
		return nil, nil, err
	}
	if d == nil {
		return nil, nil, ErrNoDevice
	}
	return token, &d.key, nil
}

// Device returns what the service knows about this device. The error is ErrNoDevice when it is not remembered.
func (u *User) Device(ctx context.Context) (*Device, error) {
	token, key, err := u.withThisDevice(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "GetDevice", u.pool.sdk.GetDevice, &idp.GetDeviceInput{AccessToken: token, DeviceKey: key})
	if err != nil {
		return nil, err
	}
	if out.Device == nil {
		return nil, ErrProtocol
	}
	return new(fromSDKDevice(out.Device)), nil
}

// RememberDevice lets this device stand in for a second factor, where the pool asks users.
func (u *User) RememberDevice(ctx context.Context) error {
	return u.setDeviceStatus(ctx, types.DeviceRememberedStatusTypeRemembered)
}

// DoNotRememberDevice undoes RememberDevice.
func (u *User) DoNotRememberDevice(ctx context.Context) error {
	return u.setDeviceStatus(ctx, types.DeviceRememberedStatusTypeNotRemembered)
}

func (u *User) setDeviceStatus(ctx context.Context, status types.DeviceRememberedStatusType) error {
	token, key, err := u.withThisDevice(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, "UpdateDeviceStatus", u.pool.sdk.UpdateDeviceStatus, &idp.UpdateDeviceStatusInput{
		AccessToken: token, DeviceKey: key, DeviceRememberedStatus: status,
	})
	return err
}

// ForgetDevice makes the service and the storage forget this device.
func (u *User) ForgetDevice(ctx context.Context) error {
	_, key, err := u.withThisDevice(ctx)
	if err != nil {
		return err
	}
	return u.ForgetSpecificDevice(ctx, *key)
}

// ForgetSpecificDevice makes the service forget a device, and the storage too if it is this one.
func (u *User) ForgetSpecificDevice(ctx context.Context, key string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	if _, err := call(ctx, "ForgetDevice", u.pool.sdk.ForgetDevice, &idp.ForgetDeviceInput{AccessToken: token, DeviceKey: &key}); err != nil {
		return err
	}
	if d, err := u.loadDevice(ctx); err != nil || d == nil || d.key != key {
		return err
	}
	return u.forgetDeviceSecret(ctx)
}
