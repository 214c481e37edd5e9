package pages

import (
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// feedback takes what the reader of a notice thinks of a sign-in, by one click on one of its links.
func (d *Door) feedback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	_, err := api.Do[wire.UpdateAuthEventFeedbackOutput](caller.With(r.Context(), d.Callers.Of(r)), d.Operations, "UpdateAuthEventFeedback", map[string]string{
		"UserPoolId": q.Get("user_pool_id"), "Username": q.Get("username"), "EventId": q.Get("event_id"),
		"FeedbackToken": q.Get("feedback_token"), "FeedbackValue": q.Get("value"),
	})
	l := d.languageOf(w, r, q.Get("lang")).with(d.Texts, q.Get("user_pool_id"), "")
	say := func(status int, title, text string) { d.notify(w, l.notice(status, title, text)) }
	var f *fault.Error
	switch {
	case err == nil && q.Get("value") == "Invalid":
		say(http.StatusOK, "feedback.title", "feedback.not_me")
	case err == nil:
		say(http.StatusOK, "feedback.title", "feedback.me")
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "feedback not taken", "error", err)
		say(http.StatusInternalServerError, "error.failed_title", "error.failed")
	default:
		say(http.StatusBadRequest, "feedback.invalid_title", "feedback.invalid")
	}
}
