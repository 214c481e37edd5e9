package userpools

import (
	"context"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// countAttempt counts an attempt of the subject and refuses it when the hour's limit is reached. The attempt is counted before it
// is made, so that attempts made at the same time cannot slip past the limit together.
func (s *Service) countAttempt(ctx context.Context, poolID, subject string, a user.Action) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		n, err := tx.Counter(poolID, subject, a)
		if err != nil {
			return err
		}
		if !n.Allowed(a, s.Now()) {
			return user.TooManyAttempts()
		}
		return tx.SaveCounter(poolID, subject, a, n.Add(s.Now()))
	})
}
