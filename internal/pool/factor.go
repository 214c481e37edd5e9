package pool

// Factor is a way in which users show who they are, spelled as the API does. Second factors are spelled as the challenge that asks for
// them; EMAIL_OTP is either.
type Factor string

// The factors.
const (
	Password Factor = "PASSWORD"
	Passkey  Factor = "WEB_AUTHN"
	EmailOTP Factor = "EMAIL_OTP"
	SMSOTP   Factor = "SMS_OTP"
	SMSMFA   Factor = "SMS_MFA"
	TOTP     Factor = "SOFTWARE_TOKEN_MFA"
)

// Contact returns the attribute to which the factor sends its codes, "" for one that sends none.
func (f Factor) Contact() Contact {
	switch f {
	case EmailOTP:
		return Email
	case SMSOTP, SMSMFA:
		return Phone
	case Password, Passkey, TOTP:
	}
	return ""
}

// FirstFactorBy returns the first factor that sends a one-time code to the contact.
func FirstFactorBy(c Contact) Factor {
	if c == Phone {
		return SMSOTP
	}
	return EmailOTP
}

// Contact is the name of an attribute that reaches its user.
type Contact = string

// The contacts.
const (
	Email Contact = "email"
	Phone Contact = "phone_number"
)

// The modes of MFA.
const (
	MFAOff      = "OFF"
	MFAOptional = "OPTIONAL"
	MFARequired = "ON"
)
