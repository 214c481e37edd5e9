package user

import "time"

// Session is a sign-in that its pool keeps: all tokens that descend from it, as one thing that can be listed and revoked.
type Session struct {
	ID        string // 28 lower-case letters and digits, beginning with tkn; follows from OriginJTI (token.SessionID)
	UserID    string
	ClientID  string
	OriginJTI string
	Created   time.Time
	LastUsed  time.Time // the sign-in or a refresh, to the minute
	IP        string    // of LastUsed; may be empty
	Device    string    // the same: browser and operating system
	Expires   time.Time // when its refresh token does
}
