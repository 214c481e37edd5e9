package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// AdminUpdateAuthEventFeedback says whether an event was the user's own doing. It counts when the user signs in the next time.
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

// watchedUser returns a user of a pool with threat protection.
func (s *Service) watchedUser(ctx context.Context, poolID, name string) (*pool.Pool, *user.User, error) {
	p, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return nil, nil, err
	}
	if err := p.CheckThreatProtection(); err != nil {
		return nil, nil, err
	}
	var u *user.User
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		u, err = tx.UserByName(p, name)
		return err
	})
	return p, u, err
}
