package signin

import "context"

// customState is what a sign-in by custom challenges carries from step to step.
type customState struct{}

func (m *Machine) startCustom(ctx context.Context, s Start) (*Outcome, error) {
	return nil, flowUnsupported()
}

func (m *Machine) answerCustom(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}

func (m *Machine) passedVerifier(ctx context.Context, a Answer, w *person, attempt *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}
