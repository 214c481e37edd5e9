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
	name, err := username(s.Params)
	if err != nil {
		return nil, err
	}
	srpA, err := required(s.Params, "SRP_A")
	if err != nil {
		return nil, err
	}
	if err := s.checkSecret(name, s.Params); err != nil {
		return nil, err
	}
	if _, err := parseA(srpA); err != nil { // before anybody is looked up
		return nil, err
	}
	w, err := m.find(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	if err := w.checkEnabled(m.Now()); err != nil {
		return nil, err
	}
	if err := m.preAuthentication(ctx, s.Request, w, name); err != nil {
		return nil, err
	}
	return m.poseSRP(s.Request, w, begin(w, name), srpA, false)
}

func parseA(srpA string) (credential.PublicA, error) {
	a, err := credential.ParseA(srpA)
	if err != nil {
		return a, fault.New(fault.InvalidParameter, "Invalid SRP_A.").Because(err)
	}
	return a, nil
}

// poseSRP answers the server's half of SRP. In the flows of choice and of custom challenges the state goes on as a session too, which
// clients send back beside the secret block.
func (m *Machine) poseSRP(r Request, w *person, a *Attempt, srpA string, withSession bool) (*Outcome, error) {
	publicA, err := parseA(srpA)
	if err != nil {
		return nil, err
	}
	challenge, srpB := credential.NewChallenge(w.verifier, publicA)
	next := m.pending(r.Client, a, PasswordVerifier)
	next.SRP = &srpState{Challenge: challenge.Bytes()}
	block, err := m.seal(r.Pool, r.Client, next)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Challenge: PasswordVerifier, Parameters: map[string]string{
		"SALT":            w.verifier.SaltHex(),
		"SRP_B":           srpB,
		"SECRET_BLOCK":    block,
		"USERNAME":        w.shownName,
		"USER_ID_FOR_SRP": w.shownName,
	}}
	if withSession {
		o.Session = block
	}
	return o, nil
}

// answerPasswordSRP begins SRP for a factor that was chosen.
func (m *Machine) answerPasswordSRP(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	srpA, err := required(a.Responses, "SRP_A")
	if err != nil {
		return nil, err
	}
	w, err := m.resume(ctx, a, attempt)
	if err != nil {
		return nil, err
	}
	return m.poseSRP(a.Request, w, attempt, srpA, true)
}

// answerSRP is the second step: the proof that the client knows the password. An attempt is consumed by success alone, so that a
// client may send the same answer again after a refusal that has nothing to do with the password.
func (m *Machine) answerSRP(ctx context.Context, a Answer) (*Outcome, error) {
	attempt, proof, err := m.readProof(a, PasswordVerifier)
	if err != nil {
		return nil, err
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
	if proved := proof.holds(w.verifier, a.Pool.NamePart(), w.shownName); !proved || w.user == nil {
		return nil, m.fail(ctx, a.Pool, w)
	}
	if err := w.checkTemporary(m.Now()); err != nil {
		return nil, err
	}
	attempt.First = ByPassword
	if attempt.Custom != nil {
		return m.passedVerifier(ctx, a, w, attempt)
	}
	return m.advance(ctx, a.Request, w, attempt, nil)
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
	if err != nil || at.Sub(m.Now()).Abs() > timestampSkew {
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
	raw, err := sessionEncoding.DecodeString(block)
	if err != nil {
		return nil, nil, errWrongPassword
	}
	return attempt, &proof{challenge: challenge, block: raw, timestamp: timestamp, claim: claim}, nil
}

// holds reports whether the proof shows knowledge of the verifier's password.
func (p *proof) holds(v credential.Verifier, scope, id string) bool {
	return p.challenge.Verify(v, scope, id, p.block, p.timestamp, p.claim)
}
