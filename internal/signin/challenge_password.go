package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
)

// startPassword is the sign-in with a plain password: one request, then the ladder.
func (m *Machine) startPassword(ctx context.Context, s Start) (*Outcome, error) {
	name, err := required(s.Params, "USERNAME")
	if err != nil {
		return nil, err
	}
	password, err := required(s.Params, "PASSWORD")
	if err != nil {
		return nil, err
	}
	if err := s.Client.CheckSecretHash(name, s.Params["SECRET_HASH"]); err != nil {
		return nil, err
	}
	w, err := m.find(ctx, s.Pool, s.Client, name)
	if err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	if err := w.checkStatus(); err != nil {
		return nil, err
	}
	if !w.verifier.Matches(s.Pool.NamePart(), w.shownName, password) || w.user == nil {
		return nil, m.fail(ctx, s.Pool, w)
	}
	if err := w.checkTemporary(m.Now()); err != nil {
		return nil, err
	}
	return m.advance(ctx, s.Pool, s.Client, w, "")
}

// errTemporaryExpired is the answer for a temporary password whose time is over (observed many times).
var errTemporaryExpired = fault.New(fault.NotAuthorized, "Temporary password has expired and must be reset by an administrator.")
