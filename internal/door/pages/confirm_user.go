package pages

import (
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// confirmUser confirms a sign-up by the link of its message. The parameters are those of the service's links. Programs that look a link
// over before a person opens it often ask for its head alone: that confirms nobody.
func (d *Door) confirmUser(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	d.notify(w, d.confirmed(r, d.follow(r)))
}

// follow reads the link's parameters, as strictly as those of the operation, and confirms.
func (d *Door) follow(r *http.Request) error {
	q := r.URL.Query()
	params := map[string]string{"ClientId": q.Get("client_id"), "Username": q.Get("user_name"), "ConfirmationCode": q.Get("confirmation_code")}
	if q.Has("signature") {
		params["SecretHash"] = q.Get("signature")
	}
	body, err := wire.Encode(params)
	if err != nil {
		return fault.New(fault.InvalidParameter, "").Because(err)
	}
	in, err := d.ByLink.Decode(body)
	if err != nil {
		return err
	}
	_, err = d.ByLink.Call(caller.With(r.Context(), d.Callers.Of(r)), in)
	return err
}

// confirmed says what came of it. Who does not exist, who is confirmed already and whose code is another are all told the same.
func (d *Door) confirmed(r *http.Request, err error) notice {
	var f *fault.Error
	switch {
	case err == nil:
		return notice{Status: http.StatusOK, Title: "Your registration is confirmed", Text: "You can close this page and sign in."}
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "sign-up not confirmed", "error", err)
		return notice{Status: http.StatusInternalServerError, Title: "Something went wrong", Text: "Please try again later."}
	}
	switch f.Code {
	case fault.UserLambdaValidation, fault.UnexpectedLambda, fault.InvalidLambdaResponse: // functions may have something to say to the user
		d.Log.WarnContext(r.Context(), "trigger failed at a sign-up's link", "error", err)
		return notice{Status: http.StatusBadRequest, Title: "Something went wrong", Text: f.Message}
	case fault.LimitExceeded, fault.TooManyRequests, fault.TooManyFailedAttempts:
		return notice{Status: http.StatusTooManyRequests, Title: "Too many attempts", Text: "Please try again after some time."}
	case fault.AliasExists:
		return notice{Status: http.StatusBadRequest, Title: "Your registration cannot be confirmed", Text: f.Message}
	}
	return notice{
		Status: http.StatusBadRequest, Title: "This link is not valid",
		Text: "It has been used already, it is too old, or it is not complete. If you have not confirmed your registration yet, ask for a new message.",
	}
}
