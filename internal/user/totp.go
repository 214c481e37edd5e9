package user

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// The parameters of software tokens (RFC 6238), as every authenticator app has them. The window is a step to either side.
const (
	totpStep   = 30 * time.Second
	totpWindow = 1
)

// NewTOTPSecret draws a secret of 256 bits: 52 letters of base32 without padding.
func NewTOTPSecret() string {
	secret := make([]byte, 32)
	rand.Read(secret)
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// The answers for software tokens, observed on the service.
var (
	errWrongTOTP = fault.New(fault.CodeMismatch, "Invalid code received for user")
	errUsedTOTP  = fault.New(fault.ExpiredCode, usedTOTP)
)

const usedTOTP = "Your software token has already been used once."

// UseTOTP checks a code of the user's token at a sign-in and uses up its time step.
func (u *User) UseTOTP(code string, now time.Time) error {
	t := u.Factors.TOTP
	step, ok := totpStepOf(t.Secret, code, now)
	if !ok {
		return errWrongTOTP
	}
	if step <= t.LastStep {
		return errUsedTOTP
	}
	t.LastStep = step
	u.Touch(now)
	return nil
}

// CheckOffersTOTP refuses software tokens in a pool that does not offer them.
func CheckOffersTOTP(p *pool.Pool) error {
	if !p.OffersMFA(pool.TOTP) {
		return fault.New(fault.SoftwareTokenMFANotFound, "Software Token MFA has not been enabled by the userPool")
	}
	return nil
}

// HandOutTOTP keeps a new secret until its first code comes. A token that is in force stays so until then.
func (u *User) HandOutTOTP(secret string, now time.Time) {
	u.Factors.Pending = secret
	u.Touch(now)
}

// AdoptTOTP puts a token in force whose secret was handed out, when the code is its first. It replaces an earlier token.
// Where MFA is optional, the user has yet to turn it on. A first code that is sent again is told as used, under the fault that
// VerifySoftwareToken declares (observed).
func (u *User) AdoptTOTP(secret, code, name string, now time.Time) error {
	if t := u.Factors.TOTP; secret == "" && t != nil {
		if step, ok := totpStepOf(t.Secret, code, now); ok && step <= t.LastStep {
			return fault.New(fault.EnableSoftwareTokenMFA, usedTOTP)
		}
	}
	if secret == "" {
		return fault.New(fault.SoftwareTokenMFANotFound, "Software Token MFA has not been associated with the user.")
	}
	step, ok := totpStepOf(secret, code, now)
	if !ok {
		return fault.New(fault.EnableSoftwareTokenMFA, "Code mismatch and fail enable Software Token MFA")
	}
	u.Factors.TOTP = &TOTP{Secret: secret, Name: name, LastStep: step}
	u.Factors.Pending = ""
	u.Touch(now)
	return nil
}

// DropTOTP takes the user's token away, and a secret that waits for its first code. A user without any loses nothing.
func (u *User) DropTOTP(now time.Time) {
	f := &u.Factors
	f.TOTP, f.Pending, f.UsesTOTP = nil, "", false
	if f.Preferred == pool.TOTP {
		f.Preferred = ""
	}
	u.Touch(now)
}

// totpStepOf returns the time step within the window that the code belongs to. All steps are compared, whichever fits.
func totpStepOf(secret, code string, now time.Time) (int64, bool) {
	at := now.Unix() / int64(totpStep.Seconds())
	found, ok := int64(0), false
	for step := at - totpWindow; step <= at+totpWindow; step++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found, ok = step, true
		}
	}
	return found, ok
}
