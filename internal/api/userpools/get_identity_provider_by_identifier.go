package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetIdentityProviderByIdentifier shows the identity provider that has one of its other names, such as the domain of its users' addresses.
func (s *Service) GetIdentityProviderByIdentifier(
	ctx context.Context, in *wire.GetIdentityProviderByIdentifierInput,
) (*wire.GetIdentityProviderByIdentifierOutput, error) {
	out := &wire.GetIdentityProviderByIdentifierOutput{}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		v, err := tx.ProviderByIdentifier(p, in.IdpIdentifier)
		if err != nil {
			return err
		}
		out.IdentityProvider = showProvider(v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
