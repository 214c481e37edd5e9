package authorize

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// Registration is what an application says of itself to become an app client (RFC 7591, section 2), and what it is told that it became.
// Members that are not here are ignored.
type Registration struct {
	Name          string   `json:"client_name,omitempty"`
	RedirectURIs  []string `json:"redirect_uris,omitempty"`
	LogoutURIs    []string `json:"post_logout_redirect_uris,omitempty"`
	GrantTypes    []string `json:"grant_types,omitempty"`
	ResponseTypes []string `json:"response_types,omitempty"`
	AuthMethod    string   `json:"token_endpoint_auth_method,omitempty"`
	Scope         string   `json:"scope,omitempty"`
}

// The limits of a registration.
const (
	maxRedirectURIs = 10
	maxRedirectURI  = 1024 // bytes
	maxClientName   = 128
)

// Register makes an app client of an application. poolID is the pool whose endpoint was asked. initial is the initial access token, empty where
// registration is open: an access token that a client of the pool got for itself, with the scope for registrations. Its error is a *Refusal,
// or a failure of ours. The answer tells what the client has, which may be less than it wanted.
func (s *Service) Register(ctx context.Context, poolID, initial string, r Registration) (*pool.Client, *Registration, error) {
	p, err := s.Store.Pool(ctx, poolID)
	switch {
	case fault.Is(err, fault.ResourceNotFound), fault.Is(err, fault.InvalidParameter), err == nil && p.Registration() == nil:
		return nil, nil, &Refusal{Code: NotFound}
	case err != nil:
		return nil, nil, err
	}
	grants, err := s.registrationGrants(ctx, p, initial)
	if err != nil {
		return nil, nil, err
	}
	if no := r.complete(grants); no != nil {
		return nil, nil, no
	}
	var c *pool.Client
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		c, err = s.registered(tx, p, &r)
		return err
	})
	if err != nil {
		return nil, nil, refused(err, InvalidMetadata)
	}
	return c, &r, nil
}

// registrationGrants returns the OAuth flows that an application may register for, by what it shows.
func (s *Service) registrationGrants(ctx context.Context, p *pool.Pool, initial string) ([]string, error) {
	d := p.Registration()
	if initial == "" {
		if !wire.Value(d.OpenDcrEnabled, false) {
			return nil, &Refusal{Code: InvalidToken, Text: "An initial access token is required."}
		}
		return d.OpenDcrGrantTypes, nil
	}
	invalid := &Refusal{Code: InvalidToken, Text: "The initial access token is not valid."}
	t, err := s.Tokens.ParseAccess(initial)
	if err != nil {
		return nil, invalid
	}
	_, c, err := s.client(ctx, p.ID, t.ClientID)
	if err != nil {
		return nil, err
	}
	if c == nil || c.Registered() || !slices.Contains(c.Settings.AllowedOAuthScopes, pool.RegistrationScope) {
		return nil, invalid
	}
	a, err := s.Tokens.Verify(t, p)
	if err != nil || a.Subject != c.ID || !slices.Contains(a.Scopes, pool.RegistrationScope) { // a user's token is none of a client
		return nil, invalid
	}
	return d.AuthenticatedGrantTypes, nil
}

// flows are the OAuth flows of a client by the grant types of RFC 7591 that can be registered: implicit cannot, though lists of pools may have
// it (documented). Whoever has codes has refresh tokens.
var flows = map[string]string{"authorization_code": "code", "client_credentials": "client_credentials", "refresh_token": ""}

// complete fills in what the application leaves out, and checks what the protocol alone decides.
func (r *Registration) complete(allowed []string) *Refusal {
	if r.AuthMethod == "" {
		r.AuthMethod = "client_secret_basic"
	}
	if !slices.Contains([]string{"client_secret_basic", "client_secret_post", "none"}, r.AuthMethod) {
		return &Refusal{Code: InvalidMetadata, Text: "token_endpoint_auth_method is not supported."}
	}
	if len(r.GrantTypes) == 0 {
		r.GrantTypes = []string{"authorization_code"}
	}
	var responses []string
	for _, grant := range r.GrantTypes {
		flow, known := flows[grant]
		if !known || flow != "" && !slices.Contains(allowed, flow) {
			return &Refusal{Code: InvalidMetadata, Text: "grant_types has a grant that cannot be registered."}
		}
		if flow == "code" {
			responses = append(responses, flow)
		}
	}
	for _, asked := range r.ResponseTypes {
		if !slices.Contains(responses, asked) {
			return &Refusal{Code: InvalidMetadata, Text: "response_types does not fit grant_types."}
		}
	}
	r.ResponseTypes = responses
	r.Name = plainName(r.Name)
	return r.checkAddresses(len(responses) > 0)
}

// checkAddresses takes addresses of web applications by HTTPS, and of this machine. Those of apps, which any app can claim, are left to
// administrators.
func (r *Registration) checkAddresses(needed bool) *Refusal {
	if needed != (len(r.RedirectURIs) > 0) {
		return &Refusal{Code: InvalidRedirectURI, Text: "redirect_uris does not fit grant_types."}
	}
	if len(r.RedirectURIs) > maxRedirectURIs || len(r.LogoutURIs) > maxRedirectURIs {
		return &Refusal{Code: InvalidRedirectURI, Text: "There are too many redirect URIs."}
	}
	for _, address := range slices.Concat(r.RedirectURIs, r.LogoutURIs) {
		if !redirectable(address) {
			return &Refusal{Code: InvalidRedirectURI, Text: "Redirect URIs must be https, or http on this machine, without a fragment or credentials."}
		}
	}
	return nil
}

// plainHost is the form of host names and addresses, with or without a port.
var plainHost = regexp.MustCompile(`^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[::1\])(:[0-9]{1,5})?$`)

func redirectable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxRedirectURI || u.User != nil || !plainHost.MatchString(u.Host) || pool.RedirectFlaw(address) != "" ||
		strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == '\\' || r == '*' || r >= 0x7f }) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" // which RedirectFlaw takes on this machine only
}

var notInNames = regexp.MustCompile(`[^\w +=,.@-]`)

// plainName makes of a name one that clients can have.
func plainName(name string) string {
	name = strings.TrimSpace(notInNames.ReplaceAllString(name, "-"))
	if name == "" {
		return "registered"
	}
	return name[:min(len(name), maxClientName)]
}

// oidcScopes may be had by every application whose users sign in.
var oidcScopes = []string{"openid", "email", "phone", "profile"}

// registered makes and stores the client.
func (s *Service) registered(tx *store.Tx, p *pool.Pool, r *Registration) (*pool.Client, error) {
	allowed, err := tx.ExistingScopes(p, p.Registration().AllowedScopes)
	if err != nil {
		return nil, err
	}
	for _, scope := range p.Registration().AllowedScopes {
		if pool.StandardScope(scope) {
			allowed = append(allowed, scope)
		}
	}
	allowed = slices.DeleteFunc(allowed, func(scope string) bool { return scope == pool.RegistrationScope }) // or they would register others
	standard := oidcScopes
	if slices.Contains(r.GrantTypes, "client_credentials") {
		allowed = slices.DeleteFunc(allowed, pool.StandardScope) // these are about a user
		standard = allowed
	}
	scopes := standard
	if r.Scope != "" {
		scopes = slices.DeleteFunc(list(r.Scope), func(scope string) bool { return !slices.Contains(slices.Concat(standard, allowed), scope) })
	}
	if len(scopes) == 0 {
		return nil, fault.New(fault.InvalidParameter, "None of the scopes can be registered.")
	}
	r.Scope = strings.Join(scopes, " ")
	providers, err := tx.Providers(p, "", pool.MaxProviders)
	if err != nil {
		return nil, err
	}
	offers := pool.Offers{Scopes: allowed}
	for _, v := range providers {
		offers.Providers = append(offers.Providers, v.Name)
	}
	n, err := tx.CountClients(p.ID)
	if err != nil {
		return nil, err
	}
	c, err := pool.RegisterClient(p, n, offers, r.input(scopes, offers.Providers), s.Now())
	if err != nil {
		return nil, err
	}
	return c, tx.InsertClient(p, c)
}

// input is the client that the application wants, as an administrator would ask for it. It signs nobody in by the API.
func (r *Registration) input(scopes, providers []string) *wire.CreateUserPoolClientInput {
	in := &wire.CreateUserPoolClientInput{
		ClientName: r.Name, GenerateSecret: wire.Ptr(r.AuthMethod != "none"), AllowedOAuthFlowsUserPoolClient: wire.Ptr(true),
		AllowedOAuthScopes: scopes, CallbackURLs: r.RedirectURIs, LogoutURLs: r.LogoutURIs, SupportedIdentityProviders: append([]string{pool.CognitoProvider}, providers...),
		ExplicitAuthFlows: []string{"ALLOW_REFRESH_TOKEN_AUTH"}, PreventUserExistenceErrors: "ENABLED",
	}
	for _, grant := range r.GrantTypes {
		if flow := flows[grant]; flow != "" && !slices.Contains(in.AllowedOAuthFlows, flow) {
			in.AllowedOAuthFlows = append(in.AllowedOAuthFlows, flow)
		}
	}
	return in
}
