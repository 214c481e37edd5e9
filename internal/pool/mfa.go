package pool

import (
	"cmp"
	"net"
	"regexp"
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// MFA returns the pool's MfaConfiguration: OFF, OPTIONAL or ON.
func (p *Pool) MFA() string { return cmp.Or(p.Settings.MfaConfiguration, MFAOff) }

// OffersMFA reports whether users can have the second factor: SMS_MFA, SOFTWARE_TOKEN_MFA or EMAIL_OTP. A pool whose MFA was turned on
// by CreateUserPool or UpdateUserPool offers text messages.
func (p *Pool) OffersMFA(factor Factor) bool {
	if p.MFA() == MFAOff {
		return false
	}
	switch factor {
	case SMSMFA:
		return p.Settings.SmsConfiguration != nil && (p.Mfa.SMS != nil || !p.Mfa.Set)
	case TOTP:
		return p.Mfa.offersTokens()
	case EmailOTP:
		return p.Mfa.Email != nil
	case Password, Passkey, SMSOTP: // first factors
	}
	return false
}

func (s MfaSettings) offersTokens() bool {
	return s.SoftwareToken != nil && wire.Value(s.SoftwareToken.Enabled, false)
}

// PasskeyCountsAsTwo reports whether a passkey with user verification stands for both factors.
func (p *Pool) PasskeyCountsAsTwo() bool { return p.Mfa.passkeyCountsAsTwo() }

func (s MfaSettings) passkeyCountsAsTwo() bool {
	return s.WebAuthn != nil && s.WebAuthn.FactorConfiguration == "MULTI_FACTOR_WITH_USER_VERIFICATION"
}

// ConfigureMFA replaces the pool's MFA configuration by that of a request, as a whole: a factor that is left out is not offered any
// longer, and a request without MfaConfiguration turns MFA off (both observed). Only what text messages are sent with stays when it is
// left out, because it serves other messages too. A refused configuration changes nothing.
func (p *Pool) ConfigureMFA(in *wire.SetUserPoolMfaConfigInput, now time.Time) error {
	mode := cmp.Or(in.MfaConfiguration, MFAOff)
	if flaw := factorsFlaw(mode, in); flaw != "" {
		return fault.New(fault.InvalidParameter, flaw)
	}
	next := *p
	next.Settings = wire.UserPoolType{}
	if err := readSettings(&next.Settings, &p.Settings); err != nil {
		return err
	}
	s := &next.Settings
	s.MfaConfiguration, s.LastModifiedDate = mode, wire.At(now)
	next.Mfa = MfaSettings{
		Set: mode != MFAOff, Email: in.EmailMfaConfiguration, SoftwareToken: in.SoftwareTokenMfaConfiguration, WebAuthn: in.WebAuthnConfiguration,
	}
	if sms := in.SmsMfaConfiguration; sms != nil {
		next.Mfa.SMS = &wire.SmsMfaConfigType{}
		s.SmsAuthenticationMessage = cmp.Or(sms.SmsAuthenticationMessage, s.SmsAuthenticationMessage)
		if sms.SmsConfiguration != nil {
			s.SmsConfiguration = sms.SmsConfiguration
		}
		if s.SmsConfiguration == nil {
			return fault.New(fault.InvalidParameter, smsRequired)
		}
	}
	fillIn(s, p.Region())
	if err := next.check(s); err != nil {
		return err
	}
	p.Settings, p.Mfa = next.Settings, next.Mfa
	return nil
}

// ShowMFA returns the MFA configuration as SetUserPoolMfaConfig and GetUserPoolMfaConfig show it: only what is configured.
func (p *Pool) ShowMFA() wire.GetUserPoolMfaConfigOutput {
	out := wire.GetUserPoolMfaConfigOutput{
		MfaConfiguration: p.MFA(), SoftwareTokenMfaConfiguration: p.Mfa.SoftwareToken, EmailMfaConfiguration: p.Mfa.Email,
		WebAuthnConfiguration: p.Mfa.WebAuthn,
	}
	if p.OffersMFA(SMSMFA) {
		out.SmsMfaConfiguration = &wire.SmsMfaConfigType{
			SmsAuthenticationMessage: p.Settings.SmsAuthenticationMessage, SmsConfiguration: p.Settings.SmsConfiguration,
		}
	}
	return out
}

// factorsFlaw compares the blocks of a request with its mode. Texts observed. A software token that is not enabled counts as a factor
// that is named (recorded in September 2026); a passkey is no second factor, and may be configured in any mode.
func factorsFlaw(mode string, in *wire.SetUserPoolMfaConfigInput) string {
	named := in.SoftwareTokenMfaConfiguration != nil || in.SmsMfaConfiguration != nil || in.EmailMfaConfiguration != nil
	switch {
	case mode == MFAOff && named:
		return "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
	case mode != MFAOff && !named:
		return "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
	}
	return ""
}

// smsRequired is the refusal of MFA without any factor in CreateUserPool and UpdateUserPool, which know text messages as the only one.
const smsRequired = "SMS configuration and Auto verification for phone_number are required when MFA is required/optional" // observed

// mfaFlaw looks for contradictions between the MFA configuration and the other settings. The texts are observed, but for those about
// e-mail.
func mfaFlaw(s *wire.UserPoolType, mfa MfaSettings) string {
	first := s.Policies.SignInPolicy.AllowedFirstAuthFactors
	required := s.MfaConfiguration == MFARequired
	byEmail := s.MfaConfiguration != MFAOff && mfa.Email != nil
	switch {
	case mfa.WebAuthn != nil && mfa.WebAuthn.RelyingPartyId != "" && !isDomain(mfa.WebAuthn.RelyingPartyId):
		return "RelyingPartyId must be a domain name."
	case s.MfaConfiguration != MFAOff && s.SmsConfiguration == nil && mfa.SoftwareToken == nil && mfa.Email == nil:
		return smsRequired
	case required && (slices.Contains(first, string(EmailOTP)) || slices.Contains(first, string(SMSOTP))):
		return "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
	case required && slices.Contains(first, string(Passkey)) && !mfa.passkeyCountsAsTwo():
		return "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor"
	case byEmail && s.EmailConfiguration.EmailSendingAccount != "DEVELOPER":
		return "Email MFA requires an EmailConfiguration with the EmailSendingAccount DEVELOPER."
	case byEmail && onlyByEmail(s.AccountRecoverySetting):
		return "Email MFA cannot be configured when verified_email is the only account recovery mechanism."
	}
	return ""
}

// onlyByEmail reports whether e-mail is the only way to recover an account: the factor would let itself be reset.
func onlyByEmail(r *wire.AccountRecoverySettingType) bool {
	return r != nil && len(r.RecoveryMechanisms) == 1 && Recovery(r.RecoveryMechanisms[0].Name) == RecoverByEmail
}

// domainName matches what can be a relying party: a host name in its canonical form.
var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

func isDomain(name string) bool { return domainName.MatchString(name) && net.ParseIP(name) == nil }
