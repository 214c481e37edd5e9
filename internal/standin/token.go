package standin

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	base := p.base + "/oidc"
	answer(w, http.StatusOK, map[string]any{
		"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token", "userinfo_endpoint": base + "/userinfo",
		"jwks_uri": base + "/jwks", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "token_endpoint_auth_methods_supported": []string{"client_secret_post"},
	})
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	k := p.keys.present()
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: k.private.Public(), KeyID: k.id, Algorithm: "RS256", Use: "sig"}}})
}

// token exchanges a code, once. The client shows its secret in the form, and nowhere else.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(code, text string) {
		answer(w, http.StatusBadRequest, map[string]string{"error": code, "error_description": text})
	}
	if _, _, basic := r.BasicAuth(); basic || r.PostFormValue("client_secret") == "" {
		refuse("invalid_request", "The request is missing a required parameter : client_secret")
		return
	}
	code := r.PostFormValue("code")
	p.mu.Lock()
	v, known := p.codes[code]
	delete(p.codes, code)
	p.mu.Unlock()
	switch {
	case !known, v.kind != r.PathValue("kind"), v.clientID != r.PostFormValue("client_id"), v.redirect != r.PostFormValue("redirect_uri"),
		r.PostFormValue("grant_type") != "authorization_code":
		refuse("invalid_grant", "The code is not valid")
		return
	case v.fault == TokenError:
		refuse("invalid_grant", "The code has had a fault")
		return
	}
	access := rand.Text()
	p.mu.Lock()
	p.tokens[access] = v
	p.mu.Unlock()
	out := map[string]any{"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": rand.Text()}
	if issuer := kinds[v.kind].issuer; issuer != "" && v.fault != NoIDToken {
		raw, err := p.idToken(v, strings.ReplaceAll(issuer, "{base}", p.base))
		if err != nil {
			answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
			return
		}
		out["id_token"] = raw
	}
	answer(w, http.StatusOK, out)
}

// idToken signs an ID token, with the fault of the visit.
func (p *Provider) idToken(v visit, issuer string) (string, error) {
	claims := maps.Clone(map[string]any(v.person))
	now := p.now()
	claims["iss"], claims["aud"], claims["iat"], claims["exp"] = issuer, v.clientID, now.Unix(), now.Add(time.Hour).Unix()
	claims["nonce"] = v.nonce
	if v.kind == "apple" { // which says a name at another place
		for _, name := range []string{"name", "given_name", "family_name"} {
			delete(claims, name)
		}
	}
	present := p.keys.present()
	key := jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: present.private, KeyID: present.id}}
	options := &jose.SignerOptions{}
	switch v.fault { //nolint:exhaustive // the others are faults elsewhere
	case BadSignature:
		key.Key = jose.JSONWebKey{Key: stranger(present).private, KeyID: present.id}
	case EmbeddedKey:
		key.Key = stranger(present).private
		options.EmbedJWK = true
	case RetiredKey:
		first := p.keys.first()
		key.Key = jose.JSONWebKey{Key: first.private, KeyID: first.id}
	case NoKeyID:
		key.Key = jose.JSONWebKey{Key: present.private, KeyID: "nobody"}
	case Symmetric:
		der, err := x509.MarshalPKIXPublicKey(present.private.Public())
		if err != nil {
			return "", err
		}
		public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		key = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: present.id}}
	case OtherIssuer:
		claims["iss"] = "https://other.example.com"
	case OtherAudience:
		claims["aud"] = "another"
	case TwoAudiences:
		claims["aud"] = []string{v.clientID, "another"}
	case OtherParty:
		claims["azp"] = "another"
	case OtherNonce:
		claims["nonce"] = "another"
	case NoNonce:
		delete(claims, "nonce")
	case Early:
		claims["nbf"] = now.Add(time.Hour).Unix()
	case Expired:
		claims["exp"] = now.Add(-time.Hour).Unix()
	}
	document, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	if v.fault == Unsigned {
		return encode(`{"alg":"none","kid":"`+present.id+`"}`) + "." + encode(string(document)) + ".", nil
	}
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(document)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// userInfo tells the claims of the person of an access token, by the names of the provider.
func (p *Provider) userInfo(w http.ResponseWriter, r *http.Request) {
	_, access, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	p.mu.Lock()
	v, known := p.tokens[access]
	p.mu.Unlock()
	if !known || v.kind != r.PathValue("kind") {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	claims := maps.Clone(map[string]any(v.person))
	if name := kinds[v.kind].subject; name != "sub" {
		claims[name] = claims["sub"]
		delete(claims, "sub")
	}
	switch v.fault { //nolint:exhaustive // the others are faults elsewhere
	case OtherUser:
		claims[kinds[v.kind].subject] = "somebody else"
	case NoSubject:
		delete(claims, kinds[v.kind].subject)
	}
	if fields := r.URL.Query().Get("fields"); fields != "" {
		asked := strings.Split(fields, ",")
		maps.DeleteFunc(claims, func(name string, _ any) bool { return !slices.Contains(asked, name) })
	}
	answer(w, http.StatusOK, claims)
}
