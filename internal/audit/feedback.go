package audit

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// feedbackLife is for how long a notice's links work.
const feedbackLife = 7 * 24 * time.Hour

// feedbackToken is what lets the reader of a notice say what the event was. It opens nothing else.
type feedbackToken struct {
	UserID  string    `json:"u"`
	EventID string    `json:"e"`
	Expires time.Time `json:"x"`
}

// newFeedbackToken makes the token for an event.
func (g *Guard) newFeedbackToken(p *pool.Pool, userID, eventID string) string {
	plain, err := json.Marshal(feedbackToken{userID, eventID, g.Now().Add(feedbackLife)})
	if err != nil {
		panic(err) // three plain members
	}
	return base64.RawURLEncoding.EncodeToString(p.Key.Seal(plain, "feedback", p.ID))
}

// CheckFeedbackToken refuses a token that is not one for the user's event.
func (g *Guard) CheckFeedbackToken(p *pool.Pool, userID, eventID, token string) error {
	bad := fault.New(fault.NotAuthorized, "Invalid feedback token")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return bad.Because(err)
	}
	plain, err := p.Key.Open(sealed, "feedback", p.ID)
	if err != nil {
		return bad.Because(err)
	}
	var t feedbackToken
	if err := wire.Unmarshal(plain, &t); err != nil {
		return bad.Because(err)
	}
	switch {
	case t.UserID != userID || t.EventID != eventID:
		return bad
	case !g.Now().Before(t.Expires):
		return fault.New(fault.NotAuthorized, "The feedback token has expired")
	}
	return nil
}

// GiveFeedback stores what somebody (Admin or User) thinks of an event: Valid or Invalid. It counts when the user's next sign-ins are
// judged.
func (g *Guard) GiveFeedback(ctx context.Context, p *pool.Pool, userID, eventID, value, provider string) error {
	if err := g.Recorder.Flush(ctx); err != nil { // a notice can be read before its event is written
		return err
	}
	var found bool
	err := g.Store.Update(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.SaveFeedback(p.ID, userID, eventID, user.Feedback{Value: value, Provider: provider, Time: g.Now()})
		return err
	})
	if err == nil && !found {
		err = fault.New(fault.ResourceNotFound, "The authentication event does not exist.")
	}
	return err
}
