package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminDisableProviderForUser keeps an account at an identity provider from signing in as the user it is linked to; with the provider
// Cognito, it takes the password from a user of the pool itself.
func (s *Service) AdminDisableProviderForUser(
	ctx context.Context, in *wire.AdminDisableProviderForUserInput,
) (*wire.AdminDisableProviderForUserOutput, error) {
	p, err := s.Store.Pool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := checkAccount("User", in.User); err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if isCognito(in.User.ProviderName) {
			return s.disablePassword(tx, p, in.User.ProviderAttributeValue)
		}
		return s.unlink(tx, p, user.Identity{
			Provider: in.User.ProviderName, Attribute: in.User.ProviderAttributeName, Value: in.User.ProviderAttributeValue,
		})
	})
	if err != nil {
		return nil, err
	}
	return &wire.AdminDisableProviderForUserOutput{}, nil
}

func (s *Service) disablePassword(tx *store.Tx, p *pool.Pool, name string) error {
	u, err := tx.UserByName(p, name)
	if err != nil {
		return err
	}
	u.DisablePassword(s.Now())
	return tx.SaveUser(p, u)
}

// unlink removes an account from its user. A provider that has been deleted may have left accounts, so it is asked for only when there is
// no such account.
func (s *Service) unlink(tx *store.Tx, p *pool.Pool, account user.Identity) error {
	u, err := tx.UserByIdentity(p, account.Provider, account.Attribute, account.Value)
	if err != nil {
		if _, missing := tx.Provider(p, account.Provider); missing != nil {
			return missing
		}
		return err
	}
	u.Unlink(account, s.Now())
	return tx.SaveUser(p, u)
}
