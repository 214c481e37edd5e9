package user

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Action is what a counter counts.
type Action string

// The counted actions. Limits per user and hour are the service's quotas; where it documents a span by risk (5 to 20), we take
// the middle.
const (
	SignInFailure      Action = "sign_in_failure"
	ConfirmSignUp      Action = "confirm_sign_up"
	ResendCode         Action = "resend_code"
	ForgotPassword     Action = "forgot_password"
	ConfirmRecovery    Action = "confirm_forgot_password"
	ChangePassword     Action = "change_password"
	SendAttributeCode  Action = "send_attribute_code"
	CheckAttributeCode Action = "check_attribute_code"
	PretendedCode      Action = "pretended_code" // has no limit of its own
)

var hourly = map[Action]int{
	ConfirmSignUp: 15, ResendCode: 5, ForgotPassword: 10, ConfirmRecovery: 10, ChangePassword: 5,
	SendAttributeCode: 5, CheckAttributeCode: 15,
}

// Counter counts an action of a user (or of a name that no user has) across all nodes.
type Counter struct {
	Count int
	Since time.Time // start of the hour that is counted
	Last  time.Time // the last count
}

// Allowed reports whether one more action is within the limit of its hour.
func (c Counter) Allowed(a Action, now time.Time) bool {
	return now.Sub(c.Since) >= time.Hour || c.Count < hourly[a]
}

// Add returns the counter with one more action.
func (c Counter) Add(now time.Time) Counter {
	if now.Sub(c.Since) >= time.Hour {
		c = Counter{Since: now}
	}
	c.Count++
	c.Last = now
	return c
}

// The lockout after failed passwords: five are free, the fifth locks for a second, each further one doubles that, up to 15 minutes;
// 15 quiet minutes forget them all.
const (
	freeFailures = 5
	maxLock      = 15 * time.Minute
)

// LockedUntil returns until when sign-in by password is refused after these failures; the zero time when it is not.
func (c Counter) LockedUntil(now time.Time) time.Time {
	if c.Count < freeFailures || now.Sub(c.Last) >= maxLock {
		return time.Time{}
	}
	lock := maxLock
	if n := c.Count - freeFailures; n < 10 { // 2^10 s is past the longest lock
		lock = min(maxLock, time.Second<<n)
	}
	if until := c.Last.Add(lock); now.Before(until) {
		return until
	}
	return time.Time{}
}

// AddFailure returns the counter with one more failed password.
func (c Counter) AddFailure(now time.Time) Counter {
	if now.Sub(c.Last) >= maxLock {
		c = Counter{Since: now}
	}
	c.Count++
	c.Last = now
	return c
}

// Subject returns the subject under which a user's actions are counted.
func Subject(userID string) string { return "u:" + userID }

// NameSubject returns the subject for a folded name that no user has. Names come from strangers, so a digest stands for them.
func NameSubject(folded string) string {
	digest := sha256.Sum256([]byte(folded))
	return "n:" + hex.EncodeToString(digest[:])
}
