package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// GetIdentityProviderByIdentifier shows the identity provider that has one of its other names, such as the domain of its users' addresses.
func (s *Service) GetIdentityProviderByIdentifier(
	ctx context.Context, in *wire.GetIdentityProviderByIdentifierInput,
) (*wire.GetIdentityProviderByIdentifierOutput, error) {
	shown, err := s.showProvider(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) (*pool.Provider, error) {
		return tx.ProviderByIdentifier(p, in.IdpIdentifier)
	})
	if err != nil {
		return nil, err
	}
	return &wire.GetIdentityProviderByIdentifierOutput{IdentityProvider: shown}, nil
}
