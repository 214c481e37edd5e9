package user

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
)

// Factor is a second factor, spelled as the challenge that asks for it.
type Factor string

// The second factors.
const (
	SMSFactor   Factor = "SMS_MFA"
	TOTPFactor  Factor = "SOFTWARE_TOKEN_MFA"
	EmailFactor Factor = "EMAIL_OTP"
)

// Factors are what is kept of a user's second factors. They hold secrets and are sealed as a whole.
type Factors struct {
	TOTP      *TOTP  `json:",omitzero"` // verified: its codes count
	Pending   string `json:",omitzero"` // secret that was handed out and waits for its first code
	UsesTOTP  bool   `json:",omitzero"` // turned on by a preference, or by the set-up during a sign-in
	UsesSMS   bool   `json:",omitzero"`
	UsesEmail bool   `json:",omitzero"`
	Preferred Factor `json:",omitzero"`
	LegacySMS bool   `json:",omitzero"` // the MFAOptions of SetUserSettings
}

// TOTP is a verified software token.
type TOTP struct {
	Secret   string // base32 without padding
	Name     string `json:",omitzero"` // FriendlyDeviceName
	LastStep int64  `json:",omitzero"` // the last time step whose code was used; older ones are used up with it
}

// Uses reports whether the user has turned the factor on.
func (f Factors) Uses(factor Factor) bool {
	switch factor {
	case TOTPFactor:
		return f.UsesTOTP
	case SMSFactor:
		return f.UsesSMS || f.LegacySMS
	case EmailFactor:
		return f.UsesEmail
	}
	return false
}

// Ready reports whether the factor could be asked for: a verified token, or an address to send a code to.
func (u *User) Ready(factor Factor) bool {
	switch factor {
	case TOTPFactor:
		return u.Factors.TOTP != nil
	case SMSFactor:
		return u.Attributes["phone_number"] != ""
	case EmailFactor:
		return u.Attributes["email"] != ""
	}
	return false
}

// ActiveFactors returns the second factors that a sign-in asks this user for, in the order in which they are offered.
//
// In a pool where MFA is optional, those that the user turned on. Where it is required, a verified token counts as turned on, and so
// does an address when the pool sends codes to such addresses. A token that was set up stays in force when the pool stops to offer
// tokens.
func (u *User) ActiveFactors(p *pool.Pool) []Factor {
	if p.MFA() == "OFF" {
		return nil
	}
	var active []Factor
	for _, f := range []Factor{SMSFactor, TOTPFactor, EmailFactor} {
		offered := p.OffersMFA(string(f)) || f == TOTPFactor
		if offered && u.Ready(f) && (u.Factors.Uses(f) || p.MFA() == "ON" && !u.optedOut(f)) {
			active = append(active, f)
		}
	}
	if len(active) > 1 && p.MFA() == "ON" {
		// An address alone is a factor of last resort: what the user chose goes before it.
		if chosen := slices.DeleteFunc(slices.Clone(active), func(f Factor) bool { return !u.Factors.Uses(f) }); len(chosen) > 0 {
			return chosen
		}
	}
	return active
}

// optedOut reports whether an e-mail address must not serve as a factor by itself: it has to be verified.
func (u *User) optedOut(f Factor) bool {
	return f == EmailFactor && !u.Attributes.Verified("email")
}

// PreferredFactor returns the factor that the user prefers among the active ones, or "".
func (u *User) PreferredFactor(p *pool.Pool) Factor {
	active := u.ActiveFactors(p)
	if slices.Contains(active, u.Factors.Preferred) {
		return u.Factors.Preferred
	}
	return ""
}

// EnabledFactors returns what GetUser shows as UserMFASettingList: the factors that the user turned on.
func (u *User) EnabledFactors() []string {
	var names []string
	for _, f := range []Factor{SMSFactor, TOTPFactor, EmailFactor} {
		if f == SMSFactor && u.Factors.UsesSMS || f != SMSFactor && u.Factors.Uses(f) {
			names = append(names, string(f))
		}
	}
	return names
}
