package door

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

const (
	// sessionCookie is the service's name for the cookie of a signed-in browser.
	sessionCookie = "cognito"
	// maxSessions bounds in how many pools a browser stays signed in on one host.
	maxSessions = 8
)

// Cookies sets the cookies of pages.
type Cookies struct {
	HTTPS bool // people reach the server by HTTPS, whatever a proxy speaks to us
}

// Set sets a cookie that scripts cannot read. Without Secure it goes to a browser on this machine only, which has no HTTPS here.
func (c Cookies) Set(w http.ResponseWriter, r *http.Request, cookie http.Cookie) {
	cookie.Path, cookie.HttpOnly = "/", true
	cookie.Secure = c.secure(r)
	http.SetCookie(w, &cookie)
}

// secure reports whether the browser must send a cookie by HTTPS only.
func (c Cookies) secure(r *http.Request) bool { return c.HTTPS || r.TLS != nil || !isLocal(r.Host) }

// Clear removes a cookie.
func (c Cookies) Clear(w http.ResponseWriter, r *http.Request, name string, site http.SameSite) {
	c.Set(w, r, http.Cookie{Name: name, MaxAge: -1, SameSite: site})
}

// isLocal reports whether a host, with or without a port, is this machine to every browser.
func isLocal(host string) bool {
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
	for _, s := range sessionsOf(r) {
		if id, secret, _ := strings.Cut(s, ":"); id == poolID {
			return secret
		}
	}
	return ""
}

// SetSession keeps the secret of a session, beside those of other pools on the host; an empty secret removes it.
func (c Cookies) SetSession(w http.ResponseWriter, r *http.Request, poolID, secret string, life time.Duration) {
	var kept []string
	if secret != "" {
		kept = append(kept, poolID+":"+secret)
	}
	for _, s := range sessionsOf(r) {
		if id, _, _ := strings.Cut(s, ":"); id != poolID && len(kept) < maxSessions {
			kept = append(kept, s)
		}
	}
	if len(kept) == 0 {
		c.Clear(w, r, sessionCookie, http.SameSiteLaxMode)
		return
	}
	c.Set(w, r, http.Cookie{Name: sessionCookie, Value: strings.Join(kept, "/"), MaxAge: int(life.Seconds()), SameSite: http.SameSiteLaxMode})
}

// sessionsOf returns the sessions in the cookie, each a pool's id, a colon and a secret.
func sessionsOf(r *http.Request) []string {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	sessions := strings.Split(cookie.Value, "/")
	return sessions[:min(len(sessions), maxSessions)]
}
