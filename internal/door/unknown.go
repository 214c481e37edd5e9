package door

import (
	"net/http"
	"strings"

	"github.com/cenote-id/cenote/internal/caller"
)

// Unknown answers people who open an address where there is nothing with a page. Programs get the plain text of net/http.
type Unknown struct {
	Callers   Callers
	ErrorPage func(w http.ResponseWriter, r *http.Request, status int, text string)
}

// Handler returns next with the error page, status 404, for paths that the mux within it does not know. A catch-all route would take its answers
// about methods (405) away.
func (u Unknown) Handler(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html") {
			if _, route := mux.Handler(r); route == "" {
				next.ServeHTTP(&unrouted{ResponseWriter: w, show: func() {
					u.ErrorPage(w, r.WithContext(caller.With(r.Context(), u.Callers.Of(r))), http.StatusNotFound, "")
				}}, r)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// unrouted shows a page in place of an answer with status 404.
type unrouted struct {
	http.ResponseWriter
	show  func()
	shown bool
}

// WriteHeader implements http.ResponseWriter.
func (u *unrouted) WriteHeader(status int) {
	if status == http.StatusNotFound {
		u.shown = true
		u.show()
		return
	}
	u.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (u *unrouted) Write(p []byte) (int, error) {
	if u.shown { // what the page stands in for
		return len(p), nil
	}
	return u.ResponseWriter.Write(p)
}
