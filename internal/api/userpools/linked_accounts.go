package userpools

import (
	"strings"

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
