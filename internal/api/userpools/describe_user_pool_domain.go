package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// DescribeUserPoolDomain shows a domain of any user pool of the account. A name that is no domain has an empty description.
func (s *Service) DescribeUserPoolDomain(
	ctx context.Context, in *wire.DescribeUserPoolDomainInput,
) (*wire.DescribeUserPoolDomainOutput, error) {
	out := &wire.DescribeUserPoolDomainOutput{DomainDescription: &wire.DomainDescriptionType{}}
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		d, err := tx.Domain(in.Domain)
		if d != nil {
			out.DomainDescription = &d.Settings
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if out.DomainDescription.UserPoolId != "" {
		if err := s.checkAccount(ctx, out.DomainDescription.UserPoolId); err != nil {
			return &wire.DescribeUserPoolDomainOutput{DomainDescription: &wire.DomainDescriptionType{}}, unlessGone(err)
		}
	}
	return out, nil
}
