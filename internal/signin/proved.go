package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/user"
)

// Proved is a sign-in of a user whom an identity provider of the pool has authenticated.
type Proved struct {
	Request
	User     *user.User // as stored: the provider's own, or one that it is linked to
	Provider string     // its name
	New      bool       // made by this sign-in: Pre- and PostAuthentication are not asked (documented)
	AskMFA   bool       // the second factor of pool and user follows, as it does a password; the service never asks for one
}

// StartProved begins a sign-in whose first factor was proved elsewhere. Password and lockout are the provider's concern, and so is the second
// factor unless the operator wants one here; whether the user may sign in at all is decided as for anybody else.
func (m *Machine) StartProved(ctx context.Context, s Proved) (*Outcome, error) {
	w := someone(s.Pool, s.User)
	w.unannounced = s.New
	if err := m.checkOpen(ctx, s.Request, w, ByProvider); err != nil { // failures have not been read: passwords that others try lock nobody out here
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w); err != nil {
		return nil, err
	}
	if s.User.Status == user.Unconfirmed {
		return nil, errUnconfirmed
	}
	a := begin(s.Pool, w)
	a.First, a.Provider, a.AskMFA, a.New = ByProvider, s.Provider, s.AskMFA, s.New
	return m.advance(ctx, s.Request, w, a, nil)
}
