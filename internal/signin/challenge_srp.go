package signin

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
)

// srpState is what the second step of SRP needs of the first. Sealed into the secret block, it makes both steps work on any node
// and costs the first step no write.
type srpState struct {
	Challenge []byte `json:"c"`
}

// timestampSkew is how far the client's clock may be off. The service does not document it; reports agree on a few minutes.
const timestampSkew = 5 * time.Minute

// startSRP is the first step of SRP: it answers PASSWORD_VERIFIER. There is no session in this flow, the state travels in
// SECRET_BLOCK (observed).
func (m *Machine) startSRP(ctx context.Context, s Start) (*Outcome, error) {
	name, err := required(s.Params, "USERNAME")
	if err != nil {
		return nil, err
	}
	srpA, err := required(s.Params, "SRP_A")
	if err != nil {
		return nil, err
	}
	if err := s.Client.CheckSecretHash(name, s.Params["SECRET_HASH"]); err != nil {
		return nil, err
	}
	publicA, err := credential.ParseA(srpA)
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "Invalid SRP_A.").Because(err)
	}
	w, err := m.find(ctx, s.Pool, s.Client, name)
	if err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	challenge, srpB := credential.NewChallenge(w.verifier, publicA)
	attempt := m.newAttempt(s.Client, PasswordVerifier, w)
	attempt.SRP = &srpState{Challenge: challenge.Bytes()}
	block, err := m.seal(s.Pool, s.Client, attempt)
	if err != nil {
		return nil, err
	}
	return &Outcome{Challenge: PasswordVerifier, Parameters: map[string]string{
		"SALT":            w.verifier.SaltHex(),
		"SRP_B":           srpB,
		"SECRET_BLOCK":    block,
		"USERNAME":        w.shownName,
		"USER_ID_FOR_SRP": w.shownName,
	}}, nil
}

// answerSRP is the second step: the proof that the client knows the password. An attempt is consumed by success alone, so that a
// client may send the same answer again after a refusal that has nothing to do with the password.
func (m *Machine) answerSRP(ctx context.Context, a Answer) (*Outcome, error) {
	block, err := required(a.Responses, "PASSWORD_CLAIM_SECRET_BLOCK")
	if err != nil {
		return nil, err
	}
	claim, err := required(a.Responses, "PASSWORD_CLAIM_SIGNATURE")
	if err != nil {
		return nil, err
	}
	timestamp, err := required(a.Responses, "TIMESTAMP")
	if err != nil {
		return nil, err
	}
	at, err := credential.ParseTimestamp(timestamp)
	if errors.Is(err, credential.ErrTimestampFormat) {
		return nil, fault.New(fault.InvalidParameter, "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	if err != nil || at.Sub(m.Now()).Abs() > timestampSkew {
		return nil, errWrongPassword
	}
	attempt, err := m.open(a.Pool, a.Client, block)
	if errors.Is(err, errExpiredSession) {
		return nil, err
	}
	if err != nil || attempt.Challenge != PasswordVerifier || attempt.SRP == nil {
		return nil, errWrongPassword
	}
	w, err := m.resume(ctx, a, attempt)
	if errors.Is(err, errInvalidSession) {
		return nil, errWrongPassword
	}
	if err != nil {
		return nil, err
	}
	if err := w.checkStatus(); err != nil {
		return nil, err
	}
	challenge, err := credential.ParseChallenge(attempt.SRP.Challenge)
	if err != nil {
		return nil, err
	}
	secretBlock, err := sessionEncoding.DecodeString(block)
	if err != nil {
		return nil, errWrongPassword
	}
	proved := challenge.Verify(w.verifier, a.Pool.NamePart(), w.shownName, secretBlock, timestamp, claim)
	if !proved || w.user == nil {
		return nil, m.fail(ctx, a.Pool, w)
	}
	if err := w.checkTemporary(m.Now()); err != nil {
		return nil, err
	}
	return m.advance(ctx, a.Pool, a.Client, w, attempt.ID)
}
