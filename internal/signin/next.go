package signin

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// Facts are what decides which first factors are offered and which challenge comes next.
type Facts struct {
	// The user, in the pool.
	HasPassword  bool
	Codes        []Challenge // the one-time codes that sign this user in: the pool allows them, and the contact is verified
	HasPasskey   bool        // that signs the user in
	PasskeyIsTwo bool        // a passkey with user verification stands for both factors
	MustChange   bool        // the password is a temporary one
	MFA          string      // OFF, OPTIONAL or ON
	Active       []Challenge // the second factors that this user is asked for
	Preferred    Challenge   // one of them, or ""

	// The sign-in, as far as it has come.
	First          FirstFactor
	AskMFA         bool        // a second factor follows that of an identity provider
	Passed         []Challenge // after the first factor
	DeviceTrusted  bool        // a remembered device was presented, and the pool lets it replace the second factor
	DemandedByRisk bool        // a risk rule wants a second factor, even where MFA is optional and none is turned on
}

// Offered returns the first factors that a user can choose, in the order in which the service lists them. One-time codes and passkeys are no
// choice for a user who has to change a temporary password, nor for one who needs a second factor, unless the pool takes a passkey for
// two factors.
func Offered(f Facts) []Challenge {
	var offered []Challenge
	if f.HasPassword {
		offered = append(offered, PasswordSRP, Password)
	}
	if !f.MustChange && !f.needsSecond() {
		offered = append(offered, f.Codes...)
	}
	if f.HasPasskey && !f.MustChange && (f.PasskeyIsTwo || !f.needsSecond()) {
		offered = append(offered, WebAuthn)
	}
	return offered
}

// Next returns the challenge that follows when the user has passed the first factor and the challenges in Passed. It is the only
// place that knows the order: a new password, then the device or the second factor, then done.
//
// A second factor follows a password, or the confirmation of a sign-up. One-time codes and passkeys are not offered to users who need a
// second factor; a user who has come to need one since is refused. Custom challenges are the operator's own ladder: without a
// password, neither a factor nor a new password is asked for. Of whom an identity provider has authenticated, nothing is asked but the second
// factor, where the operator wants that.
func Next(f Facts) Challenge {
	switch {
	case f.First == "" || !f.suffices():
		return Refused
	case f.First == ByProvider && !f.AskMFA:
		return Done
	case f.MustChange && f.First != ByTriggers && f.First != ByProvider && !f.passed(NewPasswordRequired):
		return NewPasswordRequired
	case f.passed(DevicePasswordVerifier, SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup):
		return Done
	case f.DeviceTrusted && f.First != ByProvider:
		return DeviceSRPAuth
	case f.First != ByPassword && f.First != BySignUp && f.First != ByProvider || !f.needsSecond():
		return Done
	case f.Preferred != "":
		return f.Preferred
	case len(f.Active) == 1:
		return f.Active[0]
	case len(f.Active) > 1:
		return SelectMFAType
	}
	return MFASetup
}

// passed reports whether one of the challenges was passed.
func (f Facts) passed(cs ...Challenge) bool {
	return slices.ContainsFunc(cs, func(c Challenge) bool { return slices.Contains(f.Passed, c) })
}

// needsSecond reports whether one factor alone does not sign this user in.
func (f Facts) needsSecond() bool {
	return f.MFA == pool.MFARequired || f.MFA == pool.MFAOptional && (len(f.Active) > 0 || f.DemandedByRisk)
}

// suffices reports whether a first factor that no second one may follow is enough for this user.
func (f Facts) suffices() bool {
	switch f.First {
	case ByCode:
		return !f.MustChange && !f.needsSecond()
	case ByPasskey:
		return !f.MustChange && (f.PasskeyIsTwo || !f.needsSecond())
	default:
		return true
	}
}

// facts collects what is decided by.
func facts(p *pool.Pool, w *person, a *Attempt) Facts {
	u := w.user
	f := Facts{
		HasPassword:   u.Password != nil,
		HasPasskey:    w.passkeys > 0,
		PasskeyIsTwo:  u.PasskeyCountsAsTwo(p),
		MustChange:    u.Status == user.ForceChangePassword,
		MFA:           p.MFA(),
		Preferred:     Challenge(u.PreferredFactor(p)),
		First:         a.First,
		AskMFA:        a.AskMFA,
		Passed:        a.Passed,
		DeviceTrusted: w.device != nil && w.device.ReplacesMFA(p) && a.First != ByProvider,
	}
	for _, c := range []Challenge{EmailOTP, SMSOTP} {
		if p.AllowsFirstFactor(pool.Factor(c)) && u.Reachable(contactOf(c)) {
			f.Codes = append(f.Codes, c)
		}
	}
	for _, factor := range u.ActiveFactors(p) {
		f.Active = append(f.Active, Challenge(factor))
	}
	return f
}
