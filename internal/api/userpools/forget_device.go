package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ForgetDevice removes a device of the signed-in user and revokes the refresh tokens that were issued to it.
func (s *Service) ForgetDevice(ctx context.Context, in *wire.ForgetDeviceInput) (*wire.ForgetDeviceOutput, error) {
	by, err := s.deviceCaller(ctx, in.AccessToken)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := by.Reread(tx)
		if err != nil {
			return err
		}
		return tx.ForgetDevice(by.Pool, u.ID, in.DeviceKey, s.Now())
	})
	if err != nil {
		return nil, err
	}
	return &wire.ForgetDeviceOutput{}, nil
}
