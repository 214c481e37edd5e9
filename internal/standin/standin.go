// Package standin is an identity provider that a development server has built in, so that sign-ins by providers can be built and tested
// without a network: an OpenID Connect provider, a SAML provider, and stand-ins for Google, Facebook, Login with Amazon and Sign in with Apple.
//
// People are scripted: who there is, is a list that tests replace. Whoever comes to sign in chooses one of them and, to see how an
// application takes it, one fault that the provider then has. A provider of a pool leads here by its addresses; the public ones, whose
// addresses are fixed, by the client id SocialClient (social.go). Start with Provider.ServeHTTP.
package standin

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// Path is where a development server has the provider.
const Path = "/_cenote/idp/"

// Provider is the identity provider. It keeps what it knows in memory.
type Provider struct {
	base   string // its address, without a trailing slash
	now    func() time.Time
	keys   *keys
	routes *http.ServeMux

	mu     sync.Mutex
	people []Person
	codes  map[string]visit // by code
	tokens map[string]visit // by access token

	sessions   map[string]samlSession       // of the SAML provider, by index
	encryption map[string]*x509.Certificate // of service providers, by name
}

// Person is somebody who can sign in: the claims as the provider tells them. Every person has a sub.
type Person map[string]any

// subject is who the person is to the provider.
func (p Person) subject() string {
	s, _ := p["sub"].(string)
	return s
}

// New returns the provider of a server with the public URL.
func New(publicURL string, now func() time.Time) *Provider {
	p := &Provider{
		base: publicURL + strings.TrimSuffix(Path, "/"), now: now, keys: &keys{}, codes: map[string]visit{}, tokens: map[string]visit{}, sessions: map[string]samlSession{},
		encryption: map[string]*x509.Certificate{},
		people: []Person{
			{"sub": "ann", "email": "ann@example.com", "email_verified": true, "name": "Ann Example", "given_name": "Ann", "family_name": "Example"},
			{"sub": "bob", "email": "bob@example.com", "email_verified": false, "name": "Bob Example", "given_name": "Bob", "family_name": "Example"},
		},
	}
	p.mount()
	return p
}

// ServeHTTP serves what is below Path, with {kind} one of oidc, google, facebook, amazon and apple:
//
//	GET    /_cenote/idp/people                    who can sign in: a JSON array of claims
//	PUT    /_cenote/idp/people                    replaces them: 204
//	POST   /_cenote/idp/keys                      signs with another key from now on, and publishes no other: 204
//	GET    /_cenote/idp/{kind}/authorize          a page to choose a person and a fault; at once with &person= and, if wanted, &fault=
//	POST   /_cenote/idp/{kind}/token              a code for tokens
//	GET    /_cenote/idp/{kind}/userinfo           claims
//	GET    /_cenote/idp/{kind}/jwks
//	GET    /_cenote/idp/oidc/.well-known/openid-configuration
//	GET    /_cenote/idp/saml/metadata             with &sso=post: without the sign-on service for HTTP-Redirect; &slo=post: without that logout service
//	GET, POST /_cenote/idp/saml/sso               the same page, for a SAMLRequest; without one, for &acs=, &audience= and &RelayState=
//	PUT    /_cenote/idp/saml/encryption/{entity}  a certificate: assertions for the service provider are encrypted from now on: 204
//	GET, POST /_cenote/idp/saml/slo               a page to choose a fault, for a LogoutRequest; at once with &person= and, if wanted, &fault=
//	GET    /_cenote/idp/saml/sessions             people who are signed in at the SAML provider: a JSON object of subjects by index
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	p.routes.ServeHTTP(w, r)
}

func (p *Provider) mount() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"people", p.showPeople)
	mux.HandleFunc("PUT "+Path+"people", p.replacePeople)
	mux.HandleFunc("POST "+Path+"keys", p.rotateKeys)
	mux.HandleFunc("GET "+Path+"oidc/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET "+Path+"saml/metadata", p.metadata)
	mux.HandleFunc("GET "+Path+"saml/sso", p.signOn)
	mux.HandleFunc("POST "+Path+"saml/sso", p.signOn)
	mux.HandleFunc("PUT "+Path+"saml/encryption/{entity}", p.encryptFor)
	mux.HandleFunc("GET "+Path+"saml/slo", p.signOut)
	mux.HandleFunc("POST "+Path+"saml/slo", p.signOut)
	mux.HandleFunc("GET "+Path+"saml/sessions", p.showSessions)
	mux.HandleFunc("GET "+Path+"{kind}/authorize", p.authorize)
	mux.HandleFunc("POST "+Path+"{kind}/token", p.token)
	mux.HandleFunc("GET "+Path+"{kind}/userinfo", p.userInfo)
	mux.HandleFunc("POST "+Path+"{kind}/userinfo", p.userInfo)
	mux.HandleFunc("GET "+Path+"{kind}/jwks", p.jwks)
	p.routes = mux
}

func (p *Provider) showPeople(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer(w, http.StatusOK, p.people)
}

func (p *Provider) replacePeople(w http.ResponseWriter, r *http.Request) {
	people, err := readPeople(r.Body)
	if err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the body must be an array of objects with claims"})
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.people = people
	w.WriteHeader(http.StatusNoContent)
}

// readPeople reads an array of claims. What is no text stays as it is written: numbers keep their digits.
func readPeople(body io.Reader) (people []Person, err error) {
	document, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	var all []map[string]json.RawMessage
	if err := wire.Unmarshal(document, &all); err != nil {
		return nil, err
	}
	for _, claims := range all {
		one := Person{}
		for name, value := range claims {
			var text string
			if one[name] = value; wire.Unmarshal(value, &text) == nil {
				one[name] = text
			}
		}
		people = append(people, one)
	}
	return people, nil
}

// person returns the person with the subject; nil when there is none.
func (p *Provider) person(subject string) Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.people {
		if one.subject() == subject {
			return one
		}
	}
	return nil
}

// answer writes a JSON document.
func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // the client has gone when this fails
}
