package standin

import (
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
)

// SocialClient is the client id with which a provider of a public type leads here: its addresses are fixed, and lead to the Internet with any
// other.
const SocialClient = "stand-in"

// kind is one type of provider.
type kind struct {
	issuer  string // of its ID tokens; {base} is the provider's address; empty: it has none
	subject string // claim of the user info that says who the person is
}

var kinds = map[string]*kind{
	"oidc":     {issuer: "{base}/oidc", subject: "sub"},
	"google":   {issuer: "https://accounts.google.com", subject: "sub"},
	"apple":    {issuer: "https://appleid.apple.com", subject: "sub"},
	"facebook": {subject: "id"},
	"amazon":   {subject: "user_id"},
}

// endpoints are the addresses of public providers, by their beginning, and what stands in for them.
var endpoints = []struct{ begins, ends, here string }{
	{"https://accounts.google.com/o/oauth2/v2/auth", "", "google/authorize"},
	{"https://www.googleapis.com/oauth2/v4/token", "", "google/token"},
	{"https://www.googleapis.com/oauth2/v3/certs", "", "google/jwks"},
	{"https://people.googleapis.com/v1/people/me", "", "google/userinfo"},
	{"https://www.facebook.com/", "/dialog/oauth", "facebook/authorize"},
	{"https://graph.facebook.com/", "/oauth/access_token", "facebook/token"},
	{"https://graph.facebook.com/", "/me", "facebook/userinfo"},
	{"https://www.amazon.com/ap/oa", "", "amazon/authorize"},
	{"https://api.amazon.com/auth/o2/token", "", "amazon/token"},
	{"https://api.amazon.com/user/profile", "", "amazon/userinfo"},
	{"https://appleid.apple.com/auth/authorize", "", "apple/authorize"},
	{"https://appleid.apple.com/auth/token", "", "apple/token"},
	{"https://appleid.apple.com/auth/keys", "", "apple/jwks"},
}

// At returns where an endpoint of a pool's provider is: here, for a public one with SocialClient, else where the provider says.
func (p *Provider) At(v *pool.Provider, address string) string {
	if v.Settings.ProviderDetails["client_id"] != SocialClient {
		return address
	}
	path, query, _ := strings.Cut(address, "?")
	for _, e := range endpoints {
		if strings.HasPrefix(path, e.begins) && strings.HasSuffix(path, e.ends) {
			if query != "" {
				query = "?" + query
			}
			return p.base + "/" + e.here + query
		}
	}
	return address
}
