package federate_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
)

// lineSecret has the form of a channel secret of LINE.
const lineSecret = "0123456789abcdef0123456789abcdef"

// idProvider answers as an OpenID Connect provider whose ID token has the claims, beside those that every one needs.
type idProvider struct {
	*pool.Provider
	claims map[string]any
	signer jose.SigningKey

	forms []url.Values // that were posted to the token endpoint
	asked []string     // queries of the user info
}

func newIDProvider(t *testing.T) *idProvider {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := jose.JSONWebKey{Key: private, KeyID: "1", Algorithm: "ES256", Use: "sig"}
	p := &idProvider{signer: jose.SigningKey{Algorithm: jose.ES256, Key: key}}
	mux := http.NewServeMux()
	server := serve(t, mux)
	p.Provider = oidcProvider(server.URL)
	p.claims = map[string]any{"iss": server.URL, "aud": "cenote", "sub": "ann", "nonce": "n", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	answer := func(w http.ResponseWriter, document any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(document); err != nil {
			t.Error(err)
		}
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"issuer": p.claims["iss"], "authorization_endpoint": server.URL + "/authorize", "token_endpoint": server.URL + "/token", "jwks_uri": server.URL + "/jwks"})
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}})
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		p.asked = append(p.asked, r.URL.RawQuery)
		answer(w, map[string]any{"sub": p.claims["sub"], "phoneNumbers": []any{map[string]any{"canonicalForm": "+15555550100"}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		p.forms = append(p.forms, r.PostForm)
		answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.idToken(t)})
	})
	return p
}

func (p *idProvider) idToken(t *testing.T) string {
	t.Helper()
	signer, err := jose.NewSigner(p.signer, nil)
	if err != nil {
		t.Fatal(err)
	}
	document, err := json.Marshal(p.claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(document)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// account signs in at the provider, whatever its type.
func (p *idProvider) account(t *testing.T) (*federate.Account, error) {
	t.Helper()
	here := oidcProvider(strings.TrimSuffix(p.Settings.ProviderDetails["token_url"], "/token")).Settings.ProviderDetails
	at := func(v *pool.Provider, address string) string {
		if v.Settings.ProviderType == "Google" && !strings.HasPrefix(address, here["oidc_issuer"]) { // its keys have an address of their own
			return here["jwks_uri"]
		}
		return address
	}
	party := federate.NewRelyingParty(outbound.Private, at, func() time.Time { return now })
	return party.Account(t.Context(), p.Provider, federate.Visit{Callback: "https://auth.example.com/oauth2/idpresponse", Nonce: "n"}, url.Values{"code": {"c"}})
}

// Issuers of Auth0 and of authentik end in a slash; the details of a provider never do.
func TestAnIssuerMayEndInASlash(t *testing.T) {
	t.Parallel()
	for end, ok := range map[string]bool{"": true, "/": true, "//": false, "/a": false, "?": false} {
		p := newIDProvider(t)
		p.claims["iss"] = p.Settings.ProviderDetails["oidc_issuer"] + end
		if _, err := p.account(t); (err == nil) != ok {
			t.Errorf("issuer with %q: %v", end, err)
		}
		back := url.Values{"iss": {p.claims["iss"].(string)}}
		if err := federate.CheckIssuer(p.Provider, back); (err == nil) != ok {
			t.Errorf("answer of an issuer with %q: %v", end, err)
		}
		for _, name := range []string{"authorize_url", "token_url", "attributes_url", "jwks_uri"} {
			delete(p.Settings.ProviderDetails, name)
		}
		err := federate.NewResolver(outbound.Private, func() time.Time { return now }).Complete(t.Context(), p.Provider)
		if (err == nil) != ok {
			t.Errorf("discovery of an issuer with %q: %v", end, err)
		}
	}
}

func TestATokenMayBeSignedWithTheClientSecret(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		secret, kind string
		signer       jose.SigningKey
		ok           bool
	}{
		"by the secret":                 {lineSecret, "OIDC", jose.SigningKey{Algorithm: jose.HS256, Key: []byte(lineSecret)}, true},
		"by another":                    {lineSecret, "OIDC", jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.ToUpper(lineSecret))}, false},
		"by the secret twice":           {lineSecret, "OIDC", jose.SigningKey{Algorithm: jose.HS512, Key: []byte(lineSecret + lineSecret)}, false},
		"by a long one":                 {lineSecret + lineSecret, "OIDC", jose.SigningKey{Algorithm: jose.HS512, Key: []byte(lineSecret + lineSecret)}, true},
		"where there is no secret":      {"", "OIDC", jose.SigningKey{Algorithm: jose.HS256, Key: make([]byte, 32)}, false},
		"by a public provider's secret": {lineSecret, "Google", jose.SigningKey{Algorithm: jose.HS256, Key: []byte(lineSecret)}, false},
	} {
		p := newIDProvider(t)
		p.Settings.ProviderDetails["client_secret"], p.Settings.ProviderType, p.signer = c.secret, c.kind, c.signer
		a, err := p.account(t)
		if no := new(federate.Refusal); c.ok != (err == nil) || err != nil && (!errors.As(err, &no) || no.Text != "Invalid id_token") {
			t.Errorf("%s: %v, %v", name, a, err)
		}
	}
}

// The access token is "a".
func TestAnAccessTokenIsTheOneOfTheIDToken(t *testing.T) {
	t.Parallel()
	left := func(h hash.Hash) string {
		h.Write([]byte("a"))
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:h.Size()/2])
	}
	for algorithm, h := range map[jose.SignatureAlgorithm]hash.Hash{jose.ES256: sha256.New(), jose.HS256: sha256.New(), jose.HS384: sha512.New384(), jose.HS512: sha512.New()} {
		p := newIDProvider(t)
		if algorithm != jose.ES256 {
			secret := lineSecret + lineSecret
			p.Settings.ProviderDetails["client_secret"], p.signer = secret, jose.SigningKey{Algorithm: algorithm, Key: []byte(secret)}
		}
		p.claims["at_hash"] = left(h)
		if _, err := p.account(t); err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
		p.claims["at_hash"] = "AAAA"
		if _, err := p.account(t); err == nil {
			t.Errorf("%s: the hash of another access token counts", algorithm)
		}
	}
}

// A client without a secret sends none.
func TestAPublicClientAtAProvider(t *testing.T) {
	t.Parallel()
	p := newIDProvider(t)
	delete(p.Settings.ProviderDetails, "client_secret")
	if a, err := p.account(t); err != nil || a.Subject != "ann" {
		t.Fatalf("%+v, %v", a, err)
	}
	if form := p.forms[0]; form.Has("client_secret") || form.Get("client_id") != "cenote" {
		t.Errorf("the token endpoint got %v", form)
	}
	location, err := federate.NewRelyingParty(outbound.Private, nil, func() time.Time { return now }).Leave(p.Provider, federate.Visit{State: "s", Nonce: "n"})
	if err != nil || strings.Contains(location, "scope") {
		t.Errorf("without scopes the browser goes to %s, %v", location, err)
	}
}

// The People API is asked for what it knows and the ID token lacks, and for nothing else: it refuses a request with a claim of ID tokens, which those
// of people without a family name lack.
func TestGoogleIsAskedForFieldsOfPeopleAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mapping map[string]string
		asked   []string
	}{
		{map[string]string{"username": "sub", "family_name": "family_name", "locale": "locale", "email": "email"}, nil},
		{map[string]string{"username": "sub", "family_name": "family_name", "phone_number": "phoneNumbers"}, []string{"personFields=phoneNumbers"}},
	} {
		p := newIDProvider(t)
		d := p.Settings.ProviderDetails
		d["attributes_url"], d["attributes_url_add_attributes"] = d["attributes_url"]+"?personFields=", "true"
		p.Settings.ProviderType, p.Settings.AttributeMapping = "Google", c.mapping
		a, err := p.account(t)
		if err != nil || !slices.Equal(p.asked, c.asked) {
			t.Fatalf("%v: asked for %q, %v", c.mapping, p.asked, err)
		}
		if mapped := a.Claims.Mapped(p.Provider); c.asked != nil && mapped["phone_number"] != "+15555550100" {
			t.Errorf("mapped %v", mapped)
		}
	}
}
