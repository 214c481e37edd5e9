package authorize

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ownPagesLife is how long after a sign-in a browser is signed in on pages of ours, which belong to no client. Use does not prolong it.
const ownPagesLife = time.Hour

// confirmationLife is how long a person may take to confirm that an application which registered itself gets their sign-in.
const confirmationLife = 5 * time.Minute

// Browser is a browser in which a user has signed in.
type Browser struct {
	User *user.User // read for this request

	stored *store.BrowserSession
	state  browserState
}

// browserState is what a browser session keeps of the sign-in.
type browserState struct {
	Grant    signin.Grant
	SignOuts uint32
	Password string                // fingerprint; empty: none
	Status   user.Status           `json:",omitempty"` // a provider lets users in who could not sign in by their password
	SAML     *federate.SAMLSession `json:",omitempty"` // at the grant's provider; nil: there is none
}

// AuthTime is when the user signed in.
func (b *Browser) AuthTime() time.Time { return b.state.Grant.Time }

// provider is the identity provider that the user signed in by.
func (b *Browser) provider() string {
	return cmp.Or(b.state.Grant.Provider, pool.CognitoProvider)
}

// Grant returns the sign-in as one of the client: silent, so that it happened when the user signed in, but with tokens of its own lineage.
func (b *Browser) Grant(c *pool.Client, now time.Time) *signin.Grant {
	g := b.state.Grant
	g.ClientID, g.Browser = c.ID, b.stored.ID
	fresh := token.NewSignIn(b.User, now)
	g.SignIn = token.SignIn{OriginJTI: fresh.OriginJTI, EventID: fresh.EventID, Time: b.state.Grant.Time, DeviceKey: g.DeviceKey}
	return &g
}

// Remember keeps a browser signed in after a sign-in by the pages, unless its user was deleted, disabled or signed out everywhere meanwhile. at is
// the session that it has at a SAML provider, nil for none. cookie is the secret that tells the browser, for a cookie that lives that long, in place
// of the one before. How long it counts for a client is for Suffices to say. The grant is noted to have come through the session.
func (s *Service) Remember(
	ctx context.Context, p *pool.Pool, g *signin.Grant, at *federate.SAMLSession, before string,
) (cookie string, life time.Duration, err error) {
	life = p.BrowserSessionLife()
	cookie, g.Browser, err = s.keep(ctx, p, browserState{Grant: *g, SAML: at}, store.BrowserSession{Expires: s.Now().Add(life)}, hash(before), func(u *user.User) error {
		switch {
		case !u.Enabled:
			return user.IsDisabled()
		case g.EndedFor(u):
			return fault.New(fault.NotAuthorized, "Invalid session for the user.") // the service's text for a sign-in that cannot go on
		}
		return nil
	})
	return cookie, life, err
}

// Renew keeps a browser signed in whose user has just changed the password there, or signed out everywhere else. It is no new sign-in: the
// session ends when it would have ended. life is how long that is.
func (s *Service) Renew(ctx context.Context, p *pool.Pool, b *Browser) (cookie string, life time.Duration, err error) {
	cookie, _, err = s.keep(ctx, p, b.state, *b.stored, b.stored.Hash, func(*user.User) error { return nil })
	return cookie, b.stored.Expires.Sub(s.Now()), err
}

// mostBrowserSessions is how many sessions of browsers a user has at most where the pool tracks them; the least recently used make room.
const mostBrowserSessions = 100

// keep stores a session of a browser in place of the one before, of which it has the hash. Where the pool tracks sessions and it has no id, it
// gets that of the one before unless that was another user's or has ended by a sign-out everywhere.
func (s *Service) keep(
	ctx context.Context, p *pool.Pool, state browserState, kept store.BrowserSession, before string, check func(*user.User) error,
) (cookie, id string, err error) {
	secret := rand.Text() + rand.Text()
	by, draft := caller.From(ctx).User(), kept
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, state.Grant.UserID)
		if err != nil {
			return err
		}
		if err := check(u); err != nil {
			return err
		}
		state.SignOuts, state.Password, state.Status = u.SignOuts, fingerprint(u), u.Status
		data, err := json.Marshal(state)
		if err != nil {
			return err
		}
		kept = draft
		kept.Hash, kept.UserID, kept.State = hash(secret), u.ID, data
		if p.TracksSessions() {
			now := s.Now()
			if kept.ID == "" {
				if kept.ID, kept.Created, err = sameBrowser(tx, p, u, before, now); err != nil {
					return err
				}
			}
			if kept.ID == "" {
				kept.ID, kept.Created = token.NewBrowserSessionID(), now
			}
			kept.LastUsed, kept.IP, kept.Device = now, by.SourceIP, signin.DeviceName(by)
		}
		if err := tx.DeleteBrowserSession(p.ID, before); err != nil {
			return err
		}
		if err := tx.InsertBrowserSession(p, kept); err != nil || kept.ID == "" {
			return err
		}
		return tx.TrimBrowserSessions(p.ID, u.ID, mostBrowserSessions)
	})
	return secret, kept.ID, err
}

// Recall returns the browser of a cookie; nil when it is not signed in any more: too long ago, or its user was signed out everywhere,
// disabled, deleted, or has another password or has to choose one since, or has lost the account at the provider that the sign-in came by.
func (s *Service) Recall(ctx context.Context, p *pool.Pool, cookie string) (*Browser, error) {
	if cookie == "" {
		return nil, nil
	}
	var b *Browser
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		b, err = s.recall(tx, p, hash(cookie))
		return err
	})
	return b, err
}

// Reread reads the user of a browser again, in the transaction that changes something of theirs. Who is not signed in any more is refused.
func (s *Service) Reread(tx *store.Tx, p *pool.Pool, b *Browser) (*user.User, error) {
	again, err := s.recall(tx, p, b.stored.Hash)
	if err != nil {
		return nil, err
	}
	if again == nil {
		return nil, fault.New(fault.NotAuthorized, "The browser is not signed in.")
	}
	return again.User, nil
}

func (s *Service) recall(tx *store.Tx, p *pool.Pool, hash string) (*Browser, error) {
	stored, err := tx.BrowserSession(p, hash, s.Now())
	if err != nil || stored == nil {
		return nil, err
	}
	b := &Browser{stored: stored}
	if err := wire.Unmarshal(stored.State, &b.state); err != nil {
		return nil, err
	}
	u, err := tx.UserByID(p, stored.UserID)
	switch {
	case fault.Is(err, fault.UserNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case !b.state.holds(u):
		return nil, nil
	}
	b.User = u
	return b, nil
}

// holds reports whether the sign-in of a browser still counts for its user.
func (st *browserState) holds(u *user.User) bool {
	return u.Enabled && u.SignOuts == st.SignOuts && fingerprint(u) == st.Password && (settled(u) || u.Status == st.Status) &&
		(st.Grant.Provider == "" || u.HasAccount(st.Grant.Provider))
}

// settled reports whether the user has nothing to do before signing in, such as choosing another password.
func settled(u *user.User) bool {
	return u.Status == user.Confirmed || u.Status == user.ExternalProvider
}

// fingerprint tells one password of a user from the next.
func fingerprint(u *user.User) string {
	if u.Password == nil {
		return ""
	}
	sum := sha256.Sum256(u.Password.Verifier.V)
	return hex.EncodeToString(sum[:16])
}

// Elsewhere is a session at a SAML provider that a browser still has after it was signed out here.
type Elsewhere struct {
	Provider string
	Session  federate.SAMLSession
}

// SignOut ends the session of a browser on the server. It returns the one at the provider that it had signed in by; nil where there is none.
func (s *Service) SignOut(ctx context.Context, p *pool.Pool, cookie string) (left *Elsewhere, err error) {
	if cookie == "" {
		return nil, nil
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		left = nil
		stored, err := tx.BrowserSession(p, hash(cookie), s.Now())
		if err != nil || stored == nil {
			return err
		}
		var state browserState
		if err := wire.Unmarshal(stored.State, &state); err != nil {
			return err
		}
		if state.SAML != nil {
			left = &Elsewhere{Provider: state.Grant.Provider, Session: *state.SAML}
		}
		return tx.DeleteBrowserSession(p.ID, stored.Hash)
	})
	return left, err
}

// Silent returns the browser's sign-in for a request that it satisfies without the person; nil when the person must be asked.
func (s *Service) Silent(r *Request, b *Browser) *signin.Grant {
	if r.Asks("select_account") || r.Client.Registered() || !s.Suffices(r, b) { // a stranger's application gets nothing without the person
		return nil
	}
	return b.Grant(r.Client, s.Now())
}

// Suffices reports whether the sign-in of a browser is good enough for a request: the application does not insist on another one, lets people
// in who came that way, and it is not longer ago than the client takes sessions over (SSOSession.MaxValidityMinutes), nor than max_age (OpenID
// Connect Core 1.0, section 3.1.2.1), of which 0 is good for none.
func (s *Service) Suffices(r *Request, b *Browser) bool {
	if b == nil || r.Asks("login") || r.MaxAge == 0 || !r.Client.Supports(b.provider()) {
		return false
	}
	age := s.Now().Sub(b.AuthTime())
	return age < sessionLife(r) && (r.MaxAge < 0 || age <= r.MaxAge)
}

// sessionLife is how long after a sign-in it is good for the request.
func sessionLife(r *Request) time.Duration {
	switch {
	case r.Account != nil:
		return ownPagesLife
	case r.Client.Registered():
		return max(r.Client.SSOLife(r.Pool), confirmationLife)
	}
	return r.Client.SSOLife(r.Pool)
}

// OnOwnPages returns the browser if it is signed in on pages of ours that are asked for by way of the request's client, else nil.
func (s *Service) OnOwnPages(r *Request, b *Browser) *Browser {
	if b == nil || s.Now().Sub(b.AuthTime()) >= ownPagesLife || !r.Client.Supports(b.provider()) {
		return nil
	}
	return b
}
