package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// poseDevice asks a remembered device to prove itself. It replaces the second factor. Clients in the field answer without a session
// (amazon-cognito-identity-js before version 5, the official examples in Python), so the attempt also waits on the server, by the device.
func (m *Machine) poseDevice(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	next := m.pending(r.Client, a, DeviceSRPAuth)
	o, err := m.ask(r, next, map[string]string{"DEVICE_KEY": w.device.Key, "USERNAME": w.shown()})
	if err != nil {
		return nil, err
	}
	err = m.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.ReplaceChallenge(r.Pool, w.user.ID, waitingID(r, w.device.Key), []byte(o.Session), next.Expires)
	})
	return o, err
}

// waitingID names what waits for a device: a client has one sign-in at a time with it.
func waitingID(r Request, deviceKey string) string { return "device:" + r.Client.ID + ":" + deviceKey }

// waitingFor returns the attempt that waits for the device of an answer without a session.
func (m *Machine) waitingFor(ctx context.Context, a Answer) (*Attempt, error) {
	if _, err := required(a.Responses, "DEVICE_KEY"); err != nil {
		return nil, err
	}
	var session []byte
	err := m.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByName(a.Pool, a.Responses["USERNAME"])
		if fault.Is(err, fault.UserNotFound) {
			return missing("Session")
		}
		if err != nil {
			return err
		}
		session, err = tx.Challenge(a.Pool, u.ID, waitingID(a.Request, a.Device), m.Now())
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case session == nil:
		return nil, missing("Session") // nothing waits
	}
	return m.open(a.Pool, a.Client, string(session))
}

// checkDevice is the first step of the device's SRP: it answers DEVICE_PASSWORD_VERIFIER. The group key of the device stands for the
// pool's name and its key for the username. The attempt keeps its id, so that whichever of its proofs is the first consumes it.
func (m *Machine) checkDevice(r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	if _, err := required(with, "DEVICE_KEY"); err != nil {
		return nil, err
	}
	srpA, err := required(with, "SRP_A")
	if err != nil {
		return nil, err
	}
	if err := checkTrusted(r.Pool, w, a, with); err != nil {
		return nil, err
	}
	publicA, err := parseA(srpA)
	if err != nil {
		return nil, err
	}
	challenge, srpB := credential.NewChallenge(w.device.Verifier, publicA)
	next := m.pending(r.Client, a, DevicePasswordVerifier)
	next.ID, next.SRP = a.ID, &srpState{Challenge: challenge.Bytes()}
	block, err := m.seal(r.Pool, r.Client, next)
	if err != nil {
		return nil, err
	}
	return &Outcome{Challenge: DevicePasswordVerifier, Session: block, Parameters: map[string]string{
		"SALT":         w.device.Verifier.SaltHex(),
		"SRP_B":        srpB,
		"SECRET_BLOCK": block,
		"DEVICE_KEY":   w.device.Key,
		"USERNAME":     w.shown(),
	}}, nil
}

// checkDeviceProof is the second step: the proof that it is the device which was confirmed. A wrong proof counts as a wrong password.
func (m *Machine) checkDeviceProof(ctx context.Context, r Request, w *person, a *Attempt, p *proof) (*Outcome, error) {
	if err := checkTrusted(r.Pool, w, a, map[string]string{"DEVICE_KEY": r.Device}); err != nil {
		return nil, err
	}
	if !p.holds(w.device.Verifier, user.DeviceGroupKey(r.Pool, w.device.Key), w.device.Key) {
		return nil, m.fail(ctx, r.Pool, w)
	}
	a.passed(DevicePasswordVerifier)
	return m.advance(ctx, r, w, a, func(tx *store.Tx) error {
		if err := m.note(ctx, tx, r, w); err != nil {
			return err
		}
		if !w.device.ReplacesMFA(r.Pool) {
			return errInvalidSession // no longer remembered
		}
		return nil
	})
}

// checkTrusted refuses an answer of another device than the one that was asked, and of one that is no longer trusted. An answer need not
// name it.
func checkTrusted(p *pool.Pool, w *person, a *Attempt, with map[string]string) error {
	named := with["DEVICE_KEY"]
	if w.device == nil || named != "" && named != a.DeviceKey || !w.device.ReplacesMFA(p) {
		return errInvalidSession
	}
	return nil
}

// note notes the sign-in on the device, whose row is read again: it may have been forgotten since.
func (m *Machine) note(ctx context.Context, tx *store.Tx, r Request, w *person) error {
	d, err := tx.Device(r.Pool, w.user.ID, w.device.Key)
	if err != nil {
		return err
	}
	d.SignedIn(caller.From(ctx).SourceIP, m.Now())
	w.device, w.noted = d, true
	return tx.SaveDevice(r.Pool, d)
}
