package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// CreateUserPoolDomain gives a user pool a domain for its pages: a prefix, or with CustomDomainConfig a name of its own. It is active at
// once.
func (s *Service) CreateUserPoolDomain(
	ctx context.Context, in *wire.CreateUserPoolDomainInput,
) (*wire.CreateUserPoolDomainOutput, error) {
	var d *pool.Domain
	err := s.changePool(ctx, in.UserPoolId, func(tx *store.Tx, p *pool.Pool) (err error) {
		if d, err = pool.NewDomain(p, in, p.AccountID(), s.host(), s.Now()); err != nil {
			return err
		}
		if err := p.AddDomain(d); err != nil {
			return err
		}
		return tx.InsertDomain(d)
	})
	if err != nil {
		return nil, err
	}
	return &wire.CreateUserPoolDomainOutput{
		ManagedLoginVersion: d.Settings.ManagedLoginVersion, CloudFrontDomain: showAlias(d), Routing: d.Settings.Routing,
	}, nil
}
