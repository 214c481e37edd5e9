package federate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
)

// Refusal says why nobody is signed in after a visit to a provider, in the service's words where they are known. They are meant for the
// application.
type Refusal struct {
	Text  string
	cause error
}

// Error returns the text and the cause.
func (r *Refusal) Error() string {
	if r.cause != nil {
		return r.Text + ": " + r.cause.Error()
	}
	return r.Text
}

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.cause }

// RelyingParty signs people in at OAuth 2.0 and OpenID Connect providers: OIDC, Google, Facebook, Login with Amazon and Sign in with Apple.
type RelyingParty struct {
	client *http.Client
	now    func() time.Time
	// at returns where an endpoint of the provider really is: a development server stands in for public providers.
	at func(v *pool.Provider, address string) string

	mu   sync.Mutex
	keys map[string]knownKeys // by address
}

// knownKeys are the keys that a provider publishes.
type knownKeys struct {
	*oidc.RemoteKeySet
	since time.Time
}

// NewRelyingParty returns a relying party that calls servers within the reach. at tells where an endpoint of a provider really is; nil: where
// the provider says.
func NewRelyingParty(reach outbound.Reach, at func(v *pool.Provider, address string) string, now func() time.Time) *RelyingParty {
	if at == nil {
		at = func(_ *pool.Provider, address string) string { return address }
	}
	return &RelyingParty{
		client: outbound.NewClient(outbound.Options{Reach: reach, Timeout: callTime, MaxBody: maxAnswer, Redirects: 5}),
		now:    now, at: at, keys: map[string]knownKeys{},
	}
}

// Visit is a person's way to a provider and back.
type Visit struct {
	Callback  string // where the provider sends the person back to
	State     string
	Nonce     string
	Prompt    string // forwarded; "" for none
	LoginHint string // forwarded to providers that understand it
}

// signs reports whether the provider says in a signed ID token who the person is. Others are plain OAuth 2.0.
func signs(v *pool.Provider) bool { return issuer(v) != "" }

func isApple(v *pool.Provider) bool { return v.Settings.ProviderType == "SignInWithApple" }

func (p *RelyingParty) config(v *pool.Provider, callback string) (*oauth2.Config, error) {
	d := v.Settings.ProviderDetails
	c := &oauth2.Config{
		ClientID: d["client_id"], ClientSecret: d["client_secret"], RedirectURL: callback,
		Endpoint: oauth2.Endpoint{
			AuthURL: p.at(v, d["authorize_url"]), TokenURL: p.at(v, d["token_url"]),
			AuthStyle: oauth2.AuthStyleInParams, // client_secret_post and nothing else (documented)
		},
	}
	if scopes := d["authorize_scopes"]; scopes != "" {
		c.Scopes = []string{scopes}
	}
	if isApple(v) {
		secret, err := appleSecret(d, p.now())
		if err != nil {
			return nil, err
		}
		c.ClientSecret = secret
	}
	return c, nil
}

// Leave returns where the browser goes to sign in at the provider.
func (p *RelyingParty) Leave(v *pool.Provider, t Visit) (string, error) {
	c, err := p.config(v, t.Callback)
	if err != nil {
		return "", err
	}
	var more []oauth2.AuthCodeOption
	if signs(v) {
		more = append(more, oauth2.SetAuthURLParam("nonce", t.Nonce))
	}
	if isApple(v) {
		more = append(more, oauth2.SetAuthURLParam("response_mode", "form_post")) // Apple wants it as soon as a scope is asked for
	}
	if t.Prompt != "" {
		more = append(more, oauth2.SetAuthURLParam("prompt", t.Prompt))
	}
	if t.LoginHint != "" && slices.Contains([]string{"OIDC", "Google"}, v.Settings.ProviderType) {
		more = append(more, oauth2.SetAuthURLParam("login_hint", t.LoginHint))
	}
	return c.AuthCodeURL(t.State, more...), nil
}

// CheckIssuer refuses an answer, an error too, that says that it is another provider's (RFC 9207, section 2.4).
func CheckIssuer(v *pool.Provider, back url.Values) error {
	if iss := back.Get("iss"); iss != "" && !isIssuer(v, iss) {
		return &Refusal{Text: "Bad issuer " + Cut(iss, MaxTold)}
	}
	return nil
}

// Account returns who has come back with the parameters. Its error is a *Refusal, or a failure of ours.
func (p *RelyingParty) Account(ctx context.Context, v *pool.Provider, t Visit, back url.Values) (*Account, error) {
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.exchange(ctx, v, t, back.Get("code"))
	if err != nil {
		return nil, err
	}
	a := &Account{Claims: Claims{}, Told: Told{TokenResponse: Claims{"access_token": tokens.AccessToken, "token_type": tokens.TokenType}}}
	if tokens.RefreshToken != "" {
		a.Told.TokenResponse["refresh_token"] = tokens.RefreshToken
	}
	if tokens.ExpiresIn > 0 {
		a.Told.TokenResponse["expires_in"] = strconv.FormatInt(tokens.ExpiresIn, 10)
	}
	if signs(v) {
		raw, _ := tokens.Extra("id_token").(string)
		if a.Told.IDToken, err = p.identify(ctx, v, t, raw, tokens.AccessToken); err != nil {
			return nil, err
		}
		a.Told.TokenResponse["id_token"] = raw
	}
	if isApple(v) {
		a.Told.UserInfo = appleUser(back.Get("user"))
	} else if a.Told.UserInfo, err = p.userInfo(ctx, v, a.Told.IDToken, tokens.AccessToken); err != nil {
		return nil, err
	}
	// What is signed counts more than what is not.
	maps.Copy(a.Claims, a.Told.TokenResponse)
	maps.Copy(a.Claims, a.Told.UserInfo)
	maps.Copy(a.Claims, a.Told.IDToken)
	if a.Subject = a.Claims[v.Settings.AttributeMapping["username"]]; a.Subject == "" {
		return nil, &Refusal{Text: "username attribute mapping required"}
	}
	return a, nil
}

// exchange exchanges the code for tokens.
func (p *RelyingParty) exchange(ctx context.Context, v *pool.Provider, t Visit, code string) (*oauth2.Token, error) {
	c, err := p.config(v, t.Callback)
	if err != nil {
		return nil, err
	}
	tokens, err := c.Exchange(ctx, code)
	if err == nil {
		return tokens, nil
	}
	var refused *oauth2.RetrieveError
	switch {
	case timedOut(err):
		return nil, &Refusal{Text: "Timeout occurred in calling IdP token endpoint", cause: outbound.Cause(err)}
	case errors.As(err, &refused):
		told := "error getting token"
		if refused.ErrorCode != "" && v.Settings.ProviderType != "OIDC" {
			told = strings.TrimSpace(refused.ErrorCode + " " + refused.ErrorDescription)
		}
		return nil, &Refusal{Text: Cut(fmt.Sprintf("%s Error - %d %s", v.Name, refused.Response.StatusCode, told), MaxTold), cause: errors.New("the token endpoint refused")}
	}
	return nil, &Refusal{Text: v.Name + " Error - error getting token", cause: outbound.Cause(err)}
}

// identify verifies an ID token (OpenID Connect Core 1.0, section 3.1.3.7) and returns its claims.
func (p *RelyingParty) identify(ctx context.Context, v *pool.Provider, t Visit, raw, access string) (Claims, error) {
	clientID := v.Settings.ProviderDetails["client_id"]
	keys := &notedKeys{KeySet: p.keySet(p.at(v, keysOf(v)))}
	config := &oidc.Config{ClientID: clientID, SupportedSigningAlgs: slices.Clone(algorithms), SkipIssuerCheck: true, Now: p.now}
	if v.Settings.ProviderType == "OIDC" {
		keys.KeySet = secretKeys{keys.KeySet, v.Settings.ProviderDetails["client_secret"]}
		for _, algorithm := range secretAlgorithms {
			config.SupportedSigningAlgs = append(config.SupportedSigningAlgs, string(algorithm))
		}
	}
	token, err := oidc.NewVerifier(issuer(v), keys, config).Verify(ctx, raw)
	if err != nil {
		if timedOut(keys.err) {
			return nil, &Refusal{Text: "error_description=Timeout in calling jwks uri", cause: outbound.Cause(keys.err)} // the doubled prefix is the service's
		}
		return nil, &Refusal{Text: "Invalid id_token", cause: err}
	}
	var document rawDocument
	if err := token.Claims(&document); err != nil {
		return nil, err
	}
	claims, err := readClaims(document)
	if err != nil {
		return nil, &Refusal{Text: "Invalid id_token", cause: err}
	}
	party, named := claims["azp"]
	switch {
	case !isIssuer(v, token.Issuer):
		return nil, &Refusal{Text: "Invalid id_token", cause: fmt.Errorf("it was issued by %q", token.Issuer)}
	case token.Nonce == "" || token.Nonce != t.Nonce:
		return nil, &Refusal{Text: "Invalid id_token", cause: errors.New("the nonce is not that of the request")}
	case named && party != clientID, !named && len(token.Audience) > 1:
		return nil, &Refusal{Text: "Invalid id_token", cause: errors.New("it was issued to another client")}
	}
	if err := checkAccess(token, raw, access); err != nil {
		return nil, &Refusal{Text: "Invalid id_token", cause: err}
	}
	return claims, nil
}

// notedKeys notes why a signature could not be verified: the verifier tells it in words only.
type notedKeys struct {
	oidc.KeySet
	err error
}

// VerifySignature implements oidc.KeySet.
func (k *notedKeys) VerifySignature(ctx context.Context, raw string) (payload []byte, err error) {
	payload, k.err = k.KeySet.VerifySignature(ctx, raw)
	return payload, k.err
}

// rawDocument receives a JSON document as it is.
type rawDocument []byte

// UnmarshalJSON keeps the document.
func (d *rawDocument) UnmarshalJSON(document []byte) error {
	*d = append((*d)[:0], document...)
	return nil
}

const (
	// maxKeySets bounds how many key sets are remembered; the memory is emptied when it is full.
	maxKeySets = 1000
	// keysLife is how long a key counts at most that its provider no longer publishes.
	keysLife = 10 * time.Minute
)

// keySet returns the keys of an address, which are fetched again when a token names one that is unknown, and when they are old.
func (p *RelyingParty) keySet(address string) *oidc.RemoteKeySet {
	now := p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.keys[address]
	if !ok || now.Sub(known.since) > keysLife {
		if len(p.keys) >= maxKeySets {
			clear(p.keys)
		}
		known = knownKeys{oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), p.client), address), now}
		p.keys[address] = known
	}
	return known.RemoteKeySet
}

// issuer is what the ID tokens of the provider have as issuer; "" for providers without.
func issuer(v *pool.Provider) string { return v.Settings.ProviderDetails["oidc_issuer"] }

// isIssuer reports whether a provider that gives itself this name is the one of the details.
func isIssuer(v *pool.Provider, name string) bool {
	return sameIssuer(name, issuer(v)) || v.Settings.ProviderType == "Google" && name == "accounts.google.com" // documented by Google
}

// sameIssuer reports whether a provider that gives itself this name is the given one. An issuer in details has no slash at the end, since none is
// taken there; those of Auth0 and others have one.
func sameIssuer(name, given string) bool { return strings.TrimSuffix(name, "/") == given }

// keysOf returns where the provider publishes its keys.
func keysOf(v *pool.Provider) string {
	switch v.Settings.ProviderType {
	case "Google":
		return "https://www.googleapis.com/oauth2/v3/certs"
	case "SignInWithApple":
		return "https://appleid.apple.com/auth/keys"
	}
	return v.Settings.ProviderDetails["jwks_uri"]
}

// userInfo asks the provider for what it has to say about the person besides the claims of the ID token; nil when there is nowhere to ask.
func (p *RelyingParty) userInfo(ctx context.Context, v *pool.Provider, known Claims, access string) (Claims, error) {
	d := v.Settings.ProviderDetails
	address := d["attributes_url"]
	if d["attributes_url_add_attributes"] == "true" {
		fields := wanted(v, known)
		if v.Settings.ProviderType == "Google" {
			fields = slices.DeleteFunc(fields, func(field string) bool { return !slices.Contains(personFields, field) })
		}
		if len(fields) == 0 {
			return nil, nil
		}
		address += url.QueryEscape(strings.Join(fields, ","))
	}
	if address == "" {
		return nil, nil
	}
	method := d["attributes_request_method"]
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(ctx, method, p.at(v, address), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+access)
	r.Header.Set("Accept", "application/json")
	res, err := p.client.Do(r)
	if err != nil {
		text := "Connection reset"
		if timedOut(err) {
			text = "Read timed out"
		}
		return nil, &Refusal{Text: text, cause: outbound.Cause(err)}
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d", res.StatusCode)
	}
	read := readClaims
	if v.Settings.ProviderType == "Google" {
		read = readPerson
	}
	var claims Claims
	if err == nil {
		claims, err = read(body)
	}
	if err != nil {
		return nil, &Refusal{Text: v.Name + " Error - error getting user info", cause: err}
	}
	if sub := claims["sub"]; known != nil && sub != "" && sub != known["sub"] { // OpenID Connect Core 1.0, section 5.3.4
		return nil, &Refusal{Text: v.Name + " Error - error getting user info", cause: errors.New("it is about somebody else")}
	}
	return claims, nil
}

// IsToken reports whether a claim is a token of the provider's: mappings can name these (observed, amazon-cognito-identity-js#606).
func IsToken(claim string) bool {
	return slices.Contains([]string{"access_token", "id_token", "refresh_token"}, claim)
}

// wanted returns the claims that the mapping needs and that are not known yet.
func wanted(v *pool.Provider, known Claims) (fields []string) {
	for _, claim := range v.Settings.AttributeMapping {
		if _, ok := known[claim]; !ok && !IsToken(claim) {
			fields = append(fields, claim)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &n) && n.Timeout()
}

// MaxTold bounds what a provider says in a text of ours, in bytes.
const MaxTold = 256

// Cut returns as much of a text as has room in so many bytes, without control characters: others wrote it, and it is shown, logged and passed on.
func Cut(text string, size int) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text[:min(len(text), size)], ""))
}
