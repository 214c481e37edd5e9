package pool

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// The bounds and defaults of session settings, as the npm client documents them.
const (
	minTokenSessions     = 1
	maxTokenSessions     = 100
	defaultTokenSessions = 20
	maxSSOMinutes        = 129_600
	defaultSSOMinutes    = 60
)

// SessionSettings are what SetUserPoolSessionConfiguration sets. The zero value is a pool that was never asked to track sessions.
type SessionSettings struct {
	Tracking   string `json:",omitzero"` // ENABLED, DISABLED or "", which is DISABLED
	MaxPerUser int64  `json:",omitzero"` // 0: the default
}

// TracksSessions reports whether each sign-in is kept as a session that can be listed and revoked.
func (p *Pool) TracksSessions() bool { return p.Sessions.Tracking == "ENABLED" }

// MaxSessions returns how many sessions a user can have at once; the least recently used ones make room.
func (p *Pool) MaxSessions() int {
	if p.Sessions.MaxPerUser == 0 {
		return defaultTokenSessions
	}
	return int(p.Sessions.MaxPerUser)
}

// SetSessions replaces the session settings of the pool.
func (p *Pool) SetSessions(tracking string, limit int64) error {
	if err := p.checkSessionTier(); err != nil {
		return err
	}
	if err := inRange("tokenSession.maxPerUser", limit, minTokenSessions, maxTokenSessions); err != nil {
		return err
	}
	p.Sessions = SessionSettings{Tracking: tracking, MaxPerUser: limit}
	return nil
}

// ClientSessionSettings are what SetUserPoolClientSessionConfiguration sets. They stay while the pool does not track sessions.
type ClientSessionSettings struct {
	SSOMinutes *int64 `json:",omitzero"` // nil: the default
}

// SSOMinutes returns for how many minutes after a sign-in the client takes over the user's session in the browser; 0 for never.
func (c *Client) SSOMinutes() int64 { return wire.Value(c.Sessions.SSOMinutes, defaultSSOMinutes) }

// SSOLife is SSOMinutes as it holds in the pool: without session tracking, the default.
func (c *Client) SSOLife(p *Pool) time.Duration {
	if !p.TracksSessions() {
		return defaultSSOMinutes * time.Minute
	}
	return time.Duration(c.SSOMinutes()) * time.Minute
}

// LongestBrowserSession is the longest time that a browser's session is kept in any pool.
const LongestBrowserSession = maxSSOMinutes * time.Minute

// BrowserSessionLife returns how long a browser's session is kept: as long as any client of the pool, now or later, may take it over.
func (p *Pool) BrowserSessionLife() time.Duration {
	if !p.TracksSessions() {
		return defaultSSOMinutes * time.Minute
	}
	return LongestBrowserSession
}

// SetSessions replaces the session settings of the client of the pool.
func (c *Client) SetSessions(p *Pool, minutes int64) error {
	if err := p.checkSessionTier(); err != nil {
		return err
	}
	if !p.TracksSessions() {
		return fault.New(fault.OperationNotEnabled, "Session tracking is not enabled for the user pool.")
	}
	if err := inRange("sSOSession.maxValidityMinutes", minutes, 0, maxSSOMinutes); err != nil {
		return err
	}
	c.Sessions = ClientSessionSettings{SSOMinutes: &minutes}
	return nil
}

func (p *Pool) checkSessionTier() error {
	if p.Settings.UserPoolTier == Lite {
		return unavailable(Lite, sessionTracking)
	}
	return nil
}

// sessionTracking is what the feature is called where a tier lacks it.
const sessionTracking = "Session Tracking"

// inRange refuses a number outside of bounds that the model does not state, in the words in which it states others.
func inRange(path string, n, least, most int64) error {
	const frame = "1 validation error detected: Value '%d' at '%s' failed to satisfy constraint: Member must have value %s than or equal to %d"
	switch {
	case n < least:
		return fault.Newf(fault.InvalidParameter, frame, n, path, "greater", least)
	case n > most:
		return fault.Newf(fault.InvalidParameter, frame, n, path, "less", most)
	}
	return nil
}
