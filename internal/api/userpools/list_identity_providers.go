package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxProviders is the size of a page of identity providers when the caller names none, and the largest that can be asked for.
const maxProviders = 60

// ListIdentityProviders shows the identity providers of a user pool, a page at a time, without their details.
func (s *Service) ListIdentityProviders(
	ctx context.Context, in *wire.ListIdentityProvidersInput,
) (*wire.ListIdentityProvidersOutput, error) {
	scope := []string{"ListIdentityProviders", in.UserPoolId}
	limit := pageSize(in.MaxResults, maxProviders)
	var providers []*pool.Provider
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		cursor, err := s.readPageToken(in.NextToken, scope, 1)
		if err != nil {
			return err
		}
		providers, err = tx.Providers(p, cursor[0], limit+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &wire.ListIdentityProvidersOutput{Providers: []wire.ProviderDescription{}}
	if len(providers) > limit {
		providers = providers[:limit]
		if out.NextToken, err = s.pageToken(scope, providers[limit-1].Name); err != nil {
			return nil, err
		}
	}
	for _, v := range providers {
		out.Providers = append(out.Providers, wire.ProviderDescription{
			ProviderName: v.Name, ProviderType: v.Settings.ProviderType,
			LastModifiedDate: v.Settings.LastModifiedDate, CreationDate: v.Settings.CreationDate,
		})
	}
	return out, nil
}
