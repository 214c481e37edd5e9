package door

import (
	"cmp"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/cenote-id/cenote/internal/caller"
)

// Recovery answers in place of handlers that panic. Without it the browser would see the connection end, and the log no request id.
type Recovery struct {
	Callers   Callers
	ErrorPage func(w http.ResponseWriter, r *http.Request, status int, text string)
	Log       *slog.Logger
}

// Handler returns next with the error page, status 500, for its panics. An answer that has begun cannot be taken back: its connection ends.
func (c Recovery) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := &begun{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http's own way to tell it apart
				panic(v)
			}
			by := c.Callers.Of(r)
			by.RequestID = cmp.Or(w.Header().Get("X-Amz-Cognito-Request-Id"), by.RequestID) // that of the endpoint, where it has one
			ctx := caller.With(r.Context(), by)
			c.Log.LogAttrs(ctx, slog.LevelError, "handler panicked", slog.String("path", r.URL.Path), slog.String("request", by.RequestID),
				slog.String("source", by.SourceIP), slog.Any("error", v), slog.String("stack", string(debug.Stack())))
			if answer.yes {
				panic(http.ErrAbortHandler)
			}
			for _, name := range []string{"Content-Length", "Etag"} { // of the answer that the handler meant to give
				w.Header().Del(name)
			}
			c.ErrorPage(w, r.WithContext(ctx), http.StatusInternalServerError, "")
		}()
		next.ServeHTTP(answer, r)
	})
}

// begun notes whether an answer has begun.
type begun struct {
	http.ResponseWriter
	yes bool
}

// WriteHeader implements http.ResponseWriter. Those of informational statuses come before the answer.
func (b *begun) WriteHeader(status int) {
	b.yes = b.yes || status >= http.StatusOK
	b.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }
