package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Purpose is what a one-time code is for. A user has at most one outstanding code for each.
type Purpose string

// The purposes. A code to verify an attribute has a purpose for each attribute.
const (
	SignUpCode      Purpose = "sign_up"
	RecoveryCode    Purpose = "recovery"
	VerifyEmailCode Purpose = "verify_email"
	VerifyPhoneCode Purpose = "verify_phone_number"
	SignInCode      Purpose = "sign_in" // lives as long as the session that asks for it
)

// VerifyCode returns the purpose of a code that verifies the attribute, email or phone_number.
func VerifyCode(attribute string) Purpose {
	if attribute == pool.Phone {
		return VerifyPhoneCode
	}
	return VerifyEmailCode
}

// Life returns how long a code for the purpose works; the service fixes these times.
func (p Purpose) Life() time.Duration {
	if p == RecoveryCode {
		return time.Hour
	}
	return 24 * time.Hour
}

// Code is an outstanding one-time code. Only its hash is kept.
type Code struct {
	Purpose   Purpose
	Attribute string // where it went: email or phone_number
	Value     string // the address it went to, so that a later change of the attribute voids it
	Hash      []byte
	Expires   time.Time
}

// WrongCode is the answer for a code that is not the one that was sent.
func WrongCode() *fault.Error {
	return fault.New(fault.CodeMismatch, "Invalid verification code provided, please try again.")
}

// ExpiredCode is the answer for a code that is too old and for a user without any outstanding code.
func ExpiredCode() *fault.Error {
	return fault.New(fault.ExpiredCode, "Invalid code provided, please request a code again.")
}

// TooManyAttempts is the answer when a limit of attempts per hour is reached.
func TooManyAttempts() *fault.Error {
	return fault.New(fault.LimitExceeded, "Attempt limit exceeded, please try after some time.")
}
