package rpc

import "net/http"

// openToBrowsers lets pages of any origin read the answer. It is set before anything can fail: without it a browser turns a refusal
// into a network error. The door uses no cookies, so any origin is safe.
func openToBrowsers(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
}

// preflight answers a browser's question whether a page may POST. Applications add headers of their own, so the headers asked
// for are the headers allowed.
func preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "POST")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "172800") // two days; browsers shorten it
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}
