package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// AddUserPoolClientSecret gives an app client a second secret, which works beside the first until one of them is deleted. The value
// is answered once, here, and only when it was generated.
func (s *Service) AddUserPoolClientSecret(
	ctx context.Context, in *wire.AddUserPoolClientSecretInput,
) (*wire.AddUserPoolClientSecretOutput, error) {
	out := &wire.AddUserPoolClientSecretOutput{}
	err := s.changeClient(ctx, in.UserPoolId, in.ClientId, func(_ *store.Tx, _ *pool.Pool, c *pool.Client) error {
		secret, err := c.AddSecret(in.ClientSecret, s.Now())
		if err != nil {
			return err
		}
		shown := showSecret(secret)
		if in.ClientSecret == "" {
			shown.ClientSecretValue = secret.Value
		}
		out.ClientSecretDescriptor = &shown
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
