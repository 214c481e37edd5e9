// Package web serves the pages that people open in a browser: for now those that the links of messages lead to.
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

	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/wire"
)

// Operations are what the pages ask for.
type Operations interface {
	ConfirmSignUpByLink(ctx context.Context, clientID, username, code string) error
	UpdateAuthEventFeedback(ctx context.Context, in *wire.UpdateAuthEventFeedbackInput) (*wire.UpdateAuthEventFeedbackOutput, error)
}

// Door serves the pages.
type Door struct {
	Operations Operations
	Caller     func(r *http.Request) caller.Caller // who asks
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
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src '"+styleHash+"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(n.Status)
	_, _ = page.WriteTo(w) // fails only when the reader is gone
}
