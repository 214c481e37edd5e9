package pages

import (
	"net/http"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
)

// refusals are the keys of those of the service's texts that tell people what they can do something about. The others are for developers, who
// search for them: they stay English. A test holds that the English catalogue has the service's words.
var refusals = map[string]string{
	authorize.NoLogin: "error.no_login",
	"Invalid state":   "error.state",
	"Rate exceeded":   "error.rate",
}

// ShowError tells a person that what an application asked for cannot be served, and an ID to quote to its operator. The text is the service's, in
// English.
func (d *Door) ShowError(w http.ResponseWriter, r *http.Request, status int, text string) {
	n := d.errorNotice(w, r, status)
	if key, ok := refusals[text]; ok {
		n.Text = n.Language.text(key)
	} else if text != "" {
		n.Text, n.TextLang = text, "en"
	}
	d.notify(w, n)
}

// errorNotice is the page of an error, which still lacks its text unless nothing was found.
func (d *Door) errorNotice(w http.ResponseWriter, r *http.Request, status int) notice {
	l := d.noticeLanguage(w, r)
	n := notice{Status: status, Language: l, Title: l.text("error.title")}
	if status == http.StatusNotFound {
		n = l.notice(status, "error.not_found_title", "error.not_found")
	}
	id := caller.From(r.Context()).RequestID
	n.Request = l.text("error.request", "id", id)
	w.Header().Set("X-Amz-Cognito-Request-Id", id)
	return n
}

// showErrorPage is what the service redirects to. The parameters of the address are not shown: anybody can make one.
func (d *Door) showErrorPage(w http.ResponseWriter, r *http.Request) {
	d.ShowError(w, r.WithContext(caller.With(r.Context(), d.Callers.Of(r))), http.StatusBadRequest, "")
}
