package userpools

import (
	"context"
	"errors"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// usernameExists turns a name that somebody else holds into the answer for a new user.
func usernameExists(err error, text string) error {
	var taken *store.NameTaken
	if !errors.As(err, &taken) {
		return err
	}
	if taken.Name.Kind == user.ByUsername {
		return fault.New(fault.UsernameExists, text)
	}
	return fault.Newf(fault.UsernameExists, "An account with the given %s already exists.", taken.Name.Kind)
}

// forget removes a user who was made a moment ago and whose first message could not be delivered, so that nothing half-made stays
// and the name is free for another try. It works even when the caller has gone.
func (s *Service) forget(ctx context.Context, p *pool.Pool, u *user.User) error {
	return s.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		now, err := tx.UserByID(p, u.ID)
		if fault.Is(err, fault.UserNotFound) {
			return nil
		}
		if err != nil || now.Status != u.Status {
			return err
		}
		return tx.DeleteUser(p, now)
	})
}
