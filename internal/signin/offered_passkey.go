package signin

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// passkeyOffered is the state of a sign-in in which a browser may offer the passkeys that it has for the pool, before anybody has told a name.
// The API has no such challenge.
const passkeyOffered Challenge = "cenote:passkey_offered"

// offeredLife is how long a page may stay open before its passkeys are no longer taken.
const offeredLife = 15 * time.Minute

// errPasskeyNotEnough is for people to read, in words of ours: the API offers no passkeys to users whom they do not let in.
var errPasskeyNotEnough = fault.New(fault.NotAuthorized,
	"Your account also asks for a second factor, which a passkey does not replace. Please sign in another way.")

// OfferPasskey begins a sign-in by a passkey that says by itself whose it is. It returns the options that the browser takes (WebAuthn,
// PublicKeyCredentialRequestOptionsJSON), and no session where passkeys do not sign in.
func (m *Machine) OfferPasskey(r Request) (options wire.Document, session string, err error) {
	if !m.TakesPasskeys(r.Pool) {
		return nil, "", nil
	}
	next := m.pending(r.Client, &Attempt{}, passkeyOffered)
	next.Expires = m.Now().Add(offeredLife)
	next.Passkey = &passkeyState{Challenge: passkey.NewChallenge()}
	if options, err = m.party(r.Pool).RequestOptions(next.Passkey.Challenge, nil, offeredLife); err != nil {
		return nil, "", err
	}
	session, err = m.seal(r.Pool, r.Client, next)
	return options, session, err
}

// TakesPasskeys reports whether passkeys sign users of the pool in.
func (m *Machine) TakesPasskeys(p *pool.Pool) bool {
	return p.AllowsFirstFactor(pool.Passkey) && m.party(p).ID != ""
}

// AnswerOffered takes a passkey that was offered. Its owner is let in as whoever begins a sign-in by name; one that belongs to nobody is no better
// than one that does not fit.
func (m *Machine) AnswerOffered(ctx context.Context, r Request, session, credential string) (*Outcome, error) {
	offered, err := m.open(r.Pool, r.Client, session)
	if err != nil {
		return nil, err
	}
	if offered.Challenge != passkeyOffered || offered.Passkey == nil {
		return nil, errInvalidSession
	}
	handle, err := passkey.HandleOf([]byte(credential))
	if err != nil {
		return nil, err
	}
	w, err := m.owner(ctx, r, string(handle))
	if err != nil {
		return nil, err
	}
	if err := m.checkOpen(ctx, r, w, ""); err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, r, w); err != nil {
		return nil, err
	}
	if err := m.checkStatus(ctx, r, w); err != nil {
		return nil, err
	}
	a := begin(r.Pool, w)
	a.ID, a.Passkey = offered.ID, offered.Passkey
	used, err := m.verifyPasskey(ctx, r, w, a, credential)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(Offered(facts(r.Pool, w, a)), WebAuthn) { // told to its owner only
		return nil, errPasskeyNotEnough
	}
	return m.admitPasskey(ctx, r, w, a, used)
}

// owner finds the person to whom a passkey was given under the handle.
func (m *Machine) owner(ctx context.Context, r Request, handle string) (w *person, err error) {
	if _, err := uuid.Parse(handle); err != nil || len(handle) != len(uuid.Nil.String()) {
		return nil, passkey.Refused()
	}
	err = m.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(r.Pool, handle)
		if fault.Is(err, fault.UserNotFound) {
			return passkey.Refused()
		}
		if err != nil {
			return err
		}
		w = someone(r.Pool, u)
		if err := w.countFailures(tx, r.Pool); err != nil {
			return err
		}
		return m.learn(tx, r, w, r.Device)
	})
	return w, err
}
