package audit

import (
	"context"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// What was decided about a sign-in, as events spell it.
const (
	decisionNone     = "NoRisk"
	decisionTakeover = "AccountTakeover" // the operator's response to the level was given
	decisionBlock    = "Block"
)

// Proof is what the sign-in itself adds to the user's history.
type Proof struct {
	KnownDevice bool         // the device is one that the user has confirmed
	Failures    user.Counter // wrong passwords before
}

// Judge tells the risk of a sign-in whose first factor was right, once, and does what the operator wants done at that risk. The trail is
// nil for a sign-in that is not watched, and for one that has no trail yet. The error is that of a sign-in which is refused.
func (g *Guard) Judge(ctx context.Context, c Case, t *Trail, proof Proof) (*Trail, error) {
	if !g.Watches(c) || t != nil && t.Judged {
		return t, nil
	}
	if t == nil {
		t = g.begin()
	}
	t.Judged, t.Decision = true, decisionNone
	risk, by := c.Pool.RiskOf(c.Client), caller.From(ctx).User()
	if _, skipped := pool.ExemptAddress(risk, by.SourceIP); skipped {
		return t, nil
	}
	var history []user.Event
	err := g.Store.View(ctx, func(tx *store.Tx) (err error) {
		history, err = tx.UserEvents(c.Pool.ID, c.User.ID, time.Time{}, "", historySize)
		return err
	})
	if err != nil {
		return nil, err
	}
	s := sighting{ip: by.SourceIP, knownDevice: proof.KnownDevice, failures: proof.Failures}
	s.browser, s.system = by.Device()
	t.Level = assess(g.Now(), s, history)
	if t.Level == "" || !c.enforced() {
		return t, nil
	}
	t.Decision = decisionTakeover
	action := pool.TakeoverAction(risk, strings.ToUpper(t.Level))
	if action == nil {
		return t, nil
	}
	return t, g.respond(ctx, c, t, risk, action)
}

// respond does what the operator wants done at a risk.
func (g *Guard) respond(ctx context.Context, c Case, t *Trail, r *wire.RiskConfigurationType, action *wire.AccountTakeoverActionType) error {
	done := action.EventAction
	if strings.HasPrefix(done, "MFA") && len(c.User.ActiveFactors(c.Pool)) == 0 {
		switch ready := len(c.User.ReadyFactors(c.Pool)) > 0; {
		case ready:
			t.WantsFactor = true
		case done == "MFA_REQUIRED":
			done = "BLOCK"
		default:
			done = "NO_ACTION"
		}
	}
	if action.Notify {
		g.warn(ctx, c, t, r, done)
	}
	if done != "BLOCK" {
		return nil
	}
	t.Decision = decisionBlock
	g.Note(ctx, c, t, user.EventFail, []user.EventStep{{Name: PasswordStep, Success: true}})
	return errBlocked
}
