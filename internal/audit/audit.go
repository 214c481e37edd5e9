// Package audit is threat protection: what users did (events), how dangerous a sign-in looks (risk), and what is done about it.
//
// Only pools of the PLUS tier that turned it on are watched; for all others every method of Guard returns at once. A sign-in carries a
// Trail from request to request: the id of its event and what was found out about it. Events go to a Recorder, which writes them behind
// the requests' backs, so that recording never delays or fails a sign-in. The risk is told by the pure function assess (assess.go) from
// the user's own history; what to do at which risk is the operator's configuration. Start with Guard.Judge.
package audit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/logs"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// EventLife is how long events are kept. The service keeps them for two years; what is kept about people should be no more than needed.
const EventLife = 365 * 24 * time.Hour

// Guard watches the sign-ins of pools with threat protection. A nil Guard watches nothing.
type Guard struct {
	Store     *store.Store
	Recorder  *Recorder
	Logs      *logs.Outbox // nil: nothing is delivered elsewhere
	Notify    *notify.Notifier
	Breached  *Breached // nil: no password is known to be compromised
	PublicURL string    // base of the links in notices, without a trailing slash
	Now       func() time.Time
}

// Trail is what a sign-in carries from request to request, sealed with its other state. Keep it small: sessions have a limit.
type Trail struct {
	Event       string `json:"e,omitempty"` // id of the event, and the event_id of the tokens; empty: nothing is recorded
	Began       int64  `json:"b"`           // microseconds since 1970
	Judged      bool   `json:"j,omitempty"` // the rest has been found out
	Level       string `json:"l,omitempty"` // Low, Medium, High or ""
	Decision    string `json:"d,omitempty"` // NoRisk, AccountTakeover or Block
	Compromised *bool  `json:"c,omitempty"` // nil: not looked at
	WantsFactor bool   `json:"f,omitempty"` // a second factor is demanded, though the user turned none on
}

// Case is a sign-in, as far as it has come.
type Case struct {
	Pool   *pool.Pool
	Client *pool.Client
	User   *user.User // nil: there is no such user
	Custom bool       // by custom challenges, which have a mode of their own
}

// mode is how the case is protected.
func (c Case) mode() string {
	if c.Custom {
		return c.Pool.CustomThreatMode()
	}
	return c.Pool.ThreatMode()
}

func (c Case) enforced() bool { return c.mode() == pool.ThreatsEnforced }

// Watches reports whether the case concerns threat protection at all.
func (g *Guard) Watches(c Case) bool { return g != nil && c.User != nil && c.mode() != pool.ThreatsOff }

// errBlocked is the answer for a sign-in that is refused because of its risk (observed).
var errBlocked = fault.New(fault.NotAuthorized, "Unable to login because of security reasons.")

// Admit refuses a sign-in or a sign-up from an address that the operator blocked. It comes before the password is looked at, and holds for
// unknown users as well. Who signs in by a provider, refreshes tokens or resets a password is not held to it (documented for the first two).
func (g *Guard) Admit(ctx context.Context, c Case) error {
	if g == nil || !c.enforced() {
		return nil
	}
	if blocked, _ := pool.ExemptAddress(c.Pool.RiskOf(c.Client), caller.From(ctx).User().SourceIP); !blocked {
		return nil
	}
	if c.User != nil {
		t := g.begin()
		t.Decision = decisionBlock
		g.Note(ctx, c, t, user.EventFail, nil)
	}
	return errBlocked
}

// begin starts the trail of a sign-in.
func (g *Guard) begin() *Trail { return &Trail{Event: uuid.NewString(), Began: g.Now().UnixMicro()} }

// Failed records a wrong password.
func (g *Guard) Failed(ctx context.Context, c Case) {
	if g.Watches(c) {
		g.Note(ctx, c, g.begin(), user.EventFail, []user.EventStep{{Name: PasswordStep}})
	}
}

// The names of steps, as events show them.
const (
	PasswordStep = "Password"
	FactorStep   = "Mfa"
)

// Note records how far a sign-in has come. A nil trail is that of a sign-in which is not watched.
func (g *Guard) Note(ctx context.Context, c Case, t *Trail, result user.EventResult, steps []user.EventStep) {
	if t == nil || t.Event == "" {
		return
	}
	e := g.event(ctx, c, user.SignInEvent, result)
	e.ID, e.Time = t.Event, time.UnixMicro(t.Began).UTC()
	e.Steps = steps
	e.Risk = user.EventRisk{Decision: t.Decision, Level: t.Level, Compromised: t.Compromised}
	g.add(ctx, c, e)
}

// add records an event, here and where the pool's logs go.
func (g *Guard) add(ctx context.Context, c Case, e user.Event) {
	g.Recorder.Add(e)
	g.Logs.Activity(c.Pool, c.User, e, caller.From(ctx).RequestID)
}

// Record records what a user did beside signing in. Clients that hide who exists ask for users who do not: nil is nobody.
func (g *Guard) Record(ctx context.Context, p *pool.Pool, c *pool.Client, u *user.User, kind user.EventType, result user.EventResult) {
	if what := (Case{Pool: p, Client: c, User: u}); g.Watches(what) {
		g.add(ctx, what, g.event(ctx, what, kind, result))
	}
}

func (g *Guard) event(ctx context.Context, c Case, kind user.EventType, result user.EventResult) user.Event {
	by, now := caller.From(ctx).User(), g.Now()
	e := user.Event{
		PoolID: c.Pool.ID, UserID: c.User.ID, ID: uuid.NewString(), Time: now, Expires: now.Add(EventLife),
		Type: kind, Result: result, IP: by.SourceIP,
	}
	e.Browser, e.System = by.Device()
	if c.Client != nil {
		e.ClientID = c.Client.ID
	}
	return e
}
