package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Preference is what is wanted of a second factor.
type Preference struct {
	Factor    pool.Factor
	Enabled   bool
	Preferred *bool // nil leaves it as it is
}

// Prefer turns second factors on and off and chooses the one that is asked for when there are several. Factors that are not named stay
// as they are. A factor can be turned on when the user has what it needs, whatever the pool offers at the time (observed); turning off
// always works, and keeps a software token for later. Nothing changes when one of the wishes is refused.
func (u *User) Prefer(wanted []Preference, now time.Time) error {
	f, preferred := u.Factors, pool.Factor("")
	for _, w := range wanted {
		wish := w.Preferred != nil && *w.Preferred
		switch {
		case wish && !w.Enabled:
			return fault.Newf(fault.InvalidParameter, "%s must be enabled to be the preferred MFA method.", w.Factor)
		case wish && preferred != "":
			return fault.New(fault.InvalidParameter, "Only one MFA method can be preferred.")
		case w.Enabled && !u.Ready(w.Factor):
			return notReady(w.Factor)
		}
		f.Turn(w.Factor, w.Enabled)
		if f.Preferred == w.Factor && (!w.Enabled || w.Preferred != nil) {
			f.Preferred = ""
		}
		if wish {
			preferred = w.Factor
		}
	}
	if preferred != "" {
		f.Preferred = preferred
	}
	u.Factors = f
	u.Touch(now)
	return nil
}

// Turn switches a factor. Text messages that SetUserSettings turned on are turned off with the others.
func (f *Factors) Turn(factor pool.Factor, on bool) {
	switch factor {
	case pool.TOTP:
		f.UsesTOTP = on
	case pool.SMSMFA:
		f.UsesSMS, f.LegacySMS = on, on && f.LegacySMS
	case pool.EmailOTP:
		f.UsesEmail = on
	default: // a first factor
	}
}

// notReady is the answer for a factor that the user has nothing for. Text observed.
func notReady(factor pool.Factor) error {
	return fault.Newf(fault.InvalidParameter, "User does not have delivery config set to turn on %s", factor)
}

// PreferPasskey says whether a passkey stands for both factors at the user's sign-ins. Without a word of the user it does where the
// pool lets it. To turn it on, another second factor must be on, so that a lost passkey locks nobody out.
func (u *User) PreferPasskey(p *pool.Pool, on bool, now time.Time) error {
	switch {
	case on && !p.PasskeyCountsAsTwo():
		return fault.New(fault.InvalidParameter, "Passkey MFA is not enabled for the user pool.")
	case on && len(u.ActiveFactors(p)) == 0:
		return fault.New(fault.InvalidParameter, "Passkey MFA requires another MFA method that is enabled for the user.")
	}
	u.Factors.PasskeyOff = !on
	u.Touch(now)
	return nil
}

// PasskeyCountsAsTwo reports whether a passkey signs the user in where a second factor is needed.
func (u *User) PasskeyCountsAsTwo(p *pool.Pool) bool {
	return p.PasskeyCountsAsTwo() && !u.Factors.PasskeyOff
}

// BarsPasskeys reports whether a second factor is on, for which a passkey does not sign the user in.
func (u *User) BarsPasskeys(p *pool.Pool) bool {
	return len(u.ActiveFactors(p)) > 0 && !u.PasskeyCountsAsTwo(p)
}

// UseTexts turns second factors by text message on or off in the way that came before preferences (SetUserSettings).
func (u *User) UseTexts(on bool, now time.Time) error {
	if on && !u.Ready(pool.SMSMFA) {
		return notReady(pool.SMSMFA)
	}
	u.Factors.LegacySMS = on
	u.Touch(now)
	return nil
}
