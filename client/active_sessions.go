package client

import (
	"context"
	"math"
	"time"
)

// ActiveSession is a sign-in of a user that is still alive, on this or another device, or a browser that is signed in at managed login.
type ActiveSession struct {
	ID         string // tkn… of a sign-in, sso… of a browser
	Current    bool   // the one that asks
	ClientID   string
	Device     string // its kind
	LastIP     string
	Created    time.Time
	LastActive time.Time
}

// ActiveSessions returns where the signed-in user is signed in, in pools that track sessions.
func (u *User) ActiveSessions(ctx context.Context) ([]ActiveSession, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	var out struct {
		Sessions []struct {
			SessionID    string `json:"SessionId"`
			ClientID     string `json:"ClientId"`
			Current      bool   `json:"IsCurrentSession"`
			DeviceType   string
			LastIP       string `json:"LastIPAddress"`
			CreateDate   float64
			LastActivity float64 `json:"LastActiveDate"`
		}
	}
	if err := u.pool.post(ctx, "ListUserSessions", map[string]string{"AccessToken": *token}, &out); err != nil {
		return nil, err
	}
	list := make([]ActiveSession, len(out.Sessions))
	for i, s := range out.Sessions {
		list[i] = ActiveSession{s.SessionID, s.Current, s.ClientID, s.DeviceType, s.LastIP, wireTime(s.CreateDate), wireTime(s.LastActivity)}
	}
	return list, nil
}

// RevokeSession ends one of the ActiveSessions.
func (u *User) RevokeSession(ctx context.Context, id string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	return u.pool.post(ctx, "RevokeUserSession", map[string]string{"AccessToken": *token, "SessionId": id}, &struct{}{})
}

// wireTime reads seconds since 1970 with a fraction.
func wireTime(seconds float64) time.Time {
	if epoch(seconds).IsZero() {
		return time.Time{}
	}
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(fraction*1e9))
}
