package signin

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
)

// Challenge names a step of a sign-in, spelled as the API does.
type Challenge string

// The challenges of the API, Done for a sign-in that is complete, and Refused for one that ends without tokens.
const (
	SelectChallenge        Challenge = "SELECT_CHALLENGE"
	Password               Challenge = Challenge(pool.Password)
	PasswordSRP            Challenge = "PASSWORD_SRP"
	PasswordVerifier       Challenge = "PASSWORD_VERIFIER"
	EmailOTP               Challenge = Challenge(pool.EmailOTP)
	SMSOTP                 Challenge = Challenge(pool.SMSOTP)
	WebAuthn               Challenge = Challenge(pool.Passkey)
	CustomChallenge        Challenge = "CUSTOM_CHALLENGE"
	NewPasswordRequired    Challenge = "NEW_PASSWORD_REQUIRED"
	SelectMFAType          Challenge = "SELECT_MFA_TYPE"
	MFASetup               Challenge = "MFA_SETUP"
	SMSMFA                 Challenge = Challenge(pool.SMSMFA)
	SoftwareTokenMFA       Challenge = Challenge(pool.TOTP)
	DeviceSRPAuth          Challenge = "DEVICE_SRP_AUTH"
	DevicePasswordVerifier Challenge = "DEVICE_PASSWORD_VERIFIER"
	Done                   Challenge = ""
	Refused                Challenge = "cenote:refused"
)

// FirstFactor is how a user showed who they are. What may still be asked for depends on it.
type FirstFactor string

// The first factors.
const (
	ByPassword FirstFactor = "password" // plain or by SRP
	BySignUp   FirstFactor = "sign_up"  // the code of a sign-up that was confirmed a moment ago
	ByCode     FirstFactor = "code"     // one-time code to an address
	ByPasskey  FirstFactor = "passkey"
	ByTriggers FirstFactor = "triggers" // custom challenges alone
	ByProvider FirstFactor = "provider" // whatever an identity provider asked for
)

// Facts are what the order of challenges depends on.
type Facts struct {
	First          FirstFactor
	Passed         []Challenge // after the first factor
	MustChange     bool        // the password is a temporary one
	DeviceTrusted  bool        // a remembered device was presented, and the pool lets it take the place of the second factor
	MFA            string      // OFF, OPTIONAL or ON
	Active         []Challenge // the second factors that this user is asked for
	Preferred      Challenge   // one of them, or ""
	PasskeyIsTwo   bool        // a passkey with user verification stands for both factors
	DemandedByRisk bool        // a risk rule wants a second factor, even where MFA is optional and none is turned on
}

// Next returns the challenge that follows when the user has passed the first factor and the challenges in Passed. It is the only
// place that knows the order: a new password, then the device or the second factor, then done.
//
// A second factor follows a password, or the confirmation of a sign-up. One-time codes and passkeys are not offered to users who need a
// second factor (see offered); a user who has come to need one since is refused. Custom challenges are the operator's own ladder: without a
// password, neither a factor nor a new password is asked for. Nothing is asked of whom an identity provider has authenticated.
func Next(f Facts) Challenge {
	switch {
	case f.First == "" || !f.suffices():
		return Refused
	case f.First == ByProvider:
		return Done
	case f.MustChange && f.First != ByTriggers && !f.passed(NewPasswordRequired):
		return NewPasswordRequired
	case f.passed(DevicePasswordVerifier, SMSMFA, SoftwareTokenMFA, EmailOTP, MFASetup):
		return Done
	case f.DeviceTrusted:
		return DeviceSRPAuth
	case f.First != ByPassword && f.First != BySignUp || !f.needsSecond():
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

// needsSecond reports whether a password alone does not sign this user in.
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
