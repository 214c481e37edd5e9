package userpools

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// isCognito reports whether a provider's name means the pool itself. The operations of links spell it Cognito, clients COGNITO.
func isCognito(name string) bool { return strings.EqualFold(name, pool.CognitoProvider) }

// checkAccount refuses a description of an account that leaves something out.
func checkAccount(member string, account *wire.ProviderUserIdentifierType) error {
	for name, value := range map[string]string{
		"ProviderName": account.ProviderName, "ProviderAttributeValue": account.ProviderAttributeValue,
	} {
		if value == "" {
			return fault.Newf(fault.InvalidParameter, "%s.%s is required.", member, name)
		}
	}
	if account.ProviderAttributeName == "" && !isCognito(account.ProviderName) {
		return fault.Newf(fault.InvalidParameter, "%s.ProviderAttributeName is required.", member)
	}
	if len(account.ProviderAttributeValue) > maxLinkValue {
		return fault.Newf(fault.InvalidParameter, "%s.ProviderAttributeValue is longer than %d bytes.", member, maxLinkValue)
	}
	return nil
}

// checkAccount answers pool.NotFound for a pool of another account than the caller's, and nothing for one that does not exist: that is
// for the operation to tell.
func (s *Service) checkAccount(ctx context.Context, poolID string) error {
	account := caller.From(ctx).AccountID
	if account == "" || poolID == "" {
		return nil
	}
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return unlessGone(err)
	}
	if p.AccountID() != account {
		return pool.NotFound(poolID)
	}
	return nil
}
