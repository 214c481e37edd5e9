package pages

import (
	"crypto/subtle"
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

// csrfCookie is the service's name for the cookie that a form has to repeat.
const csrfCookie = "XSRF-TOKEN"

// csrfToken returns what a form of this browser has to send back as _csrf, and makes it where there is none.
func (d *Door) csrfToken(w http.ResponseWriter, r *http.Request) string {
	if c, err := r.Cookie(csrfCookie); err == nil {
		if _, err := uuid.Parse(c.Value); err == nil {
			return c.Value
		}
	}
	token := uuid.NewString()
	d.Cookies.Set(w, r, http.Cookie{Name: csrfCookie, Value: token, SameSite: http.SameSiteLaxMode})
	return token
}

// sameOrigin reports whether a POST comes from a page of this host, as far as the browser tells. A program tells nothing.
func (d *Door) sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
