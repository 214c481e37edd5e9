package pool

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// standardScopes exist in every pool.
var standardScopes = []string{"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"}

// StandardScope reports whether a scope is one that every pool has, and none of a resource server.
func StandardScope(scope string) bool { return slices.Contains(standardScopes, scope) }

// Offers are what the pool has, of what a client's settings name: scopes of its resource servers and identity providers. The standard
// scopes and the provider COGNITO need not be among them.
type Offers struct {
	Scopes    []string
	Providers []string
}

func (o Offers) hasScope(scope string) bool {
	return StandardScope(scope) || slices.Contains(o.Scopes, scope)
}

// hasProvider compares names exactly: they are case sensitive.
func (o Offers) hasProvider(name string) bool {
	return name == "COGNITO" || slices.Contains(o.Providers, name)
}

// checkOAuth refuses contradictions in what concerns the pages and the OAuth endpoints. The texts about flows and providers have
// been observed; those about scopes and addresses are ours.
func checkOAuth(p *Pool, offers Offers, s *wire.UserPoolClientType, confidential bool) error {
	flows := s.AllowedOAuthFlows
	machine := slices.Contains(flows, "client_credentials")
	person := slices.Contains(flows, "code") || slices.Contains(flows, "implicit")
	switch {
	case wire.Value(s.AllowedOAuthFlowsUserPoolClient, false) && (len(flows) == 0 || len(s.AllowedOAuthScopes) == 0):
		return fault.New(fault.InvalidParameter,
			"AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.")
	case machine && person:
		return fault.New(fault.InvalidOAuthFlow, "client_credentials flow can not be selected along with code flow or implicit flow.")
	case machine && !confidential:
		return fault.New(fault.InvalidOAuthFlow, "client_credentials flow can not be selected if client does not have a client secret.")
	case person && len(s.CallbackURLs) == 0:
		return fault.New(fault.InvalidOAuthFlow, "CallbackUrls can not be empty when code flow or implicit flow is selected")
	}
	if i := slices.IndexFunc(s.AllowedOAuthScopes, StandardScope); machine && i >= 0 {
		return fault.Newf(fault.InvalidOAuthFlow, "%s is not supported with client_credentials flow", s.AllowedOAuthScopes[i]) // observed
	}
	if s.ClientType == clientRegistered && slices.Contains(s.AllowedOAuthScopes, RegistrationScope) { // documented, the text is ours
		return fault.Newf(fault.InvalidParameter, "A dynamically registered client can not have the scope %s.", RegistrationScope)
	}
	for _, name := range s.SupportedIdentityProviders {
		if !offers.hasProvider(name) {
			return fault.Newf(fault.InvalidParameter, "The provider %s does not exist for User Pool %s.", name, p.ID)
		}
	}
	for _, scope := range s.AllowedOAuthScopes {
		if !offers.hasScope(scope) {
			return fault.Newf(fault.ScopeDoesNotExist, "Invalid scope requested: %s", scope)
		}
	}
	for _, list := range [][]string{s.CallbackURLs, s.LogoutURLs} {
		for _, address := range list {
			if flaw := RedirectFlaw(address); flaw != "" {
				return fault.New(fault.InvalidParameter, address+" "+flaw)
			}
		}
	}
	if s.DefaultRedirectURI != "" && !slices.Contains(s.CallbackURLs, s.DefaultRedirectURI) {
		return fault.Newf(fault.InvalidParameter, "The default redirect URI %s is not in the callback URIs list.", s.DefaultRedirectURI) // observed
	}
	return nil
}

// scheme is the grammar of RFC 3986, section 3.1, and the underscore that some apps have in theirs.
var scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.\-_]*:`)

// RedirectFlaw says why a browser must not be sent to the address, or "". Addresses of apps (myapp://signed-in) are good; those
// that a browser would run as a script instead of opening are not.
func RedirectFlaw(address string) string {
	name := strings.ToLower(strings.TrimSuffix(scheme.FindString(address), ":"))
	switch name {
	case "":
		return "is not an absolute URI."
	case "javascript", "data", "vbscript", "blob", "file", "about":
		return "has a scheme that is not allowed."
	}
	if strings.Contains(address, "#") {
		return "must not have a fragment."
	}
	if name != "http" && name != "https" {
		return ""
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "":
		return "is not an absolute URI."
	case name == "http" && !slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, u.Hostname()):
		return "cannot use the HTTP protocol."
	}
	return ""
}
