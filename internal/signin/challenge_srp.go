package signin

import (
	"context"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
)

// srpState is what the second step of SRP needs of the first. Sealed into the secret block, it makes both steps work on any node
// and costs the first step no write.
type srpState struct {
	Challenge []byte `json:"c"`
}

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
	publicA, err := parseA(srpA) // before anybody is looked up
	if err != nil {
		return nil, err
	}
	w, err := m.meet(ctx, s.Request, name)
	if err != nil {
		return nil, err
	}
	return m.poseSRP(s.Request, w, begin(s.Pool, w), publicA, false)
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
func (m *Machine) poseSRP(r Request, w *person, a *Attempt, publicA credential.PublicA, withSession bool) (*Outcome, error) {
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
		"USERNAME":        w.shown(),
		"USER_ID_FOR_SRP": w.shown(),
	}}
	if withSession {
		o.Session = block
	}
	return o, nil
}

// checkPasswordSRP begins SRP for a factor that was chosen.
func (m *Machine) checkPasswordSRP(r Request, w *person, a *Attempt, with map[string]string) (*Outcome, error) {
	srpA, err := required(with, "SRP_A")
	if err != nil {
		return nil, err
	}
	publicA, err := parseA(srpA)
	if err != nil {
		return nil, err
	}
	return m.poseSRP(r, w, a, publicA, true)
}

// checkSRP checks the second step: the proof that the client knows the password. An attempt is consumed by success alone, so that a
// client may send the same answer again after a refusal that has nothing to do with the password.
func (m *Machine) checkSRP(ctx context.Context, r Request, w *person, a *Attempt, p *proof) (*Outcome, error) {
	if proved := p.holds(w.verifier, r.Pool.NamePart(), w.shown()); !proved || w.user.Phantom {
		return nil, m.fail(ctx, r.Pool, w)
	}
	if err := w.checkTemporary(m.Now()); err != nil {
		return nil, err
	}
	a.First = ByPassword
	if a.Custom != nil {
		return m.passedVerifier(ctx, r, w, a)
	}
	return m.advance(ctx, r, w, a, nil)
}
