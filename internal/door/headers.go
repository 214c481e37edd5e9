package door

import "net/http"

// Secure sets the headers of whatever a browser might show: it is what its type says, is not framed, and tells other sites nothing.
func Secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
}

// Page sets the headers of an HTML page, which is kept nowhere. policy is its Content-Security-Policy without what holds for every page.
func Page(h http.Header, policy string) {
	Secure(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; "+policy+"; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
}
