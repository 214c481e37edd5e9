package client

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client/srp"
)

// device is what a remembered device knows about itself.
type device struct {
	key, groupKey, password string
}

// The keys of a device, behind the prefix of its user.
const (
	keyDevice         = "deviceKey"
	keyDeviceGroup    = "deviceGroupKey"
	keyDevicePassword = "randomPasswordKey"
)

func (d *device) addTo(items map[string]string, prefix string) {
	items[prefix+keyDevice], items[prefix+keyDeviceGroup], items[prefix+keyDevicePassword] = d.key, d.groupKey, d.password
}

// loadDevice returns the stored device of the user, or nil.
func (u *User) loadDevice(ctx context.Context) (*device, error) {
	for _, name := range u.names() {
		prefix := u.keyPrefix(name)
		items, err := u.pool.storage.Get(ctx, prefix+keyDevice, prefix+keyDeviceGroup, prefix+keyDevicePassword)
		if err != nil {
			return nil, err
		}
		if key := items[prefix+keyDevice]; key != "" {
			return &device{key, items[prefix+keyDeviceGroup], items[prefix+keyDevicePassword]}, nil
		}
	}
	return nil, nil
}

// forgetDeviceSecret removes the device from the storage.
func (u *User) forgetDeviceSecret(ctx context.Context) error {
	var keys []string
	for _, name := range u.names() {
		prefix := u.keyPrefix(name)
		keys = append(keys, prefix+keyDevice, prefix+keyDeviceGroup, prefix+keyDevicePassword)
	}
	return u.pool.storage.Remove(ctx, keys...)
}

func (a *attempt) loadDevice(ctx context.Context) (err error) {
	a.device, err = a.user.loadDevice(ctx)
	return err
}

// withDevice sends a request that names the device. If the server has forgotten the device, so does the program, and the request is sent once
// more without it.
func (a *attempt) withDevice(ctx context.Context, parameters map[string]string, send func() error) error {
	if a.device == nil {
		return send()
	}
	parameters["DEVICE_KEY"] = a.device.key
	err := send()
	if e := Code(err); e != "ResourceNotFoundException" || !strings.Contains(strings.ToLower(err.Error()), "device") {
		return err
	}
	a.device = nil
	if err := a.user.forgetDeviceSecret(ctx); err != nil {
		return err
	}
	delete(parameters, "DEVICE_KEY")
	return send()
}

// proveDevice answers DEVICE_SRP_AUTH and the DEVICE_PASSWORD_VERIFIER that follows.
func (a *attempt) proveDevice(ctx context.Context, q *question) (*Result, error) {
	if a.device == nil || a.deviceProved {
		return nil, fmt.Errorf("%w: DEVICE_SRP_AUTH for no device", ErrProtocol)
	}
	a.deviceProved = true
	d, e := a.device, srp.NewEphemeral()
	q, err := a.ask(ctx, q.name, q.session, map[string]string{"SRP_A": e.A()})
	if err != nil {
		return nil, err
	}
	if q.name != "DEVICE_PASSWORD_VERIFIER" || a.device == nil {
		return nil, fmt.Errorf("%w: %q after DEVICE_SRP_AUTH", ErrProtocol, q.name)
	}
	responses, err := prove(e, d.groupKey, d.key, d.password, q, a.user.pool.now())
	if err != nil {
		return nil, err
	}
	return a.respond(ctx, q.name, q.session, responses)
}

// prove makes the responses of PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER.
func prove(e *srp.Ephemeral, scope, id, password string, q *question, now time.Time) (map[string]string, error) {
	p := q.parameters
	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
	if err != nil {
		return nil, fmt.Errorf("%w: SECRET_BLOCK is not base64", ErrProtocol)
	}
	timestamp := srp.FormatTimestamp(now.Add(q.skew))
	claim, err := e.Proof(scope, id, password, p["SALT"], p["SRP_B"], block, timestamp)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return map[string]string{"PASSWORD_CLAIM_SECRET_BLOCK": p["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": claim, "TIMESTAMP": timestamp}, nil
}

// confirmDevice gives a new device its password and tells the server the verifier.
func (u *User) confirmDevice(ctx context.Context, s *Session, m *types.NewDeviceMetadataType) (d *device, ask bool, err error) {
	key, group := aws.ToString(m.DeviceKey), aws.ToString(m.DeviceGroupKey)
	secret := srp.NewDeviceSecret(group, key)
	out, err := call(ctx, "ConfirmDevice", u.pool.sdk.ConfirmDevice, &idp.ConfirmDeviceInput{
		AccessToken: new(s.AccessToken.JWT()), DeviceKey: &key, DeviceName: new(u.pool.config.deviceName()),
		DeviceSecretVerifierConfig: &types.DeviceSecretVerifierConfigType{Salt: &secret.Salt, PasswordVerifier: &secret.Verifier},
	})
	if err != nil {
		return nil, false, err
	}
	return &device{key, group, secret.Password}, out.UserConfirmationNecessary, nil
}
