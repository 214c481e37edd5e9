package user

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
)

// secondFactors are the second factors in the order in which they are offered.
var secondFactors = []pool.Factor{pool.SMSMFA, pool.TOTP, pool.EmailOTP}

// Factors are what is kept of a user's second factors. They hold secrets and are sealed as a whole.
type Factors struct {
	TOTP       *TOTP       `json:",omitzero"` // verified: its codes count
	Pending    string      `json:",omitzero"` // secret that was handed out and waits for its first code
	UsesTOTP   bool        `json:",omitzero"` // turned on by a preference, or by the set-up during a sign-in
	UsesSMS    bool        `json:",omitzero"`
	UsesEmail  bool        `json:",omitzero"`
	Preferred  pool.Factor `json:",omitzero"`
	LegacySMS  bool        `json:",omitzero"` // the MFAOptions of SetUserSettings
	PasskeyOff bool        `json:",omitzero"` // a passkey does not stand for both factors, even where the pool lets it
}

// TOTP is a verified software token.
type TOTP struct {
	Secret   string // base32 without padding
	Name     string `json:",omitzero"` // FriendlyDeviceName
	LastStep int64  `json:",omitzero"` // the last time step whose code was used; older ones are used up with it
}

// Uses reports whether the user has turned the factor on.
func (f Factors) Uses(factor pool.Factor) bool {
	switch factor {
	case pool.TOTP:
		return f.UsesTOTP
	case pool.SMSMFA:
		return f.UsesSMS || f.LegacySMS
	case pool.EmailOTP:
		return f.UsesEmail
	default: // a first factor
		return false
	}
}

// Ready reports whether the factor could be asked for: a verified token, a verified e-mail address, or a phone number. Whoever changes the
// e-mail address of an account does not take the factor along.
func (u *User) Ready(factor pool.Factor) bool {
	switch factor {
	case pool.TOTP:
		return u.Factors.TOTP != nil
	case pool.EmailOTP:
		return u.Reachable(pool.Email)
	default:
		return u.Attributes[factor.Contact()] != ""
	}
}

// ActiveFactors returns the second factors that a sign-in asks this user for, in the order in which they are offered.
//
// In a pool where MFA is optional, those that the user turned on. Where it is required, a verified token always counts; and when the
// user has turned on nothing, an address counts by itself: any phone number, and an e-mail address that is verified. A token that was
// set up stays in force when the pool stops offering tokens.
//
// A factor that was turned on and has lost its address is no way around MFA: when it is the only one, it is still asked for, in vain.
func (u *User) ActiveFactors(p *pool.Pool) []pool.Factor {
	var active, lost, alone []pool.Factor
	for _, f := range secondFactors {
		switch {
		case p.MFA() == pool.MFAOff || !p.OffersMFA(f) && f != pool.TOTP:
		case u.Factors.Uses(f) && !u.Ready(f):
			lost = append(lost, f)
		case !u.Ready(f):
		case u.Factors.Uses(f) || f == pool.TOTP && p.MFA() == pool.MFARequired:
			active = append(active, f)
		case p.MFA() == pool.MFARequired:
			alone = append(alone, f)
		}
	}
	if p.MFA() == pool.MFARequired && !slices.ContainsFunc(active, u.Factors.Uses) {
		active = append(active, alone...)
		slices.SortFunc(active, func(a, b pool.Factor) int { return slices.Index(secondFactors, a) - slices.Index(secondFactors, b) })
	}
	if len(active) == 0 {
		return lost
	}
	return active
}

// PreferredFactor returns the factor that the user prefers among the active ones, or "".
func (u *User) PreferredFactor(p *pool.Pool) pool.Factor {
	if slices.Contains(u.ActiveFactors(p), u.Factors.Preferred) {
		return u.Factors.Preferred
	}
	return ""
}

// EnabledFactors returns what GetUser shows as UserMFASettingList: the factors that the user turned on. Text messages that were turned
// on by SetUserSettings are shown as MFAOptions instead.
func (u *User) EnabledFactors() []string {
	var names []string
	for _, f := range secondFactors {
		if f == pool.SMSMFA && u.Factors.UsesSMS || f != pool.SMSMFA && u.Factors.Uses(f) {
			names = append(names, string(f))
		}
	}
	return names
}

// GuardedBy reports whether sign-ins of the user ask for a code at the contact as a second factor. Such a contact does not recover the
// account: one address must not give both factors. Of several addresses that merely stand by themselves, none is locked out.
func (u *User) GuardedBy(p *pool.Pool, contact string) bool {
	active := u.ActiveFactors(p)
	return slices.ContainsFunc(active, func(f pool.Factor) bool {
		return f.Contact() == contact && (u.Factors.Uses(f) || len(active) == 1)
	})
}

// AuthFactors returns what the user could sign in with, as GetUserAuthFactors names it: the first factors that the pool allows and the
// user has what is needed for, and a software token.
func (u *User) AuthFactors(p *pool.Pool, passkeys int) []string {
	var names []string
	if u.Password != nil {
		names = append(names, string(pool.Password))
	}
	for _, contact := range []pool.Contact{pool.Email, pool.Phone} {
		if p.AllowsFirstFactor(pool.FirstFactorBy(contact)) && u.Reachable(contact) {
			names = append(names, string(pool.FirstFactorBy(contact)))
		}
	}
	if p.AllowsFirstFactor(pool.Passkey) && passkeys > 0 {
		names = append(names, string(pool.Passkey))
	}
	if u.Factors.TOTP != nil {
		names = append(names, "SOFTWARE_TOKEN")
	}
	return names
}

// Reachable reports whether the user has the contact and has shown control of it.
func (u *User) Reachable(contact string) bool {
	return u.Attributes[contact] != "" && u.Attributes.Verified(contact)
}

// NeedsNoPassword reports whether the user can sign in by one-time codes alone, as the pool and the user's verified contacts are.
func (u *User) NeedsNoPassword(p *pool.Pool) bool {
	return slices.ContainsFunc(contacts, func(c string) bool { return p.AllowsFirstFactor(pool.FirstFactorBy(c)) && u.Reachable(c) })
}
