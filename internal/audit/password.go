package audit

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// The events at which passwords are looked at, as risk configurations name them.
const (
	AtSignIn         = "SIGN_IN"
	AtPasswordChange = "PASSWORD_CHANGE"
	AtSignUp         = "SIGN_UP"
)

// CheckSignIn looks whether the right password of a sign-in is a compromised one, and whether it is to be refused for that. The trail
// that it returns remembers the finding.
func (g *Guard) CheckSignIn(ctx context.Context, c Case, t *Trail, password string) (_ *Trail, refused bool, err error) {
	looked, found, refuses, err := g.compromised(c, AtSignIn, password)
	if err != nil || !looked {
		return t, false, err
	}
	if t == nil {
		t = g.begin()
	}
	t.Compromised = &found
	if !found || !refuses {
		return t, false, nil
	}
	t.Judged, t.Decision = true, decisionBlock
	g.Note(ctx, c, t, user.EventFail, []user.EventStep{{Name: PasswordStep, Success: true}})
	return t, true, nil
}

// CheckNew refuses a compromised password that somebody chooses, at AtSignUp or AtPasswordChange, where the pool wants that.
func (g *Guard) CheckNew(p *pool.Pool, c *pool.Client, event, password string) error {
	if g == nil || p.ThreatMode() == pool.ThreatsOff {
		return nil
	}
	_, found, refuses, err := g.compromised(Case{Pool: p, Client: c}, event, password)
	if err != nil {
		return err
	}
	if found && refuses {
		return fault.New(fault.InvalidPassword, "Provided password cannot be used for security reasons.")
	}
	return nil
}

// compromised looks the password up, where the configuration wants it and there is a list. That an address is always allowed spares nobody this
// (documented).
func (g *Guard) compromised(c Case, event, password string) (looked, found, refuses bool, err error) {
	risk := c.Pool.RiskOf(c.Client)
	looks, refuses := pool.RefusesCompromised(risk, event)
	if !looks || g.Breached == nil {
		return false, false, false, nil
	}
	found, err = g.Breached.Has(password)
	return err == nil, found, refuses && c.enforced(), err
}
