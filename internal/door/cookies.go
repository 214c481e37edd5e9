package door

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

const (
	// sessionCookie is the service's name for the cookie of a signed-in browser; ownName may put a prefix before it.
	sessionCookie = "cognito"
	// maxSessions bounds in how many pools a browser stays signed in on one host.
	maxSessions = 8
)

// Cookies sets the cookies of pages.
type Cookies struct {
	HTTPS bool // people reach the server by HTTPS, whatever a proxy speaks to us
	Both  bool // on this machine they reach it by HTTP and by HTTPS, and go from one to the other

	LongestSession time.Duration // in any pool
}

// Set sets a cookie that scripts cannot read. Without Secure it goes to a browser on this machine only, which has no HTTPS here.
func (c Cookies) Set(w http.ResponseWriter, r *http.Request, cookie http.Cookie) {
	cookie.Path, cookie.HttpOnly = "/", true
	cookie.Secure = c.secure(r)
	http.SetCookie(w, &cookie)
}

// secure reports whether the browser must send a cookie by HTTPS only.
func (c Cookies) secure(r *http.Request) bool {
	return c.HTTPS || r.TLS != nil && !c.Both || !IsLocal(r.Host)
}

// Clear removes a cookie.
func (c Cookies) Clear(w http.ResponseWriter, r *http.Request, name string, site http.SameSite) {
	c.Set(w, r, http.Cookie{Name: name, MaxAge: -1, SameSite: site})
}

// ownName returns the name of a cookie that must be from this host. By HTTPS it has a prefix with which browsers take it from no other: a page
// of a neighbouring host could otherwise set one of its own, and sign the person in as somebody else.
func (c Cookies) ownName(r *http.Request, name string) string {
	if c.secure(r) {
		return "__Host-" + name
	}
	return name
}

// IsLocal reports whether a host, with or without a port, is this machine to every browser.
func IsLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// Session returns the secret of the browser's session in a pool; "" when there is none.
func (c Cookies) Session(r *http.Request, poolID string) string {
	for _, s := range c.sessions(r) {
		if id, secret, _ := strings.Cut(s, ":"); id == poolID {
			return secret
		}
	}
	return ""
}

// SetSession keeps the secret of a session, beside those of other pools on the host; an empty secret removes it. How long those others live is not
// known here, so that the cookie outlives all of them; the server ends each in its time.
func (c Cookies) SetSession(w http.ResponseWriter, r *http.Request, poolID, secret string, life time.Duration) {
	var kept []string
	if secret != "" {
		kept = append(kept, poolID+":"+secret)
	}
	for _, s := range c.sessions(r) {
		if id, _, _ := strings.Cut(s, ":"); id != poolID && len(kept) < maxSessions {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		c.Clear(w, r, c.ownName(r, sessionCookie), http.SameSiteLaxMode)
		return
	}
	if len(kept) > 1 || secret == "" {
		life = c.LongestSession
	}
	c.Set(w, r, http.Cookie{Name: c.ownName(r, sessionCookie), Value: strings.Join(kept, "/"), MaxAge: int(life.Seconds()), SameSite: http.SameSiteLaxMode})
}

// sessions returns the sessions in the cookie, each a pool's id, a colon and a secret.
func (c Cookies) sessions(r *http.Request) []string {
	cookie, err := r.Cookie(c.ownName(r, sessionCookie))
	if err != nil {
		return nil
	}
	sessions := strings.Split(cookie.Value, "/")
	return sessions[:min(len(sessions), maxSessions)]
}
