package oauth

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
)

// discovery is the document of OpenID Connect Discovery 1.0, section 3, with the members that the service's own has, in its values.
type discovery struct {
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	EndSessionEndpoint    string   `json:"end_session_endpoint"`
	IDTokenAlgorithms     []string `json:"id_token_signing_alg_values_supported"`
	Issuer                string   `json:"issuer"`
	JWKSURI               string   `json:"jwks_uri"`
	ResponseTypes         []string `json:"response_types_supported"`
	RegistrationEndpoint  string   `json:"registration_endpoint,omitempty"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	Scopes                []string `json:"scopes_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	TokenEndpoint         string   `json:"token_endpoint"`
	TokenAuthMethods      []string `json:"token_endpoint_auth_methods_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`
	UserInfoEndpoint      string   `json:"userinfo_endpoint"`
}

// discover describes the pool, whose endpoints are at base. The issuer is that of its tokens, byte for byte. Everything else is under our own address: who has found
// this document can reach it, which nobody promises of an issuer in the form of AWS.
func discover(i *token.Issuer, base string, p *pool.Pool) discovery {
	d := discovery{
		Issuer:                i.URL(p),
		JWKSURI:               i.PublicURL + "/" + p.ID + "/.well-known/jwks.json",
		AuthorizationEndpoint: base + "/oauth2/authorize",
		TokenEndpoint:         base + "/oauth2/token",
		UserInfoEndpoint:      base + "/oauth2/userInfo",
		RevocationEndpoint:    base + "/oauth2/revoke",
		EndSessionEndpoint:    base + "/logout",
		ResponseTypes:         []string{"code", "token"},
		Scopes:                []string{"openid", "email", "phone", "profile"},
		SubjectTypes:          []string{"public"},
		IDTokenAlgorithms:     []string{"RS256"},
		TokenAuthMethods:      []string{"client_secret_basic", "client_secret_post"},
		ChallengeMethods:      []string{"S256"}, // not on the service; clients that look for it find PKCE
	}
	if p.Registration() != nil {
		d.RegistrationEndpoint = base + "/oauth2/register"
		if base == i.PublicURL { // the main address, where the path says which pool is meant
			d.RegistrationEndpoint = base + "/" + p.ID + "/oauth2/register"
		}
	}
	return d
}
