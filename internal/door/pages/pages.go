// Package pages serves the pages that people open in a browser: for now those that the links of messages lead to.
//
// A page is a client of the operations and holds no rule. What a page shows comes from here alone, with one style, no script and no
// frame; words of others (a function's, a fault's) are shown as text. Start with Door.Routes.
package pages

import (
	"bytes"
	"context"
	_ "embed"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/door"
)

// SignUps confirms sign-ups by the link of their message.
type SignUps interface {
	ConfirmSignUpByLink(ctx context.Context, clientID, username, code string) error
}

// Door serves the pages.
type Door struct {
	Operations *api.Table
	SignUps    SignUps
	Callers    door.Callers // who asks
	Log        *slog.Logger
}

// Routes mounts the pages:
//
//	GET /confirmUser/?client_id=..&user_name=..&confirmation_code=..   confirms a sign-up, and says so
//	GET /feedback?user_pool_id=..&username=..&event_id=..&feedback_token=..&value=Valid|Invalid   notes whose a sign-in was
func (d *Door) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /confirmUser/{$}", d.confirmUser)
	mux.HandleFunc("GET /confirmUser", d.confirmUser)
	mux.HandleFunc("GET /feedback", d.feedback)
}

//go:embed notice.html
var noticeHTML string

var noticePage = template.Must(template.New("notice").Parse(noticeHTML))

// notice is a page that says one thing.
type notice struct {
	Status      int
	Title, Text string
}

// show writes the page. Its address holds a code: it is neither kept nor told to anybody else.
func (d *Door) show(w http.ResponseWriter, n notice) {
	var page bytes.Buffer
	if err := noticePage.Execute(&page, n); err != nil {
		d.Log.Error("page not rendered", "error", err)
		http.Error(w, "The page cannot be shown.", http.StatusInternalServerError)
		return
	}
	door.Page(w.Header(), "style-src '"+styleHash+"'; form-action 'none'")
	w.WriteHeader(n.Status)
	_, _ = page.WriteTo(w) // fails only when the reader is gone
}
