package door

import "net/http"

// ByVisit is for addresses at which something happens when a person opens them: a code is issued, a session ends, a sign-up is confirmed. A HEAD
// must have no effect (RFC 9110, section 9.2.1), and programs look links over by one before a person opens them: it gets status 204 and runs
// nothing.
func ByVisit(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next(w, r)
	}
}
