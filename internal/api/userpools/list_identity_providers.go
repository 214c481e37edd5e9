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
	providers, next, err := poolPage(ctx, s, in.UserPoolId, in.NextToken, scope, pageSize(in.MaxResults, maxProviders),
		(*store.Tx).Providers, func(v *pool.Provider) string { return v.Name })
	if err != nil {
		return nil, err
	}
	out := &wire.ListIdentityProvidersOutput{NextToken: next, Providers: []wire.ProviderDescription{}}
	for _, v := range providers {
		out.Providers = append(out.Providers, wire.ProviderDescription{
			ProviderName: v.Name, ProviderType: v.Settings.ProviderType,
			LastModifiedDate: v.Settings.LastModifiedDate, CreationDate: v.Settings.CreationDate,
		})
	}
	return out, nil
}
