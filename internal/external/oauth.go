package external

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// Arrival is a person who has come back from a provider, and is signed in or has a challenge to answer first.
type Arrival struct {
	Request *authorize.Request
	*signin.Outcome
	UserID   string
	Username string
	SAML     *federate.SAMLSession // that the person has at the provider now; nil: at another kind of provider
}

// Begin returns how the browser leaves to sign in at the provider. browser is a secret that the browser keeps until it comes back.
func (s *Service) Begin(ctx context.Context, r *authorize.Request, v *pool.Provider, browser string) (*federate.Departure, error) {
	w := s.newPending(r.Query(), v)
	state, err := w.seal(r.Pool, toSignIn, browser)
	if err != nil {
		return nil, err
	}
	away := &federate.Departure{}
	if v.Settings.ProviderType == "SAML" {
		away, err = s.beginSAML(ctx, r.Pool, v, w, state)
	} else {
		t := s.visit(r.Pool, w)
		t.State, t.LoginHint = state, r.LoginHint
		t.Prompt = strings.Join(slices.DeleteFunc(slices.Clone(r.Prompt), func(p string) bool { return p == "none" }), " ")
		away.Location, err = s.Party.Leave(v, t)
	}
	if err != nil {
		return nil, s.note(ctx, r, v, nil, nil, s.refused(r, v, err))
	}
	return away, nil
}

// visit returns what both ways of a visit have in common.
func (s *Service) visit(p *pool.Pool, w pending) federate.Visit {
	return federate.Visit{Callback: s.Base(p) + "/oauth2/idpresponse", Nonce: w.ID}
}

// errorCode is the form of an OAuth error code (RFC 6749, section 4.1.2.1).
var errorCode = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]+$`)

// Return signs in who comes back from an OAuth 2.0 or OpenID Connect provider with the parameters. Its error is a *authorize.Refusal, or a
// failure of ours.
func (s *Service) Return(ctx context.Context, poolID, browser string, back url.Values) (*Arrival, error) {
	for _, values := range back {
		if len(values) > 1 { // RFC 6749, section 4.1.2
			return nil, errState
		}
	}
	w, p, err := s.open(ctx, poolID, back.Get("state"), toSignIn, browser)
	if err != nil {
		return nil, err
	}
	r, v, err := s.resume(ctx, w, p)
	if err != nil {
		return nil, err
	}
	if v.Settings.ProviderType == "SAML" {
		return nil, errState
	}
	account, err := s.takeAnswer(ctx, r, v, s.visit(p, *w), back)
	if err != nil {
		return nil, s.note(ctx, r, v, nil, nil, err)
	}
	if r.Nonce == "" {
		r.Nonce = w.ID // shown in the ID token though the application sent none (documented)
	}
	return s.arrive(ctx, r, v, account)
}

// takeAnswer returns who the answer of a provider is about.
func (s *Service) takeAnswer(ctx context.Context, r *authorize.Request, v *pool.Provider, t federate.Visit, back url.Values) (*federate.Account, error) {
	if err := federate.CheckIssuer(v, back); err != nil {
		return nil, s.refused(r, v, err)
	}
	if code := back.Get("error"); code != "" || back.Get("code") == "" {
		if !errorCode.MatchString(code) || len(code) > 64 {
			code = authorize.InvalidRequest
		}
		return nil, &authorize.Refusal{Code: code, Text: firstLine(back.Get("error_description")), To: r}
	}
	account, err := s.Party.Account(ctx, v, t, back)
	return account, s.refused(r, v, err)
}

// arrive signs the account in, and notes what becomes of it.
func (s *Service) arrive(ctx context.Context, r *authorize.Request, v *pool.Provider, account *federate.Account) (*Arrival, error) {
	a, err := s.signIn(ctx, r, v, account)
	return a, s.note(ctx, r, v, account, a, err)
}

func (s *Service) signIn(ctx context.Context, r *authorize.Request, v *pool.Provider, account *federate.Account) (*Arrival, error) {
	u, isNew, err := s.person(ctx, r, v, account)
	if err != nil {
		return nil, s.refused(r, v, err)
	}
	o, err := s.SignIn.StartProved(ctx, signin.Proved{
		Request: signin.Request{Pool: r.Pool, Client: r.Client, By: signin.ByPage}, User: u, Provider: v.Name, New: isNew, AskMFA: s.allows(v, pool.AskMFA),
	})
	if err != nil {
		return nil, s.refused(r, v, err)
	}
	return &Arrival{Request: r, Outcome: o, UserID: u.ID, Username: u.Username}, nil
}

// firstLine bounds what a provider says in a text that is passed on.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return federate.Cut(line, federate.MaxTold)
}
