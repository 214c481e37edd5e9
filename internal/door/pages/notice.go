package pages

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
)

//go:embed notice.html
var noticeHTML string

var noticePage = template.Must(template.New("notice").Parse(noticeHTML))

// notice is a page that says one thing.
type notice struct {
	Status      int
	Lang        string // BCP 47; empty: English
	Title, Text string
	ID          string // of the request, to quote; empty: none
	Form        *onwardForm
}

// onwardForm takes the person on to another server, by itself or, without scripts, by its button.
type onwardForm struct {
	To     string
	Fields map[string]string
}

// errorTitle is the service's text (observed).
const errorTitle = "An error was encountered with the requested page."

// ShowError tells a person that what an application asked for cannot be served, and an id to quote to its operator.
func (d *Door) ShowError(w http.ResponseWriter, r *http.Request, status int, text string) {
	n := notice{Status: status, Title: errorTitle, Text: text}
	if status == http.StatusNotFound {
		n = notice{Status: status, Title: "This page does not exist.", Text: "Please go back to the application that you came from."}
	}
	n.ID = caller.From(r.Context()).RequestID
	w.Header().Set("X-Amz-Cognito-Request-Id", n.ID)
	d.notify(w, n)
}

// ShowSignIn takes a person who is signing in on to the identity provider, by a form with the fields.
func (d *Door) ShowSignIn(w http.ResponseWriter, provider, to string, fields map[string]string) {
	d.notify(w, notice{Status: http.StatusOK, Title: "Signing in", Text: "You are being taken to " + provider + " to sign in.", Form: &onwardForm{To: to, Fields: fields}})
}

// ShowSignOut takes a person who is signing out on to the identity provider, by a form with the fields.
func (d *Door) ShowSignOut(w http.ResponseWriter, provider, to string, fields map[string]string) {
	d.notify(w, notice{Status: http.StatusOK, Title: "Signing out", Text: "You are being signed out at " + provider + ", too.", Form: &onwardForm{To: to, Fields: fields}})
}

// showErrorPage is what the service redirects to. The parameters of the address are not shown: anybody can make one.
func (d *Door) showErrorPage(w http.ResponseWriter, r *http.Request) {
	d.ShowError(w, r.WithContext(caller.With(r.Context(), d.Callers.Of(r))), http.StatusBadRequest, "")
}

// notify writes the page. Its address may hold a code: it is neither kept nor told to anybody else.
func (d *Door) notify(w http.ResponseWriter, n notice) {
	var page bytes.Buffer
	if err := noticePage.Execute(&page, n); err != nil {
		d.Log.Error("page not rendered", "error", err)
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	policy := "style-src '" + styleHash + "'; form-action 'none'"
	if n.Form != nil { // other hosts may follow behind the first
		policy = "style-src '" + styleHash + "'; script-src '" + scriptHash + "'; form-action https: " + formTarget(n.Form.To)
	}
	door.Page(w.Header(), policy)
	w.WriteHeader(n.Status)
	_, _ = page.WriteTo(w) // fails only when the reader is gone
}
