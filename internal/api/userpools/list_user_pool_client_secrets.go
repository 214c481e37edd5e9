package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// ListUserPoolClientSecrets shows the secrets of an app client without their values. There are at most two, so all come at once.
func (s *Service) ListUserPoolClientSecrets(
	ctx context.Context, in *wire.ListUserPoolClientSecretsInput,
) (*wire.ListUserPoolClientSecretsOutput, error) {
	if in.NextToken != "" {
		return nil, errPage // no answer of this operation has one
	}
	out := &wire.ListUserPoolClientSecretsOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		c, err := tx.Client(p, in.ClientId)
		if err != nil {
			return err
		}
		if err := c.CheckSecretOperations(); err != nil {
			return err
		}
		out.ClientSecrets = []wire.ClientSecretDescriptorType{}
		for _, secret := range c.Secrets {
			out.ClientSecrets = append(out.ClientSecrets, showSecret(secret))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
