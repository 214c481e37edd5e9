package userpools

import (
	"context"
	"errors"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxLinkAttributes is how many attributes the accounts of one provider can be linked by, as the service documents it.
const maxLinkAttributes = 5

// maxLinkValue is the longest value of an attribute, in bytes.
const maxLinkValue = 2048

// AdminLinkProviderForUser links an account at an identity provider, which has not signed in yet, to a user. Who signs in with the account
// is that user from then on.
func (s *Service) AdminLinkProviderForUser(
	ctx context.Context, in *wire.AdminLinkProviderForUserInput,
) (*wire.AdminLinkProviderForUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := checkAccount("SourceUser", in.SourceUser); err != nil {
		return nil, err
	}
	if isCognito(in.SourceUser.ProviderName) {
		return nil, fault.New(fault.InvalidParameter, "Invalid SourceUser: Cognito users with a username/password may not be passed in as a "+
			"SourceUser, only as a DestinationUser")
	}
	if in.DestinationUser.ProviderAttributeValue == "" {
		return nil, fault.New(fault.InvalidParameter, "DestinationUser.ProviderAttributeValue is required.")
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		source, err := s.sourceOfLink(tx, p, in.SourceUser)
		if err != nil {
			return err
		}
		u, err := userOfAccount(tx, p, in.DestinationUser)
		if err != nil {
			return err
		}
		if err := u.Link(p, source, s.Now()); err != nil {
			return err
		}
		return takenByOther(tx.SaveUser(p, u))
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminLinkProviderForUserOutput{}, nil
}

// sourceOfLink returns the account that a request wants to link. It must be one of a provider of the pool, named by what the provider can
// be asked for, and must not have signed in.
func (s *Service) sourceOfLink(tx *store.Tx, p *pool.Pool, account *wire.ProviderUserIdentifierType) (user.Identity, error) {
	v, err := tx.Provider(p, account.ProviderName)
	if err != nil {
		return user.Identity{}, err
	}
	source := user.Identity{
		Provider: v.Name, Type: v.Settings.ProviderType,
		Attribute: account.ProviderAttributeName, Value: account.ProviderAttributeValue, Created: wire.At(s.Now()).Time,
	}
	if !v.Links(source.Attribute) {
		return source, fault.Newf(fault.InvalidParameter, "Invalid SourceUser: accounts of provider %s can not be linked by %s.", v.Name, source.Attribute)
	}
	known, err := tx.LinkedAttributes(p.ID, v.Name, maxLinkAttributes+1)
	if err != nil {
		return source, err
	}
	if len(known) >= maxLinkAttributes && !slices.Contains(known, source.Attribute) {
		return source, fault.Newf(fault.LimitExceeded, "Accounts of a provider can be linked by at most %d attributes.", maxLinkAttributes)
	}
	holder, err := tx.UserByIdentity(p, source.Provider, source.Attribute, source.Value)
	if fault.Is(err, fault.UserNotFound) {
		return source, nil
	}
	if err == nil && slices.ContainsFunc(holder.Identities, func(i user.Identity) bool { return i.Primary && i.Same(source) }) {
		return source, fault.New(fault.InvalidParameter,
			"Merging is not currently supported, provide a SourceUser that has not been signed up in order to link")
	}
	return source, err
}

// takenByOther answers an account that is linked to another user.
func takenByOther(err error) error {
	if _, ok := errors.AsType[*store.IdentityTaken](err); ok {
		return fault.New(fault.AliasExists, "SourceUser is already linked to another user.")
	}
	return err
}

// userOfAccount returns the user whom a provider and a value name: a username for the pool itself, the subject for an identity provider.
func userOfAccount(tx *store.Tx, p *pool.Pool, account *wire.ProviderUserIdentifierType) (*user.User, error) {
	if account.ProviderName == "" || isCognito(account.ProviderName) {
		return tx.UserByName(p, account.ProviderAttributeValue)
	}
	return tx.UserByIdentity(p, account.ProviderName, pool.SubjectAttribute, account.ProviderAttributeValue)
}
