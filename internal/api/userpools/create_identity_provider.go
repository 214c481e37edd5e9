package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateIdentityProvider makes an identity provider of others known to a user pool. What its details leave out is found out at the
// provider, which therefore has to be reachable.
func (s *Service) CreateIdentityProvider(
	ctx context.Context, in *wire.CreateIdentityProviderInput,
) (*wire.CreateIdentityProviderOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if name := pool.ProviderExtension(in.ProviderDetails); name != "" && !s.ProviderExtensions {
		return nil, pool.UnknownDetail(name, in.ProviderType)
	}
	v, err := pool.NewProvider(p, in, s.Now())
	if err != nil {
		return nil, err
	}
	if err := s.completeProvider(ctx, p, v); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if err := tx.InsertProvider(p, v); err != nil {
			return err
		}
		return withinQuota(tx.CountProviders, p.ID, pool.MaxProviders, "identity providers")
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateIdentityProviderOutput{IdentityProvider: echoProvider(v, in.IdpIdentifiers)}, nil
}
