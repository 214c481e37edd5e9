package signin

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// passkeyState is what the answer to a passkey challenge is checked against.
type passkeyState struct {
	Challenge []byte `json:"c"`
}

// party is who asks for passkeys in the pool.
func (m *Machine) party(p *pool.Pool) passkey.Party { return user.PasskeyParty(p, m.Tokens.PublicURL) }

// posePasskey asks for one of the user's passkeys.
func (m *Machine) posePasskey(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	known, err := m.passkeysOf(ctx, r.Pool, w)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		return nil, errInvalidSession // deleted since they were offered
	}
	next := m.pending(r.Client, a, WebAuthn)
	next.Passkey = &passkeyState{Challenge: passkey.NewChallenge()}
	options, err := m.party(r.Pool).RequestOptions(next.Passkey.Challenge, known, r.Client.AttemptLife())
	if err != nil {
		return nil, err
	}
	return m.ask(r, next, map[string]string{"CREDENTIAL_REQUEST_OPTIONS": string(options)})
}

// checkPasskey checks a passkey. It must still be a way for this user to sign in: a second factor may have been turned on since it was asked
// for. A wrong one is not counted, because nobody can try out signatures.
func (m *Machine) checkPasskey(ctx context.Context, r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	given, err := required(with, "CREDENTIAL")
	if err != nil {
		return nil, err
	}
	if a.Passkey == nil || !slices.Contains(Offered(facts(r.Pool, w, a)), WebAuthn) {
		return nil, errInvalidSession
	}
	used, err := m.verifyPasskey(ctx, r, w, a, given)
	if err != nil {
		return nil, err
	}
	return m.admitPasskey(ctx, r, w, a, used)
}

// verifyPasskey returns the user's passkey that signed the challenge, as it is after that.
func (m *Machine) verifyPasskey(ctx context.Context, r Request, w *person, a *Attempt, given string) (*passkey.Credential, error) {
	known, err := m.passkeysOf(ctx, r.Pool, w)
	if err != nil {
		return nil, err
	}
	return m.party(r.Pool).Verify(a.Passkey.Challenge, w.user.PasskeyOwner().Handle, known, []byte(given))
}

// admitPasskey goes on after a passkey that fits.
func (m *Machine) admitPasskey(ctx context.Context, r Request, w *person, a *Attempt, used *passkey.Credential) (*Outcome, error) {
	a.First = ByPasskey
	return m.advance(ctx, r, w, a, func(tx *store.Tx) error { return countPasskey(tx, r.Pool, w.user, used) })
}

// passkeysOf loads the passkeys that the user can sign in with.
func (m *Machine) passkeysOf(ctx context.Context, p *pool.Pool, w *person) ([]passkey.Credential, error) {
	var keys []*user.Passkey
	err := m.Store.View(ctx, func(tx *store.Tx) (err error) {
		keys, err = tx.Passkeys(p, w.user.ID, time.Time{}, "", 0)
		return err
	})
	if w.user.Phantom {
		return user.PhantomPasskeys(p, w.user), err
	}
	return user.Credentials(keys, m.party(p).ID), err
}

// countPasskey saves what a sign-in changed of the passkey. It is read again: it may have been deleted since, or have been used by a
// copy that counted as far.
func countPasskey(tx *store.Tx, p *pool.Pool, u *user.User, used *passkey.Credential) error {
	keys, err := tx.Passkeys(p, u.ID, time.Time{}, "", 0)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(keys, func(k *user.Passkey) bool { return bytes.Equal(k.Credential.ID, used.ID) })
	if i < 0 {
		return passkey.Refused()
	}
	k := keys[i]
	if k.Credential.SignCount == 0 && used.SignCount == 0 && k.Credential.BackedUp == used.BackedUp {
		return nil
	}
	if used.SignCount > 0 && used.SignCount <= k.Credential.SignCount {
		return passkey.Refused()
	}
	k.Credential = *used
	return tx.SavePasskey(p, k)
}
