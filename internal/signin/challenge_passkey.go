package signin

import "context"

// passkeyState is what the answer to a passkey challenge is checked against.
type passkeyState struct{}

func (m *Machine) posePasskey(ctx context.Context, r Request, w *person, a *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}

func (m *Machine) answerPasskey(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}
