package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/wire"
)

// AdminUpdateAuthEventFeedback says whether an event was the user's own doing. It counts from the next sign-in of the user.
func (s *Service) AdminUpdateAuthEventFeedback(
	ctx context.Context, in *wire.AdminUpdateAuthEventFeedbackInput,
) (*wire.AdminUpdateAuthEventFeedbackOutput, error) {
	p, u, err := s.watchedUser(ctx, in.UserPoolId, in.Username)
	if err != nil {
		return nil, err
	}
	if err := s.Audit.GiveFeedback(ctx, p, u.ID, in.EventId, in.FeedbackValue, "Admin"); err != nil {
		return nil, err
	}
	return &wire.AdminUpdateAuthEventFeedbackOutput{}, nil
}
