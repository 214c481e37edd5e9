package signin

import "context"

func (m *Machine) poseDevice(r Request, w *person, a *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}

func (m *Machine) answerDevice(ctx context.Context, a Answer, attempt *Attempt) (*Outcome, error) {
	return nil, errInvalidSession
}

func (m *Machine) answerDeviceSRP(ctx context.Context, a Answer) (*Outcome, error) {
	return nil, errInvalidSession
}
