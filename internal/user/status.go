package user

import (
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// ErrConfirmed is the cause of refusals to confirm a user who needs no confirmation.
var ErrConfirmed = errors.New("the user is no longer waiting for confirmation")

// Confirm ends a sign-up. A user who is not waiting for confirmation cannot be confirmed.
func (u *User) Confirm(now time.Time) error {
	if u.Status != Unconfirmed {
		return fault.Newf(fault.NotAuthorized, "User cannot be confirmed. Current status is %s", u.Status).Because(ErrConfirmed)
	}
	u.Status = Confirmed
	u.Touch(now)
	return nil
}

// Disable stops the user from signing in and revokes all tokens.
func (u *User) Disable(now time.Time) {
	u.Enabled = false
	u.SignOutEverywhere(now)
	u.Touch(now)
}

// Enable lets the user sign in again.
func (u *User) Enable(now time.Time) {
	u.Enabled = true
	u.Touch(now)
}

// SignOutEverywhere revokes every token that the user holds.
func (u *User) SignOutEverywhere(now time.Time) {
	u.SignOuts++
	u.SignedOut = now
}

// RequireReset makes the user choose a new password with a code before the next sign-in.
func (u *User) RequireReset(now time.Time) {
	u.Status = ResetRequired
	u.Touch(now)
}

// Passwordless reports whether the user has to choose a password and has none so far, as after an import. A one-time code signs such a user in at
// once (documented), and settles the matter.
func (u *User) Passwordless() bool { return u.Status == ResetRequired && u.Password == nil }

// Settle lets the user, who has signed in by a one-time code, do without the password.
func (u *User) Settle(now time.Time) {
	u.Status = Confirmed
	u.Touch(now)
}

// CheckResettable refuses the statuses in which a password cannot be recovered by a code.
func (u *User) CheckResettable() error {
	if u.Status == ForceChangePassword || u.Status == ExternalProvider {
		return fault.New(fault.NotAuthorized, "User password cannot be reset in the current state.")
	}
	return nil
}

// CheckOwnsPassword refuses users who sign in by an identity provider alone: a password would sign nobody in, and whoever is turned away by
// the provider must not find another way (observed, amplify-js#2464).
func (u *User) CheckOwnsPassword() error {
	if u.Status == ExternalProvider {
		return fault.New(fault.NotAuthorized, "User is not authorized to change password.")
	}
	return nil
}

// CheckRegistersPasskeys refuses the same users: a passkey would not sign them in either.
func (u *User) CheckRegistersPasskeys() error {
	if u.Status == ExternalProvider {
		return fault.New(fault.NotAuthorized, "User is not authorized to register a passkey.")
	}
	return nil
}
