package federate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// algorithms are those that a provider may sign with by the keys that it publishes; secretAlgorithms are those by a shared secret.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512}

const (
	// fresh is how long a discovery document is used. Keys are fetched again when a token names one that is unknown.
	fresh = time.Hour
	// maxProviders bounds how many providers are remembered; the memory is emptied when it is full.
	maxProviders = 1000
)

// Verifier verifies tokens of providers.
type Verifier struct {
	HTTP    *http.Client // by package outbound
	Private bool         // providers on this machine are asked by plain HTTP
	Now     func() time.Time

	Registered *Registry // SAML providers
	PublicURL  string    // of this server, as the audience of assertions

	mu        sync.Mutex
	providers map[string]known
}

type known struct {
	provider *oidc.Provider
	read     time.Time
}

func refuse(text string) *fault.Error {
	return fault.New(fault.NotAuthorized, "Invalid login token. "+text)
}

// OIDC verifies an ID token of an issuer and returns its claims, as wire.UnmarshalExact reads them. audiences, if any, are the clients that it may be for.
func (v *Verifier) OIDC(ctx context.Context, issuer, raw string, audiences []string) (map[string]any, error) {
	provider, err := v.provider(ctx, v.reachable(issuer))
	if err != nil && strings.Contains(err.Error(), "did not match the issuer") { // the library has no value for it
		return nil, refuse("Issuer doesn't match providerName").Because(err)
	}
	if err != nil {
		return nil, fault.New(fault.ExternalService, "The identity provider could not be reached.").Because(err)
	}
	token, err := provider.VerifierContext(oidc.ClientContext(ctx, v.HTTP), &oidc.Config{
		SkipClientIDCheck: true, SkipExpiryCheck: true, SupportedSigningAlgs: algorithms, Now: v.Now,
	}).Verify(ctx, raw)
	if err != nil {
		text := "Couldn't verify signed token."
		switch {
		case strings.Contains(err.Error(), "malformed jwt"):
			text = "Not a valid OpenId Connect identity token."
		case strings.Contains(err.Error(), "different provider"):
			text = "Issuer doesn't match providerName"
		}
		return nil, refuse(text).Because(err)
	}
	now := v.Now()
	switch {
	case len(token.Audience) == 0:
		return nil, refuse("Missing a required claim: aud")
	case token.Subject == "":
		return nil, refuse("Missing a required claim: sub")
	case !now.Before(token.Expiry):
		return nil, refuse(fmt.Sprintf("Token expired: %d >= %d", now.Unix(), token.Expiry.Unix()))
	case len(audiences) > 0 && !overlap(token.Audience, audiences):
		return nil, fault.New(fault.NotAuthorized, "Incorrect token audience.")
	}
	var document rawDocument
	if err := token.Claims(&document); err != nil {
		return nil, err
	}
	var claims map[string]any
	if err := wire.UnmarshalExact(document, &claims); err != nil {
		return nil, refuse("Not a valid OpenId Connect identity token.").Because(err)
	}
	return claims, nil
}

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

// provider returns the provider of an issuer by its discovery document.
func (v *Verifier) provider(ctx context.Context, issuer string) (*oidc.Provider, error) {
	now := v.Now()
	v.mu.Lock()
	k, ok := v.providers[issuer]
	v.mu.Unlock()
	if ok && now.Sub(k.read) < fresh {
		return k.provider, nil
	}
	// The provider fetches keys later, when this request is over.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), v.HTTP), issuer)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.providers == nil || len(v.providers) >= maxProviders {
		v.providers = map[string]known{}
	}
	v.providers[issuer] = known{p, now}
	return p, nil
}

// reachable returns the issuer's address: by plain HTTP where it is this machine and the operator allows private providers.
func (v *Verifier) reachable(issuer string) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(issuer, "https://"), "/")
	name, _, _ := strings.Cut(host, ":")
	ip, err := netip.ParseAddr(name)
	if v.Private && (name == "localhost" || err == nil && ip.IsLoopback()) {
		return "http://" + strings.TrimPrefix(issuer, "https://")
	}
	return issuer
}

// errUnsupported is the answer to a login of a provider that has no way to verify its tokens any more.
var errUnsupported = errors.New("the provider's tokens cannot be verified")
