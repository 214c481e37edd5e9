package pool

import (
	"strings"
	"unicode/utf16"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// PasswordUse is the occasion on which a password is set. The service words the refusal differently for each.
type PasswordUse string

// The occasions, as the texts that begin a refusal (observed on the service for the first two and for ConfirmForgotPassword).
const (
	SignUpPassword    PasswordUse = "Password did not conform with policy: "
	TemporaryPassword PasswordUse = "Password did not conform with password policy: "
	NewPassword       PasswordUse = "Password does not conform to policy: "
)

// PasswordPolicy is a pool's password policy with every default filled in.
type PasswordPolicy struct {
	MinimumLength                int
	Upper, Lower, Number, Symbol bool
	HistorySize                  int
}

// PasswordPolicy returns the policy in force. A pool without a policy has the service's default: 8 characters of all classes.
func (p *Pool) PasswordPolicy() PasswordPolicy {
	pol := p.Settings.Policies
	if pol == nil || pol.PasswordPolicy == nil {
		return PasswordPolicy{MinimumLength: 8, Upper: true, Lower: true, Number: true, Symbol: true}
	}
	w := pol.PasswordPolicy
	return PasswordPolicy{
		MinimumLength: int(wire.Value(w.MinimumLength, 8)),
		Upper:         wire.Value(w.RequireUppercase, false),
		Lower:         wire.Value(w.RequireLowercase, false),
		Number:        wire.Value(w.RequireNumbers, false),
		Symbol:        wire.Value(w.RequireSymbols, false),
		HistorySize:   int(wire.Value(w.PasswordHistorySize, 0)),
	}
}

// passwordSymbols are the characters that count as symbols; a space inside the password counts too.
const passwordSymbols = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+="

// Check refuses a password that does not meet the policy. One flaw is told at a time, length first, as the service does.
func (p PasswordPolicy) Check(use PasswordUse, password string) error {
	if flaw := p.flaw(password); flaw != "" {
		return fault.New(fault.InvalidPassword, string(use)+flaw)
	}
	return nil
}

func (p PasswordPolicy) flaw(password string) string {
	has := func(low, high rune) bool {
		return strings.ContainsFunc(password, func(r rune) bool { return low <= r && r <= high })
	}
	switch {
	case javaLength(password) < p.MinimumLength:
		return "Password not long enough"
	case p.Upper && !has('A', 'Z'):
		return "Password must have uppercase characters"
	case p.Lower && !has('a', 'z'):
		return "Password must have lowercase characters"
	case p.Number && !has('0', '9'):
		return "Password must have numeric characters"
	case p.Symbol && !strings.ContainsAny(password, passwordSymbols) && !strings.Contains(strings.TrimSpace(password), " "):
		return "Password must have symbol characters"
	}
	return ""
}

// javaLength is the length of a text as the service counts it: in UTF-16 units.
func javaLength(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}
