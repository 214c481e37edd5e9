package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// passkeyCaller finds out who calls a registration of passkeys, which only pools have where a passkey signs in.
func (s *Service) passkeyCaller(ctx context.Context, accessToken string) (*signin.Bearer, error) {
	by, err := s.caller(ctx, accessToken)
	if err != nil {
		return nil, err
	}
	if !by.Pool.AllowsFirstFactor(pool.Passkey) {
		return nil, fault.New(fault.WebAuthnNotEnabled, "WebAuthn is not enabled for the user pool.")
	}
	return by, nil
}
