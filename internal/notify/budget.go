package notify

import (
	"context"
	"time"

	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// Budget limits how many messages strangers can cause: per user and per destination of a pool, within an hour, across all nodes. It is
// spent where messages leave, so no flow gets around it. Messages that administrators cause are not limited.
//
// Sign-ups, codes that anybody can ask for, codes for those who have shown a password or token, and notices are counted apart. So
// whoever has a stranger's budget spent does not stop the owner's second factor, and the answer to a sign-up tells nothing about other
// messages to the address.
type Budget struct {
	Store       *store.Store
	User        int // messages of a kind per user and hour; 0: any number
	Destination int // the same per e-mail address or phone number
	Now         func() time.Time
}

// spend counts a message to the subject at the destination, and refuses it when the hour's messages are spent.
func (b *Budget) spend(ctx context.Context, poolID, subject, to string, kind user.Action) error {
	if b == nil || (b.User == 0 && b.Destination == 0) {
		return nil
	}
	now := b.Now()
	return b.Store.Update(ctx, func(tx *store.Tx) error {
		for _, c := range []struct {
			subject string
			limit   int
		}{{subject, b.User}, {user.DestinationSubject(to), b.Destination}} {
			if c.limit == 0 {
				continue
			}
			n, err := tx.Counter(poolID, c.subject, kind)
			if err != nil {
				return err
			}
			if !n.Within(c.limit, now) {
				return user.TooManyAttempts().Because(message.ErrLimited)
			}
			if err := tx.SaveCounter(poolID, c.subject, kind, n.Add(now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// spend counts the note against the budget.
func (n *Notifier) spend(ctx context.Context, note Note) error {
	if note.Client == nil {
		return nil
	}
	return n.Budget.spend(ctx, note.Pool.ID, user.Subject(note.User.ID), note.To, note.kind())
}

// kind returns what the note counts as.
func (note Note) kind() user.Action {
	switch note.Reason {
	case message.SignUp, message.AdminCreateUser: // the latter with a client: a user who was migrated
		return user.SendSignUp
	case message.VerifyAttribute, message.UpdateAttribute:
		return user.SendProven
	case message.Authentication:
		if note.Proven {
			return user.SendProven
		}
		return user.SendCode
	case message.AccountTakeOver:
		return user.SendNotice
	case message.ResendCode, message.ForgotPassword:
		return user.SendCode
	}
	return user.SendCode
}
