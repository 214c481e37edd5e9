package signin

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
)

// timestampSkew is how far the client's clock may be off. The service does not document it; reports agree on a few minutes.
const timestampSkew = 5 * time.Minute

// answerProof checks the second step of SRP, of a user or a device. Whatever is wrong with its attempt is told as a wrong password.
func (m *Machine) answerProof(ctx context.Context, a Answer) (*Outcome, error) {
	attempt, proof, err := m.readProof(a, a.Challenge)
	if err != nil {
		return nil, err
	}
	w, err := m.resume(ctx, a, attempt)
	if errors.Is(err, errInvalidSession) && a.Challenge == PasswordVerifier {
		return nil, errWrongPassword
	}
	if err != nil {
		return nil, err
	}
	if a.Challenge == DevicePasswordVerifier {
		return m.checkDeviceProof(ctx, a.Request, w, attempt, proof)
	}
	return m.checkSRP(ctx, a.Request, w, attempt, proof)
}

// proof is what the second step of SRP sends, of a user or a device.
type proof struct {
	challenge        *credential.Challenge
	block            []byte
	timestamp, claim string
}

// readProof reads the responses of a second step and the attempt in their secret block, which must await them.
func (m *Machine) readProof(a Answer, awaited Challenge) (*Attempt, *proof, error) {
	block, err := required(a.Responses, "PASSWORD_CLAIM_SECRET_BLOCK")
	if err != nil {
		return nil, nil, err
	}
	claim, err := required(a.Responses, "PASSWORD_CLAIM_SIGNATURE")
	if err != nil {
		return nil, nil, err
	}
	timestamp, err := required(a.Responses, "TIMESTAMP")
	if err != nil {
		return nil, nil, err
	}
	at, err := credential.ParseTimestamp(timestamp)
	if errors.Is(err, credential.ErrTimestampFormat) {
		return nil, nil, fault.New(fault.InvalidParameter, "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	if err != nil || !m.isNow(at) {
		return nil, nil, errWrongPassword
	}
	attempt, err := m.open(a.Pool, a.Client, block)
	if errors.Is(err, errExpiredSession) {
		return nil, nil, err
	}
	if err != nil || attempt.Challenge != awaited || attempt.SRP == nil {
		return nil, nil, errWrongPassword
	}
	challenge, err := credential.ParseChallenge(attempt.SRP.Challenge)
	if err != nil {
		return nil, nil, err
	}
	challenge.Powers = m.Powers
	raw, err := sessionEncoding.DecodeString(block)
	if err != nil {
		return nil, nil, errWrongPassword
	}
	return attempt, &proof{challenge: challenge, block: raw, timestamp: timestamp, claim: claim}, nil
}

// isNow reports whether a client's time is near enough to ours. Clients go by their machine's clock, also where ours has been moved.
func (m *Machine) isNow(at time.Time) bool {
	return at.Sub(m.Now()).Abs() <= timestampSkew || m.Wall != nil && at.Sub(m.Wall()).Abs() <= timestampSkew
}

// holds reports whether the proof shows knowledge of the verifier's password.
func (p *proof) holds(v credential.Verifier, scope, id string) bool {
	return p.challenge.Verify(v, scope, id, p.block, p.timestamp, p.claim)
}
