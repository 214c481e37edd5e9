package trigger

import (
	"context"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

// InboundFederationRequest is the request of an InboundFederation event.
type InboundFederationRequest struct {
	ProviderName string             `json:"providerName"`
	ProviderType string             `json:"providerType"`
	Attributes   ProviderAttributes `json:"attributes"`
}

// ProviderAttributes are what an identity provider has said about a person, by where it said it: the first three for OpenID Connect and
// social providers, the last for SAML.
type ProviderAttributes struct {
	TokenResponse map[string]string `json:"tokenResponse,omitempty"`
	IDToken       map[string]string `json:"idToken,omitempty"`
	UserInfo      map[string]string `json:"userInfo,omitempty"`
	SAMLResponse  map[string]string `json:"samlResponse,omitempty"`
}

// InboundFederation asks what an identity provider's claims become before they are mapped to attributes. No claims mean that they stay as
// they are. An error denies the sign-in.
func (r *Runner) InboundFederation(ctx context.Context, c Call, req InboundFederationRequest) (map[string]wire.Document, error) {
	if !r.Has(c.Pool, InboundFederation) {
		return nil, nil
	}
	var res struct {
		UserAttributesToMap map[string]wire.Document `json:"userAttributesToMap"`
	}
	if err := r.ask(ctx, InboundFederation, c, "1", req, `{"userAttributesToMap":{}}`, &res); err != nil {
		var tokens []string
		for name, value := range req.Attributes.TokenResponse {
			if strings.HasSuffix(name, "_token") {
				tokens = append(tokens, value)
			}
		}
		return nil, confide(err, tokens...)
	}
	return res.UserAttributesToMap, nil
}
