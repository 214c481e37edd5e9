package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// errDeviceKey is the answer for a device key that was never issued to the user (observed many times), and for one whose device was
// forgotten. Any access token of the user confirms it: clients keep the key of one sign-in and confirm it after another.
var errDeviceKey = fault.New(fault.InvalidParameter, "Invalid device key given.")

// ConfirmDevice stores the device of the sign-in, with the verifier of a password that the device made up. It tells whether the device
// is remembered only when the user says so.
func (s *Service) ConfirmDevice(ctx context.Context, in *wire.ConfirmDeviceInput) (*wire.ConfirmDeviceOutput, error) {
	by, err := s.caller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := user.CheckTracking(by.Pool); err != nil {
		return nil, err
	}
	if in.DeviceKey != by.Token.DeviceKey && !user.IssuedDeviceKey(by.Pool, by.User.ID, in.DeviceKey) {
		return nil, errDeviceKey
	}
	if in.DeviceSecretVerifierConfig == nil {
		return nil, fault.New(fault.InvalidParameter, "Missing required parameter DeviceSecretVerifierConfig")
	}
	v, err := credential.ParseDeviceVerifier(in.DeviceSecretVerifierConfig.Salt, in.DeviceSecretVerifierConfig.PasswordVerifier)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "Invalid device secret verifier given.").Because(err)
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		forgotten, err := tx.DeviceForgotten(by.Pool, in.DeviceKey)
		if err != nil {
			return err
		}
		if forgotten {
			return errDeviceKey
		}
		d := user.NewDevice(by.Pool, u, in.DeviceKey, in.DeviceName, v, caller.From(ctx).SourceIP, s.Now())
		inserted, err := tx.InsertDevice(by.Pool, d)
		if err == nil && !inserted {
			return fault.New(fault.DeviceKeyExists, "Device already exists.")
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &wire.ConfirmDeviceOutput{UserConfirmationNecessary: wire.Ptr(by.Pool.AsksToRemember())}, nil
}
