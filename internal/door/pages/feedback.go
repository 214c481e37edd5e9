package pages

import (
	"errors"
	"net/http"
	"slices"

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
	in, err := opinion(r)
	if err == nil {
		_, err = d.Operations.UpdateAuthEventFeedback(caller.With(r.Context(), d.Caller(r)), in)
	}
	var f *fault.Error
	switch {
	case err == nil && in.FeedbackValue == "Invalid":
		d.show(w, notice{http.StatusOK, "Thank you", "We have noted that it was not you. Please change your password."})
	case err == nil:
		d.show(w, notice{http.StatusOK, "Thank you", "We have noted that it was you."})
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "feedback not taken", "error", err)
		d.show(w, notice{http.StatusInternalServerError, "Something went wrong", "Please try again later."})
	default:
		d.show(w, notice{http.StatusBadRequest, "This link is not valid", "It is too old, or it is not complete."})
	}
}

// opinion reads the link's parameters, as strictly as those of the operation.
func opinion(r *http.Request) (*wire.UpdateAuthEventFeedbackInput, error) {
	q := r.URL.Query()
	body, err := wire.Encode(map[string]string{
		"UserPoolId": q.Get("user_pool_id"), "Username": q.Get("username"), "EventId": q.Get("event_id"),
		"FeedbackToken": q.Get("feedback_token"), "FeedbackValue": q.Get("value"),
	})
	if err != nil {
		return nil, fault.New(fault.InvalidParameter, "").Because(err)
	}
	i := slices.IndexFunc(wire.Operations(), func(o *wire.Operation) bool {
		return o.Service == wire.UserPools && o.Name == "UpdateAuthEventFeedback"
	})
	in, err := wire.Operations()[i].Decode(body)
	if err != nil {
		return nil, err
	}
	return in.(*wire.UpdateAuthEventFeedbackInput), nil //nolint:errcheck // what NewInput of the operation makes
}
