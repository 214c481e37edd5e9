package pages

import (
	"errors"
	"net/http"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// confirmUser confirms a sign-up by the link of its message. The parameters are those of the service's links.
func (d *Door) confirmUser(w http.ResponseWriter, r *http.Request) {
	d.notify(w, d.confirmed(r, d.noticeLanguage(w, r), d.follow(r)))
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
func (d *Door) confirmed(r *http.Request, l language, err error) notice {
	var f *fault.Error
	switch {
	case err == nil:
		return l.notice(http.StatusOK, "confirm_link.done_title", "confirm_link.done")
	case !errors.As(err, &f):
		d.Log.ErrorContext(r.Context(), "sign-up not confirmed", "error", err)
		return l.notice(http.StatusInternalServerError, "error.failed_title", "error.failed")
	}
	switch f.Code {
	case fault.UserLambdaValidation, fault.UnexpectedLambda, fault.InvalidLambdaResponse: // functions may have something to say to the user
		d.Log.WarnContext(r.Context(), "trigger failed at a sign-up's link", "error", err)
		n := notice{Status: http.StatusBadRequest, Language: l, Title: l.text("error.failed_title")}
		n.Text, n.TextLang = l.quote(f)
		return n
	case fault.LimitExceeded, fault.TooManyRequests, fault.TooManyFailedAttempts:
		return l.notice(http.StatusTooManyRequests, "error.too_many_title", "error.too_many")
	case fault.AliasExists:
		n := notice{Status: http.StatusBadRequest, Language: l, Title: l.text("confirm_link.refused_title")}
		n.Text, n.TextLang = l.quote(f)
		return n
	}
	return l.notice(http.StatusBadRequest, "confirm_link.invalid_title", "confirm_link.invalid")
}
