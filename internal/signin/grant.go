package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
)

// Grant is how a sign-in ends: it says who was authenticated, when and how, for which client and from which device. Redeem issues the
// tokens. A grant holds no secret, but whoever can redeem it is that user: as JSON, it belongs behind a sealed authorization code.
type Grant struct {
	PoolID   string
	ClientID string
	UserID   string
	token.SignIn
	First     FirstFactor // how the user proved who they are
	Provider  string      `json:",omitempty"` // the identity provider that it was proved to; empty: the pool itself
	Passed    []Challenge // what was passed after that, in order
	NewDevice *NewDevice  // the device is unknown, and may be confirmed under this key; nil: it is known, or the pool tracks none

	// Browser is the session of the browser that the grant came through, sso…; empty: it did not, or the pool does not track sessions.
	Browser string `json:",omitempty"`

	held *holder // as read by the step that completed the sign-in, or by ReadHolder; nil in a grant that was stored
}

// holder is whom tokens are issued to, as stored.
type holder struct {
	user   *user.User
	groups []pool.Group
}

// NewDevice names a device that the pool does not know yet.
type NewDevice struct{ Key, GroupKey string }

// end ends a sign-in that has nothing more to prove.
func (m *Machine) end(ctx context.Context, r Request, w *person, a *Attempt, groups []pool.Group) (*Outcome, error) {
	if err := m.postAuthentication(ctx, r, w); err != nil {
		return nil, err
	}
	g := &Grant{
		PoolID: r.Pool.ID, ClientID: r.Client.ID, UserID: w.user.ID, SignIn: token.NewSignIn(w.user, m.Now()),
		First: a.First, Provider: a.Provider, Passed: a.Passed, held: &holder{user: w.user, groups: groups},
	}
	if a.Trail != nil && a.Trail.Event != "" {
		g.EventID = a.Trail.Event
	}
	if a.First != ByProvider { // whose users have no devices (documented)
		var err error
		if g.DeviceKey, g.NewDevice, err = m.deviceOf(ctx, r, w); err != nil {
			return nil, err
		}
	}
	m.record(ctx, r, w, a, user.EventPass)
	return &Outcome{Grant: g}, nil
}

// ReadHolder reads the user of a grant that was stored, and the groups, for Redeem. The user may have changed since: one who was deleted,
// disabled or signed out everywhere gets no tokens, nor does one whose device was forgotten or whose account at the provider was unlinked.
func (g *Grant) ReadHolder(tx *store.Tx, p *pool.Pool) error {
	u, err := tx.WithoutPasswords().UserByID(p, g.UserID)
	if err != nil {
		return err
	}
	if !u.Enabled {
		return user.IsDisabled()
	}
	if g.EndedFor(u) || g.Provider != "" && !u.HasAccount(g.Provider) {
		return token.Revoked()
	}
	forgotten, err := tx.DeviceForgotten(p, g.DeviceKey)
	if err != nil {
		return err
	}
	if forgotten {
		return user.DeviceNotFound()
	}
	if err := checkStatus(u); err != nil && u.Status != user.ExternalProvider {
		return err
	}
	groups, err := tx.UserGroups(p.ID, u.ID, "", 0)
	if err != nil {
		return err
	}
	g.held = &holder{user: u, groups: groups}
	return nil
}
