package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateUserPoolDomain changes the version of a domain's pages, or the certificate and the routing of a custom one. What is left out stays
// as it is.
func (s *Service) UpdateUserPoolDomain(
	ctx context.Context, in *wire.UpdateUserPoolDomainInput,
) (*wire.UpdateUserPoolDomainOutput, error) {
	var d *pool.Domain
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		p, err := tx.Pool(in.UserPoolId)
		if err != nil {
			return err
		}
		if d, err = poolDomain(tx, p, in.Domain); err != nil {
			return err
		}
		if err := d.Update(p, in); err != nil {
			return err
		}
		return tx.SaveDomain(d)
	})
	if err != nil {
		return nil, err
	}
	return &wire.UpdateUserPoolDomainOutput{
		ManagedLoginVersion: d.Settings.ManagedLoginVersion, CloudFrontDomain: showAlias(d), Routing: d.Settings.Routing,
	}, nil
}
