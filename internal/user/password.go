package user

import (
	"bytes"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// NewPassword makes what is kept of a password. It costs a modular power: make it outside of a transaction.
func NewPassword(p *pool.Pool, username, password string) *Password {
	return &Password{Verifier: credential.NewVerifier(p.NamePart(), username, password)}
}

// PasswordMatches reports whether the password is the user's. It costs a modular power; a user without a password costs nothing,
// so a caller that must not tell the two apart compares with a phantom verifier instead.
func (u *User) PasswordMatches(p *pool.Pool, password string) bool {
	if u.HasHash() {
		return credential.HashMatches(u.Password.Hash, password)
	}
	return u.Password != nil && u.Password.Verifier.Matches(p.NamePart(), u.Username, password)
}

// NewHash makes what is kept of a password of which nothing but a hash is known.
func NewHash(hash string) *Password {
	return &Password{Verifier: credential.NewUnprovable(), Hash: hash}
}

// HasHash reports whether nothing but a hash of another directory is known of the user's password.
func (u *User) HasHash() bool { return u.Password != nil && u.Password.Hash != "" }

// CheckHistory refuses a password that the user has or had within the pool's history. It costs a modular power for each.
func (u *User) CheckHistory(p *pool.Pool, password string) error {
	n := p.PasswordPolicy().HistorySize
	if n == 0 || u.Password == nil {
		return nil
	}
	if u.HasHash() && credential.HashMatches(u.Password.Hash, password) {
		return fault.New(fault.PasswordHistoryPolicyViolation, "Password has previously been used.")
	}
	for i, v := range append([]credential.Verifier{u.Password.Verifier}, u.Password.History...) {
		if i == n {
			break
		}
		if v.Matches(p.NamePart(), u.Username, password) {
			return fault.New(fault.PasswordHistoryPolicyViolation, "Password has previously been used.")
		}
	}
	return nil
}

// SetPassword makes the password the user's own: a user who had to choose one is confirmed.
func (u *User) SetPassword(p *pool.Pool, pw *Password, now time.Time) {
	u.replacePassword(p, pw)
	u.Status = Confirmed
	u.Touch(now)
}

// SetTemporaryPassword makes the password a temporary one, which the user must change at the next sign-in.
func (u *User) SetTemporaryPassword(p *pool.Pool, pw *Password, now time.Time) {
	pw.Expires = now.Add(p.TemporaryPasswordLife())
	u.replacePassword(p, pw)
	u.Status = ForceChangePassword
	u.Touch(now)
}

// KeepPassword replaces the password and leaves the status alone (ChangePassword).
func (u *User) KeepPassword(p *pool.Pool, pw *Password, now time.Time) {
	u.replacePassword(p, pw)
	u.Touch(now)
}

// replacePassword keeps the old verifiers that the pool's history asks for. A temporary password is not part of the history:
// its owner may choose it again.
func (u *User) replacePassword(p *pool.Pool, pw *Password) {
	n := p.PasswordPolicy().HistorySize - 1 // the current password counts as one
	if old := u.Password; old != nil && n > 0 {
		pw.History = old.History
		if old.Expires.IsZero() && old.Hash == "" {
			pw.History = append([]credential.Verifier{old.Verifier}, old.History...)
		}
		pw.History = pw.History[:min(n, len(pw.History))]
	}
	u.Password = pw
}

// PasswordExpired reports whether the password is a temporary one whose time is over.
func (u *User) PasswordExpired(now time.Time) bool {
	return u.Password != nil && !u.Password.Expires.IsZero() && !now.Before(u.Password.Expires)
}

// SamePassword reports whether the other state of the user has the same password: whether it was set anew in between.
func (u *User) SamePassword(other *User) bool {
	if u.Password == nil || other.Password == nil {
		return u.Password == other.Password
	}
	return bytes.Equal(u.Password.Verifier.Salt, other.Password.Verifier.Salt)
}
