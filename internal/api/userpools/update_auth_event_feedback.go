package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// UpdateAuthEventFeedback lets the reader of a notice say whether the event was the user's own doing. The token of the notice proves
// that it was read; without it, nothing is told of users.
func (s *Service) UpdateAuthEventFeedback(
	ctx context.Context, in *wire.UpdateAuthEventFeedbackInput,
) (*wire.UpdateAuthEventFeedbackOutput, error) {
	p, u, err := s.watchedUser(ctx, in.UserPoolId, in.Username)
	switch {
	case fault.Is(err, fault.UserNotFound):
		return nil, fault.New(fault.NotAuthorized, "Invalid feedback token")
	case err != nil:
		return nil, err
	}
	if err := s.Audit.CheckFeedbackToken(p, u.ID, in.EventId, in.FeedbackToken); err != nil {
		return nil, err
	}
	if err := s.Audit.GiveFeedback(ctx, p, u.ID, in.EventId, in.FeedbackValue, "User"); err != nil {
		return nil, err
	}
	return &wire.UpdateAuthEventFeedbackOutput{}, nil
}
