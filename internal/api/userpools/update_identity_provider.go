package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateIdentityProvider changes an identity provider. What is left out stays as it is; an empty map or list is none. Details that are
// given replace all details, and what they leave out is found out at the provider again.
func (s *Service) UpdateIdentityProvider(
	ctx context.Context, in *wire.UpdateIdentityProviderInput,
) (*wire.UpdateIdentityProviderOutput, error) {
	completed, err := s.completeUpdate(ctx, in)
	if err != nil {
		return nil, updating(err, in)
	}
	out := &wire.UpdateIdentityProviderOutput{}
	err = s.changeProvider(ctx, in.UserPoolId, in.ProviderName, func(p *pool.Pool, v *pool.Provider) error {
		if err := v.Update(p, in, s.Now()); err != nil {
			return err
		}
		if completed != nil {
			v.Settings.ProviderDetails, v.Metadata, v.Fetched = completed.Settings.ProviderDetails, completed.Metadata, completed.Fetched
		}
		out.IdentityProvider = echoProvider(v, in.IdpIdentifiers)
		return nil
	})
	if err != nil {
		return nil, updating(err, in)
	}
	return out, nil
}

// completeUpdate returns the provider with the details of the request, completed; nil when the request has none.
func (s *Service) completeUpdate(ctx context.Context, in *wire.UpdateIdentityProviderInput) (*pool.Provider, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil || in.ProviderDetails == nil {
		return nil, err
	}
	var v *pool.Provider
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		v, err = tx.Provider(p, in.ProviderName)
		return err
	})
	if err != nil {
		return nil, err
	}
	if name := pool.ProviderExtension(in.ProviderDetails); name != "" && !s.ProviderExtensions {
		return nil, pool.UnknownDetail(name, v.Settings.ProviderType)
	}
	if err := v.Update(p, in, s.Now()); err != nil {
		return nil, err
	}
	return v, s.completeProvider(ctx, p, v)
}

// updating answers a provider that does not exist in the words that the service has for this operation alone (observed).
func updating(err error, in *wire.UpdateIdentityProviderInput) error {
	if missing := pool.ProviderNotFound(in.UserPoolId, in.ProviderName); fault.Is(err, missing.Code) && err.Error() == missing.Error() {
		return fault.Newf(fault.ResourceNotFound, "Identity provider %s in User Pool %s does not exist.", in.ProviderName, in.UserPoolId)
	}
	return err
}
