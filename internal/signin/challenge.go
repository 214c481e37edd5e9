package signin

import "github.com/cenote-id/cenote/internal/pool"

// Challenge names a step of a sign-in, spelled as the API does. Those that ask for a factor are spelled as the factor.
type Challenge string

// The challenges of the API, Done for a sign-in that is complete, and Refused for one that ends without a grant.
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

// The states of a sign-up that goes on as a sign-in. They are no challenges and no client can answer them.
const (
	signUpBegun     Challenge = "cenote:sign_up"
	signUpConfirmed Challenge = "cenote:sign_up_confirmed"
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

// contactOf returns the attribute to which a challenge sends its code.
func contactOf(c Challenge) pool.Contact { return pool.Factor(c).Contact() }
