package door

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sharing says what pages of other origins may do with a resource that uses no cookies, so that any origin is safe.
type Sharing struct {
	Methods string        // as in Access-Control-Allow-Methods: "GET, POST"; Mount knows them
	Expose  string        // headers of the answer that a page may read besides the plain ones; "" for none
	MaxAge  time.Duration // how long a browser may keep the answer to a preflight; browsers shorten it
}

// Open lets pages of any origin read the answer. Call it before anything can fail: without it a browser turns a refusal into a network
// error.
func (s Sharing) Open(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	if s.Expose != "" {
		h.Set("Access-Control-Expose-Headers", s.Expose)
	}
}

// Preflight answers a browser's question whether a page may send a request. Applications add headers of their own, so the headers
// asked for are the headers allowed. The service's API answers status 200, and its OAuth endpoints 204.
func (s Sharing) Preflight(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	s.Open(h)
	h.Set("Access-Control-Allow-Methods", s.Methods)
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", strconv.Itoa(int(s.MaxAge.Seconds())))
	if status != http.StatusNoContent {
		h.Set("Content-Length", "0")
	}
	w.WriteHeader(status)
}

// Mount serves a shared resource by the methods, and answers preflights. Readable is for the others.
func (s Sharing) Mount(mux *http.ServeMux, path string, methods map[string]http.HandlerFunc) {
	s.Methods = strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	served := append(slices.Collect(maps.Keys(methods)), http.MethodOptions)
	if methods[http.MethodGet] != nil {
		served = append(served, http.MethodHead)
	}
	slices.Sort(served)
	allow := strings.Join(served, ", ")
	for method, handle := range methods {
		mux.HandleFunc(method+" "+path, handle)
	}
	mux.HandleFunc("OPTIONS "+path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		s.Preflight(w, r, http.StatusNoContent)
	})
}

// Readable lets pages of any origin read the refusal of a method where preflights are answered: a page learns of its mistake only so. The mux
// says which methods there are.
func Readable(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" {
			preflight := *r
			preflight.Method = http.MethodOptions
			if _, pattern = mux.Handler(&preflight); strings.HasPrefix(pattern, http.MethodOptions) {
				Sharing{}.Open(w.Header())
			}
		}
		mux.ServeHTTP(w, r)
	})
}
