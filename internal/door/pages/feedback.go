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
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	q := r.URL.Query()
	_, err := api.Do[wire.UpdateAuthEventFeedbackOutput](caller.With(r.Context(), d.Callers.Of(r)), d.Operations, "UpdateAuthEventFeedback", map[string]string{
		"UserPoolId": q.Get("user_pool_id"), "Username": q.Get("username"), "EventId": q.Get("event_id"),
		"FeedbackToken": q.Get("feedback_token"), "FeedbackValue": q.Get("value"),
	})
	l := d.languageOf(w, r, "")
	say := func(status int, title, text string) {
		d.notify(w, notice{Status: status, Lang: l.Tag, Title: l.text(title), Text: l.text(text)})
	}
	var f *fault.Error
	switch {
	case err == nil && q.Get("value") == "Invalid":
		say(http.StatusOK, "feedback.title", "feedback.not_me")
	case err == nil:
		say(http.StatusOK, "feedback.title", "feedback.me")
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "feedback not taken", "error", err)
		d.notify(w, notice{Status: http.StatusInternalServerError, Title: "Something went wrong", Text: "Please try again later."})
	default:
		say(http.StatusBadRequest, "feedback.invalid_title", "feedback.invalid")
	}
}
