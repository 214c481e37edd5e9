package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// poseDevice asks a remembered device to prove itself. It takes the place of the second factor.
func (m *Machine) poseDevice(r Request, w *person, a *Attempt) (*Outcome, error) {
	return m.ask(r, m.pending(r.Client, a, DeviceSRPAuth), map[string]string{"DEVICE_KEY": w.device.Key, "USERNAME": w.shownName})
}

// answerDevice is the first step of the device's SRP: it answers DEVICE_PASSWORD_VERIFIER. The group key of the device stands for the
// pool's name and its key for the username. The attempt keeps its id, so that whichever of its proofs is the first consumes it.
func (m *Machine) answerDevice(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	if _, err := required(a.Responses, "DEVICE_KEY"); err != nil {
		return nil, err
	}
	srpA, err := required(a.Responses, "SRP_A")
	if err != nil {
		return nil, err
	}
	w, err := m.resumeDevice(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	publicA, err := credential.ParseA(srpA)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "Invalid SRP_A.").Because(err)
	}
	challenge, srpB := credential.NewChallenge(w.device.Verifier, publicA)
	next := m.pending(a.Client, attempt, DevicePasswordVerifier)
	next.ID, next.SRP = attempt.ID, &srpState{Challenge: challenge.Bytes()}
	block, err := m.seal(a.Pool, a.Client, next)
	if err != nil {
		return nil, err
	}
	return &Outcome{Challenge: DevicePasswordVerifier, Session: block, Parameters: map[string]string{
		"SALT":         w.device.Verifier.SaltHex(),
		"SRP_B":        srpB,
		"SECRET_BLOCK": block,
		"DEVICE_KEY":   w.device.Key,
		"USERNAME":     w.shownName,
	}}, nil
}

// answerDeviceSRP is the second step: the proof that it is the device which was confirmed. A wrong proof counts as a wrong password.
func (m *Machine) answerDeviceSRP(ctx context.Context, a Answer) (*Outcome, error) {
	attempt, proof, err := m.readProof(a, DevicePasswordVerifier)
	if err != nil {
		return nil, err
	}
	w, err := m.resumeDevice(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	if !proof.holds(w.device.Verifier, user.DeviceGroupKey(a.Pool, w.device.Key), w.device.Key) {
		return nil, m.fail(ctx, a.Pool, w)
	}
	attempt.passed(DevicePasswordVerifier)
	return m.advance(ctx, a.Request, w, attempt, func(tx *store.Tx) error {
		if err := m.note(ctx, tx, a.Request, w); err != nil {
			return err
		}
		if !w.device.ReplacesMFA(a.Pool) {
			return errInvalidSession // no longer remembered
		}
		return nil
	})
}

// resumeDevice resolves the user and the device of an attempt that waits for the device. No other device can take its place, and it
// must still be trusted.
func (m *Machine) resumeDevice(ctx context.Context, a Answer, attempt *Attempt) (*person, error) {
	asked := attempt.DeviceKey
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	if w.device == nil || w.device.Key != asked || !w.device.ReplacesMFA(a.Pool) {
		return nil, errInvalidSession
	}
	return w, nil
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
