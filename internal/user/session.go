package user

import (
	"strings"
	"time"
)

// Session is a sign-in that its pool keeps as something that can be listed and revoked: all tokens that descend from it, or that a browser is
// signed in (SSO).
type Session struct {
	ID        string // 28 lower-case letters and digits: tkn… follows from OriginJTI (token.SessionID), sso… is a browser's
	UserID    string
	ClientID  string
	OriginJTI string // of the tokens; empty for a browser
	BrowserID string // the session of the browser that the tokens came through; empty: none
	Created   time.Time
	LastUsed  time.Time // to the minute: the sign-in, a refresh, or what a browser was granted
	IP        string    // of LastUsed; may be empty
	Device    string    // the same: browser and operating system
	Expires   time.Time // when its refresh token does, or the cookie
}

// OfBrowser reports whether the session is that of a browser.
func (s Session) OfBrowser() bool { return strings.HasPrefix(s.ID, "sso") }
