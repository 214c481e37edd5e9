package pages

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"sync"

	"github.com/cenote-id/cenote/internal/door"
)

//go:embed notice.html
var noticeHTML string

var noticePage = sync.OnceValue(func() *template.Template { return template.Must(template.New("notice").Parse(noticeHTML)) })

// notice is a page that says one thing.
type notice struct {
	Status      int
	Language    language
	Title, Text string
	TextLang    string // BCP 47, of a text that is not in the language of the page; else empty
	Request     string // the line with the ID of the request, to quote; empty: none
	Form        *onwardForm
	Back        template.URL // where the sign-in begins again; empty: nowhere
	BackText    string
}

// from adds the way back to the beginning of the visit's sign-in.
func (n notice) from(v *visit) notice {
	if v != nil {
		n.Back, n.BackText = "/login?"+v.Query, n.Language.text("back")
	}
	return n
}

// notice returns a page with the texts of two keys.
func (l language) notice(status int, title, text string, values ...string) notice {
	return notice{Status: status, Language: l, Title: l.text(title), Text: l.text(text, values...)}
}

// onwardForm takes the person on to another server, by itself or, without scripts, by its button.
type onwardForm struct {
	To     string
	Fields map[string]string
	Submit string // the text of the button
}

// ShowSignIn takes a person who is signing in on to the identity provider, by a form with the fields.
func (d *Door) ShowSignIn(w http.ResponseWriter, r *http.Request, provider, to string, fields map[string]string) {
	d.takeOn(w, d.noticeLanguage(w, r).notice(http.StatusOK, "onward.sign_in_title", "onward.sign_in", "provider", provider), to, fields)
}

// ShowSignOut takes a person who is signing out on to the identity provider, by a form with the fields.
func (d *Door) ShowSignOut(w http.ResponseWriter, r *http.Request, provider, to string, fields map[string]string) {
	d.takeOn(w, d.noticeLanguage(w, r).notice(http.StatusOK, "onward.sign_out_title", "onward.sign_out", "provider", provider), to, fields)
}

func (d *Door) takeOn(w http.ResponseWriter, n notice, to string, fields map[string]string) {
	n.Form = &onwardForm{To: to, Fields: fields, Submit: n.Language.text("onward.submit")}
	d.notify(w, n)
}

// notify writes the page. Its address may hold a code: it is neither kept nor told to anybody else.
func (d *Door) notify(w http.ResponseWriter, n notice) {
	var page bytes.Buffer
	if err := noticePage().Execute(&page, n); err != nil {
		d.Log.Error("page not rendered", "error", err)
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	policy := "style-src '" + styleHash + "'; form-action 'none'"
	if n.Form != nil {
		policy = "style-src '" + styleHash + "'; script-src '" + scriptHash + "'; form-action " + formTargets(n.Form.To)
	}
	door.Page(w.Header(), policy)
	w.WriteHeader(n.Status)
	_, _ = page.WriteTo(w) // fails only when the reader is gone
}
