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
	var f *fault.Error
	switch {
	case err == nil && q.Get("value") == "Invalid":
		d.notify(w, notice{Status: http.StatusOK, Title: "Thank you", Text: "We have noted that it was not you. Please change your password."})
	case err == nil:
		d.notify(w, notice{Status: http.StatusOK, Title: "Thank you", Text: "We have noted that it was you."})
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "feedback not taken", "error", err)
		d.notify(w, notice{Status: http.StatusInternalServerError, Title: "Something went wrong", Text: "Please try again later."})
	default:
		d.notify(w, notice{Status: http.StatusBadRequest, Title: "This link is not valid", Text: "It is too old, or it is not complete."})
	}
}
