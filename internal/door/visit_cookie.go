package door

import (
	"crypto/rand"
	"net/http"
	"time"
)

// visitCookie is the service's name for the cookie by which a browser is recognized when it comes back from an identity provider.
const visitCookie = "csrf-state"

// visitLife is how long a browser may take to come back.
const visitLife = 10 * time.Minute

// Visit returns the secret of a browser that was sent to an identity provider; "" when it was not.
func (c Cookies) Visit(r *http.Request) string {
	cookie, err := r.Cookie(c.ownName(r, visitCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// BeginVisit returns the secret by which the browser is recognized when it comes back, and keeps it there. Visits in several windows share
// one. Providers send people back by a form of theirs, so the cookie has to come along from other sites; where there is no HTTPS, browsers
// let it do so only if nothing is said about sites at all.
func (c Cookies) BeginVisit(w http.ResponseWriter, r *http.Request) string {
	secret := c.Visit(r)
	if len(secret) != len(rand.Text()) {
		secret = rand.Text()
	}
	cookie := http.Cookie{Name: c.ownName(r, visitCookie), Value: secret, MaxAge: int(visitLife.Seconds())}
	if c.secure(r) {
		cookie.SameSite = http.SameSiteNoneMode
	}
	c.Set(w, r, cookie)
	return secret
}
