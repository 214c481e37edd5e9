package user

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
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
	SignInCodeTry      Action = "sign_in_code"       // of a second factor, by somebody who passed the first
	FirstCodeTry       Action = "sign_in_first_code" // of a first factor, by anybody
)

// The kinds of messages that are counted, per user and per destination. Their limits are settings.
const (
	SendSignUp Action = "send_sign_up" // to somebody who has just been made a user
	SendCode   Action = "send_code"    // that anybody can ask for
	SendProven Action = "send_proven"  // that takes a password or a token to ask for
	SendNotice Action = "send_notice"  // about a sign-in
)

var hourly = map[Action]int{
	ConfirmSignUp: 15, ResendCode: 5, ForgotPassword: 10, ConfirmRecovery: 10, ChangePassword: 5,
	SendAttributeCode: 5, CheckAttributeCode: 15, SignInCodeTry: 20, FirstCodeTry: 60,
}

// Counter counts an action of a user (or of a name that no user has) across all nodes.
type Counter struct {
	Count int
	Since time.Time // start of the hour that is counted
	Last  time.Time // the last count
}

// Allowed reports whether one more action is within the limit of its hour.
func (c Counter) Allowed(a Action, now time.Time) bool { return c.Within(hourly[a], now) }

// Within reports whether one more action is within the limit per hour.
func (c Counter) Within(limit int, now time.Time) bool {
	return now.Sub(c.Since) >= time.Hour || c.Count < limit
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

// The lockout after failed passwords: five are free, the sixth locks for a second, each further one doubles that, up to 15 minutes;
// 15 quiet minutes forget them all. Recorded on the service in September 2026, and milder than its guide, which counts from the fifth.
const (
	freeFailures = 5
	maxLock      = 15 * time.Minute
)

// LockedUntil returns until when sign-in by password is refused after these failures; the zero time when it is not.
func (c Counter) LockedUntil(now time.Time) time.Time {
	if c.Count <= freeFailures || now.Sub(c.Last) >= maxLock {
		return time.Time{}
	}
	lock := maxLock
	if n := c.Count - freeFailures - 1; n < 10 { // 2^10 s is past the longest lock
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

// PhantomSubject returns the subject under which the actions of a phantom are counted.
func PhantomSubject(id string) string { return "n:" + id }

// DestinationSubject returns the subject for an e-mail address or phone number that messages go to. Upper and lower case are the same in
// it, and so are the subaddresses of a mailbox (name+anything@domain, RFC 5233).
func DestinationSubject(to string) string {
	to = strings.ToLower(to)
	if at := strings.LastIndexByte(to, '@'); at >= 0 {
		mailbox, _, _ := strings.Cut(to[:at], "+")
		to = mailbox + to[at:]
	}
	return "d:" + digest(to)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
