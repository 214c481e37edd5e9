package authorize

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/wire"
)

// Request is an authorization request that may be answered (RFC 6749, section 4.1.1; OpenID Connect Core 1.0, section 3.1.2.1).
type Request struct {
	Pool         *pool.Pool
	Client       *pool.Client
	ResponseType string // code or token, or AccountType
	RedirectURI  string
	State        string
	Scopes       []string
	Nonce        string
	Challenge    string // S256 code challenge (RFC 7636); empty: none
	Provider     string // name of the identity provider that was asked for; COGNITO for the pool itself; empty: the person chooses
	LoginHint    string
	Lang         string
	Prompt       []string
	MaxAge       time.Duration // the longest time since the user signed in; negative: any
	Resource     string        // audience of the access token (RFC 8707); empty: none
	Account      *Account      // the sign-in leads to the account pages and not to an application; nil: it is for an application

	hasState bool
}

// Query returns the request as it can be asked again: the query of the pages on its way.
func (r *Request) Query() string {
	q := url.Values{"client_id": {r.Client.ID}, "response_type": {r.ResponseType}}
	if r.Account == nil {
		q.Set("redirect_uri", r.RedirectURI)
		q.Set("scope", strings.Join(r.Scopes, " "))
	} else {
		q = r.Account.query(r.Client)
		q.Set("response_type", r.ResponseType)
		setFilled(q, map[string]string{"page": r.Account.Page, "since": r.Account.Since})
	}
	setFilled(q, map[string]string{
		"nonce": r.Nonce, "code_challenge": r.Challenge, "identity_provider": r.Provider, "login_hint": r.LoginHint, "lang": r.Lang,
		"prompt": strings.Join(r.Prompt, " "), "resource": r.Resource,
	})
	if r.hasState {
		q.Set("state", r.State)
	}
	if r.Challenge != "" {
		q.Set("code_challenge_method", "S256")
	}
	if r.MaxAge >= 0 {
		q.Set("max_age", strconv.Itoa(int(r.MaxAge.Seconds())))
	}
	return q.Encode()
}

// setFilled sets the parameters that are not empty.
func setFilled(q url.Values, parameters map[string]string) {
	for name, value := range parameters {
		if value != "" {
			q.Set(name, value)
		}
	}
}

// Confirmation is the request as it goes on for a person who has just signed in, who need not do so again.
func (r *Request) Confirmation() *Request {
	again := *r
	again.Prompt, again.MaxAge, again.Provider = nil, -1, ""
	return &again
}

// LeadsTo returns the name of the identity provider that the request leads to at once: the one that it names, or the client's only one where the
// client's users have no other way to sign in. It is empty where the person signs in, or chooses, on a page.
func (r *Request) LeadsTo() string {
	name := r.Provider
	if only := r.Client.Settings.SupportedIdentityProviders; name == "" && len(only) == 1 {
		name = only[0]
	}
	if name == pool.CognitoProvider {
		return ""
	}
	return name
}

// Asks reports whether the request has the prompt.
func (r *Request) Asks(prompt string) bool { return slices.Contains(r.Prompt, prompt) }

// Request reads an authorization request. poolID is the pool of the host that was asked; empty on the main address, where the client names
// its pool. Its error is a *Refusal, or a failure of ours. The order of the checks is the service's: nothing is sent to a redirect URI
// before it is known to be the client's.
func (s *Service) Request(ctx context.Context, poolID string, q url.Values) (*Request, error) {
	p, c, err := s.client(ctx, poolID, q.Get("client_id"))
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, noClient(q.Get("client_id"))
	}
	q = withoutEmpty(q)
	r := &Request{
		Pool: p, Client: c, ResponseType: q.Get("response_type"), State: q.Get("state"), hasState: q.Has("state"), Nonce: q.Get("nonce"),
		Challenge: q.Get("code_challenge"), LoginHint: q.Get("login_hint"), Lang: q.Get("lang"), Prompt: list(q.Get("prompt")),
		Resource: q.Get("resource"), MaxAge: -1,
	}
	if s.AccountPages && r.ResponseType == AccountType {
		if err = accountRequest(r, q); err == nil {
			r.Provider, err = s.provider(ctx, p, c, q)
		}
		return r, err
	}
	if r.RedirectURI, err = redirectURI(c, q); err != nil {
		return nil, err
	}
	for _, check := range []func(*Request, url.Values) *Refusal{
		checkEnabled, checkOnce, checkResponse, checkChallenge, checkPrompt, checkMaxAge, checkResource, checkFlow, checkScopes,
	} {
		if no := check(r, q); no != nil {
			no.To = r
			return nil, no
		}
	}
	if r.Provider, err = s.provider(ctx, p, c, q); err != nil {
		return nil, err
	}
	return r, nil
}

// list reads a list of values, such as scopes. Spaces alone separate them (RFC 6749, section 3.3): any other white space is part of a value, and makes a
// wrong one.
func list(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' })
}

// withoutEmpty leaves out the parameters without a value, which count as absent (RFC 6749, section 3.1).
func withoutEmpty(q url.Values) url.Values {
	out := make(url.Values, len(q))
	for name, values := range q {
		if len(values) > 1 || values[0] != "" {
			out[name] = values
		}
	}
	return out
}

// clientID is the form of the ids of clients.
var clientID = regexp.MustCompile(`^[\w+]+$`)

// noClient is the refusal of a request whose client does not exist. Its page repeats nothing but ids: a stranger could write any text there.
func noClient(id string) *Refusal {
	switch {
	case id == "":
		return &Refusal{Code: InvalidRequest, Text: "Required String parameter 'client_id' is not present"}
	case !clientID.MatchString(id) || len(id) > 128:
		return &Refusal{Code: InvalidRequest, Text: "User pool client does not exist."}
	}
	return &Refusal{Code: InvalidRequest, Text: "User pool client " + id + " does not exist."}
}

// redirectURI returns where the answer goes: exactly one of the client's addresses.
func redirectURI(c *pool.Client, q url.Values) (string, error) {
	asked := q["redirect_uri"]
	switch {
	case len(asked) == 0:
		if c.Settings.DefaultRedirectURI == "" || len(c.Settings.SupportedIdentityProviders) > 1 {
			return "", &Refusal{Code: InvalidRequest, Text: "Required String parameter 'redirect_uri' is not present"}
		}
		return c.Settings.DefaultRedirectURI, nil
	case len(asked) > 1 || !slices.Contains(c.Settings.CallbackURLs, asked[0]):
		return "", &Refusal{Code: RedirectMismatch, Text: RedirectMismatch}
	}
	return asked[0], nil
}

func checkEnabled(r *Request, _ url.Values) *Refusal {
	if !wire.Value(r.Client.Settings.AllowedOAuthFlowsUserPoolClient, false) {
		return &Refusal{Code: InvalidRequest, Text: "Client is not enabled for OAuth2.0 flows."}
	}
	return nil
}

// checkOnce refuses doubled parameters (RFC 6749, section 3.1).
func checkOnce(_ *Request, q url.Values) *Refusal {
	if name, found := doubled(q); found {
		return &Refusal{Code: InvalidRequest, Text: "Parameter " + name + " is included more than once."}
	}
	return nil
}

// doubled returns the name of a parameter that is included more than once.
func doubled(q url.Values) (name string, found bool) {
	for name, values := range q {
		if len(values) > 1 {
			return name, true
		}
	}
	return "", false
}

func checkResponse(r *Request, _ url.Values) *Refusal {
	switch r.ResponseType {
	case "code", "token":
		return nil
	case "":
		return &Refusal{Code: InvalidRequest, Text: "Required String parameter 'response_type' is not present"}
	}
	return &Refusal{Code: InvalidRequest, Text: "response_type is not supported."}
}

// challenge is the form of an S256 code challenge (RFC 7636, section 4.2), which has 43 characters.
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func checkChallenge(r *Request, q url.Values) *Refusal {
	switch method := q.Get("code_challenge_method"); {
	case method == "" && r.Challenge == "":
		return nil
	case method != "S256":
		return &Refusal{Code: InvalidRequest, Text: "code_challenge_method must be S256."}
	case !challenge.MatchString(r.Challenge) || len(r.Challenge) != 43:
		return &Refusal{Code: InvalidRequest, Text: "code_challenge is not valid."}
	}
	return nil
}

func checkPrompt(r *Request, _ url.Values) *Refusal {
	for _, prompt := range r.Prompt {
		if !slices.Contains([]string{"none", "login", "select_account", "consent"}, prompt) {
			return &Refusal{Code: InvalidRequest, Text: "prompt is not supported."}
		}
	}
	if r.Asks("none") && len(r.Prompt) > 1 {
		return &Refusal{Code: InvalidRequest, Text: "prompt none can not be combined with others."}
	}
	return nil
}

// longestAge bounds max_age, in seconds: no browser stays signed in for so long.
const longestAge = 1 << 31

func checkMaxAge(r *Request, q url.Values) *Refusal {
	if !q.Has("max_age") {
		return nil
	}
	seconds, err := strconv.Atoi(q.Get("max_age"))
	if err != nil || seconds < 0 {
		return &Refusal{Code: InvalidRequest, Text: "max_age is not valid."}
	}
	r.MaxAge = time.Duration(min(seconds, longestAge)) * time.Second
	return nil
}

// checkResource takes one absolute address as the audience of the access token (RFC 8707, section 2).
func checkResource(r *Request, q url.Values) *Refusal {
	if !q.Has("resource") {
		return nil
	}
	if pool.RedirectFlaw(r.Resource) != "" {
		return &Refusal{Code: InvalidRequest, Text: "resource is not valid."}
	}
	return nil
}

func checkFlow(r *Request, _ url.Values) *Refusal {
	flow := "code"
	if r.ResponseType == "token" {
		flow = "implicit"
	}
	if !slices.Contains(r.Client.Settings.AllowedOAuthFlows, flow) {
		return &Refusal{Code: UnauthorizedClient}
	}
	return nil
}

// checkScopes gives the request its scopes: those that it asks for, which the client must have, or all of the client's.
func checkScopes(r *Request, q url.Values) *Refusal {
	allowed := r.Client.Settings.AllowedOAuthScopes
	asked := list(q.Get("scope"))
	if len(asked) == 0 {
		asked = allowed
	}
	for _, scope := range asked {
		if !slices.Contains(allowed, scope) {
			return &Refusal{Code: InvalidScope}
		}
		if !slices.Contains(r.Scopes, scope) {
			r.Scopes = append(r.Scopes, scope)
		}
	}
	if slices.ContainsFunc(r.Scopes, needsOpenID) && !slices.Contains(r.Scopes, token.OpenID) {
		return &Refusal{Code: InvalidScope}
	}
	return nil
}

// needsOpenID reports whether a scope says something about an ID token, without which it means nothing.
func needsOpenID(scope string) bool {
	return scope == "email" || scope == "phone" || scope == "profile"
}

// NoLogin is what the person reads when the identity provider that was asked for is none of the client's.
const NoLogin = "Login option is not available. Please try another one"

// provider returns the identity provider that the request names, by its name or by one of its identifiers. It must be one of the client's.
func (s *Service) provider(ctx context.Context, p *pool.Pool, c *pool.Client, q url.Values) (string, error) {
	name, identifier := q.Get("identity_provider"), q.Get("idp_identifier")
	if name == "" && identifier == "" {
		return "", nil
	}
	if name == "" {
		err := s.Store.View(ctx, func(tx *store.Tx) error {
			v, err := tx.ProviderByIdentifier(p, identifier)
			if err == nil {
				name = v.Name
			}
			return err
		})
		if err != nil && !fault.Is(err, fault.ResourceNotFound) && !fault.Is(err, fault.InvalidParameter) {
			return "", err
		}
	}
	if !c.Supports(name) {
		return "", &Refusal{Code: InvalidRequest, Text: NoLogin}
	}
	return name, nil
}
