package authorize

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/wire"
)

// codeLife is how long an authorization code can be exchanged (documented).
const codeLife = 5 * time.Minute

// promise is what an authorization code is exchanged for, and by whom.
type promise struct {
	Grant       *signin.Grant
	RedirectURI string
	Challenge   string   `json:",omitempty"`
	Scopes      []string `json:",omitempty"`
	Nonce       string   `json:",omitempty"`
	Resource    string   `json:",omitempty"`
}

// terms are what the tokens of the promise are issued under.
func (m promise) terms() signin.Terms {
	return signin.Terms{Scopes: m.Scopes, Hosted: true, Audience: m.Resource, Nonce: m.Nonce, Source: trigger.TokenGenerationHostedAuth}
}

// Finish answers a request whose user has signed in: it returns where the browser goes, with a code or, in the implicit flow, with tokens.
// Its error is a *Refusal, or a failure of ours.
func (s *Service) Finish(ctx context.Context, r *Request, g *signin.Grant) (location string, err error) {
	if r.Account != nil {
		return r.Account.location(r.Client), nil
	}
	m := promise{Grant: g, RedirectURI: r.RedirectURI, Challenge: r.Challenge, Scopes: r.Scopes, Nonce: r.Nonce, Resource: r.Resource}
	if r.ResponseType == "token" {
		return s.finishImplicit(ctx, r, m)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return "", err
	}
	code := uuid.NewString()
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if err := touch(ctx, tx, r.Pool, g, s.Now()); err != nil {
			return err
		}
		return tx.InsertAuthorizationCode(r.Pool, store.AuthorizationCode{
			Hash: hash(code), Grant: data, OriginJTI: g.OriginJTI, Expires: s.Now().Add(codeLife),
		})
	})
	if err != nil {
		return "", err
	}
	list := parameters{}
	list.add("code", code)
	if r.hasState {
		list.add("state", r.State)
	}
	return r.answer(list), nil
}

// finishImplicit answers with tokens in the fragment, and never with a refresh token (RFC 6749, section 4.2.2).
func (s *Service) finishImplicit(ctx context.Context, r *Request, m promise) (string, error) {
	if !readable(r.Client, m.Scopes) {
		return "", &Refusal{Code: InvalidScope, To: r}
	}
	if m.Grant.Browser != "" {
		if err := s.Store.Update(ctx, func(tx *store.Tx) error { return touch(ctx, tx, r.Pool, m.Grant, s.Now()) }); err != nil {
			return "", err
		}
	}
	terms := m.terms()
	terms.Once = true
	tokens, err := s.SignIn.Redeem(ctx, r.Pool, r.Client, m.Grant, terms)
	if err != nil {
		return "", r.Refused(err)
	}
	list := parameters{}
	if tokens.ID != "" {
		list.add("id_token", tokens.ID)
	}
	list.add("access_token", tokens.Access)
	list.add("expires_in", strconv.FormatInt(tokens.ExpiresIn, 10))
	list.add("token_type", "Bearer")
	if r.hasState {
		list.add("state", r.State)
	}
	return r.answer(list), nil
}

// Refused turns a fault on the way to the answer into a refusal that is told to the application; other errors stay what they are.
func (r *Request) Refused(err error) error {
	var no *Refusal
	told := refused(err, InvalidRequest)
	if errors.As(told, &no) {
		if no.To = r; fault.Is(err, fault.UserLambdaValidation) {
			no.Text += " " // with a space at the end (observed)
		}
	}
	return told
}

// Exchange is what an application sends to exchange a code.
type Exchange struct {
	Code, RedirectURI, Verifier string
}

// Exchange exchanges a code for tokens, once: of several exchanges of one code, on whatever nodes, one succeeds, and the others end what it
// gave (RFC 6749, section 4.1.2). A wrong redirect URI or verifier uses the code up as well.
func (s *Service) Exchange(ctx context.Context, p *pool.Pool, c *pool.Client, e Exchange) (*token.Tokens, error) {
	var m promise
	var no *Refusal
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		m, no = promise{}, nil
		stored, first, err := tx.UseAuthorizationCode(p, hash(e.Code), s.Now())
		if err != nil {
			return err
		}
		if stored == nil {
			no = &Refusal{Code: InvalidGrant}
			return nil
		}
		if err := wire.Unmarshal(stored.Grant, &m); err != nil {
			return err
		}
		if m.Grant.ClientID != c.ID { // as if it had not been tried: the other client has not lost its code
			no = &Refusal{Code: InvalidGrant}
			return errOtherClient
		}
		if !first {
			no = &Refusal{Code: InvalidGrant}
			return signin.EndSignIn(tx, p.ID, m.Grant.UserID, stored.OriginJTI, s.Now().Add(c.RefreshTokenLife()))
		}
		if no = m.check(e); no == nil && !readable(c, m.Scopes) {
			no = &Refusal{Code: InvalidGrant}
		}
		if no != nil {
			return nil
		}
		err = refused(m.Grant.ReadHolder(tx, p), InvalidGrant)
		if errors.As(err, &no) { // the code is used up all the same
			return nil
		}
		return err
	})
	if err != nil && !errors.Is(err, errOtherClient) {
		return nil, err
	}
	if no != nil {
		return nil, no
	}
	tokens, err := s.SignIn.Redeem(ctx, p, c, m.Grant, m.terms())
	if err != nil {
		return nil, refused(err, InvalidGrant)
	}
	return tokens, nil
}

// errOtherClient undoes the use of a code by a client that it was not given to.
var errOtherClient = &Refusal{Code: InvalidGrant}

// check compares an exchange with what the code was given for.
func (m promise) check(e Exchange) *Refusal {
	if e.RedirectURI != m.RedirectURI {
		return &Refusal{Code: UnauthorizedClient, Text: "invalid_redirect"} // the service's words for it (documented)
	}
	if m.Challenge == "" {
		if e.Verifier != "" {
			return &Refusal{Code: InvalidGrant}
		}
		return nil
	}
	sum := sha256.Sum256([]byte(e.Verifier))
	got := base64.RawURLEncoding.EncodeToString(sum[:])
	if len(e.Verifier) < 43 || len(e.Verifier) > 128 || subtle.ConstantTimeCompare([]byte(got), []byte(m.Challenge)) != 1 {
		return &Refusal{Code: InvalidGrant}
	}
	return nil
}

// readable reports whether the client may read all attributes that its scopes stand for (documented): without email_verified, email is no
// scope to have.
func readable(c *pool.Client, scopes []string) bool {
	for scope, names := range map[string][]string{"email": {"email", "email_verified"}, "phone": {"phone_number", "phone_number_verified"}} {
		if slices.Contains(scopes, scope) && !(c.CanRead(names[0]) && c.CanRead(names[1])) {
			return false
		}
	}
	return true
}

// hash is under what a code or a cookie is stored: they are long and random, so that a plain hash tells nothing.
func hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
