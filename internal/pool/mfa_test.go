package pool

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// sesMail and everyRecovery are what e-mail as a second factor asks of a pool.
var (
	sesMail       = &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceArn: "arn:aws:ses:us-east-1:000000000000:identity/example.com"}
	snsTexts      = &wire.SmsConfigurationType{SnsCallerArn: "arn:aws:iam::000000000000:role/sns"}
	tokensOn      = &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)}
	tokensOff     = &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(false)}
	emailOnly     = &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{{Priority: 1, Name: "verified_email"}}}
	singlePasskey = &wire.WebAuthnConfigurationType{RelyingPartyId: "example.com", UserVerification: "preferred"}
	doublePasskey = &wire.WebAuthnConfigurationType{FactorConfiguration: "MULTI_FACTOR_WITH_USER_VERIFICATION", UserVerification: "required"}
)

func firstFactors(factors ...string) *wire.UserPoolPolicyType {
	return &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: factors}}
}

func TestConfigureMFA(t *testing.T) {
	t.Parallel()
	const (
		both = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
		none = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
	)
	for _, c := range []struct {
		name string
		pool wire.CreateUserPoolInput
		in   wire.SetUserPoolMfaConfigInput
		want string // the message of the InvalidParameterException, or ""
	}{
		{name: "off alone is accepted"},
		{name: "off and a software token contradict", in: wire.SetUserPoolMfaConfigInput{SoftwareTokenMfaConfiguration: tokensOn}, want: both},
		{
			name: "off and a software token that is not enabled contradict",
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OFF", SoftwareTokenMfaConfiguration: tokensOff}, want: both,
		},
		{name: "off and text messages contradict", in: wire.SetUserPoolMfaConfigInput{SmsMfaConfiguration: &wire.SmsMfaConfigType{}}, want: both},
		{
			name: "off and e-mail contradict, whatever mail the pool sends",
			in:   wire.SetUserPoolMfaConfigInput{EmailMfaConfiguration: &wire.EmailMfaConfigType{}}, want: both,
		},
		{name: "off and passkeys go together", in: wire.SetUserPoolMfaConfigInput{WebAuthnConfiguration: singlePasskey}},
		{name: "optional without a factor is refused", in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL"}, want: none},
		{
			name: "a software token that is not enabled counts as a factor",
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOff},
		},
		{
			name: "passkeys are no second factor", in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", WebAuthnConfiguration: singlePasskey},
			want: none,
		},
		{name: "required with software tokens is accepted", in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn}},
		{
			name: "text messages need to know what to be sent with",
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SmsMfaConfiguration: &wire.SmsMfaConfigType{}}, want: smsRequired,
		},
		{
			name: "text messages are sent with what the request brings",
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SmsMfaConfiguration: &wire.SmsMfaConfigType{SmsConfiguration: snsTexts}},
		},
		{
			name: "text messages are sent with what the pool has", pool: wire.CreateUserPoolInput{SmsConfiguration: snsTexts},
			in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", SmsMfaConfiguration: &wire.SmsMfaConfigType{}},
		},
		{
			name: "e-mail needs the operator's own sender", in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", EmailMfaConfiguration: &wire.EmailMfaConfigType{}},
			want: "Email MFA requires an EmailConfiguration with the EmailSendingAccount DEVELOPER.",
		},
		{
			name: "e-mail must not be the only recovery", pool: wire.CreateUserPoolInput{EmailConfiguration: sesMail, AccountRecoverySetting: emailOnly},
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", EmailMfaConfiguration: &wire.EmailMfaConfigType{}},
			want: "Email MFA cannot be configured when verified_email is the only account recovery mechanism.",
		},
		{
			name: "e-mail with another recovery is accepted", pool: wire.CreateUserPoolInput{EmailConfiguration: sesMail},
			in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", EmailMfaConfiguration: &wire.EmailMfaConfigType{Subject: "Code"}},
		},
		{
			name: "one-time codes cannot be the first factor where MFA is required", pool: wire.CreateUserPoolInput{Policies: firstFactors("PASSWORD", "EMAIL_OTP")},
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn},
			want: "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled",
		},
		{
			name: "one-time codes can be the first factor where MFA is optional", pool: wire.CreateUserPoolInput{Policies: firstFactors("PASSWORD", "SMS_OTP")},
			in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: tokensOn},
		},
		{
			name: "a passkey that is one factor cannot be the first where MFA is required", pool: wire.CreateUserPoolInput{Policies: firstFactors("PASSWORD", "WEB_AUTHN")},
			in:   wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn, WebAuthnConfiguration: singlePasskey},
			want: "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth factor",
		},
		{
			name: "a passkey that is two factors can", pool: wire.CreateUserPoolInput{Policies: firstFactors("PASSWORD", "WEB_AUTHN")},
			in: wire.SetUserPoolMfaConfigInput{MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn, WebAuthnConfiguration: doublePasskey},
		},
		{
			name: "a relying party is a domain and no address", in: wire.SetUserPoolMfaConfigInput{WebAuthnConfiguration: &wire.WebAuthnConfigurationType{RelyingPartyId: "https://example.com"}},
			want: "RelyingPartyId must be a domain name.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, c.pool)
			before := p.ShowMFA()
			err := p.ConfigureMFA(&c.in, time.Unix(1, 0))
			got := ""
			if err != nil {
				var f *fault.Error
				if !errors.As(err, &f) || f.Code != fault.InvalidParameter {
					t.Fatalf("got %v", err)
				}
				got = f.Message
				if diff := cmp.Diff(before, p.ShowMFA()); diff != "" {
					t.Errorf("a refused configuration changed the pool (-before +after):\n%s", diff)
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAConfigurationIsReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{EmailConfiguration: sesMail})
	configure := func(in wire.SetUserPoolMfaConfigInput) {
		t.Helper()
		if err := p.ConfigureMFA(&in, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	shows := func(want wire.GetUserPoolMfaConfigOutput) {
		t.Helper()
		if diff := cmp.Diff(want, p.ShowMFA()); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	}
	shows(wire.GetUserPoolMfaConfigOutput{MfaConfiguration: "OFF"})

	configure(wire.SetUserPoolMfaConfigInput{
		MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn, EmailMfaConfiguration: &wire.EmailMfaConfigType{Subject: "Hello"},
		SmsMfaConfiguration:   &wire.SmsMfaConfigType{SmsAuthenticationMessage: "It is {####}", SmsConfiguration: snsTexts},
		WebAuthnConfiguration: singlePasskey,
	})
	texts := *snsTexts
	texts.SnsRegion = "us-east-1"
	shows(wire.GetUserPoolMfaConfigOutput{
		MfaConfiguration: "ON", SoftwareTokenMfaConfiguration: tokensOn, EmailMfaConfiguration: &wire.EmailMfaConfigType{Subject: "Hello"},
		SmsMfaConfiguration:   &wire.SmsMfaConfigType{SmsAuthenticationMessage: "It is {####}", SmsConfiguration: &texts},
		WebAuthnConfiguration: singlePasskey,
	})
	for _, f := range []Factor{SMSMFA, TOTP, EmailOTP} {
		if !p.OffersMFA(f) {
			t.Errorf("%s is not offered", f)
		}
	}
	if p.Settings.SmsAuthenticationMessage != "It is {####}" || p.Settings.MfaConfiguration != "ON" {
		t.Error("the description of the pool does not show the configuration")
	}

	configure(wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", EmailMfaConfiguration: &wire.EmailMfaConfigType{}})
	shows(wire.GetUserPoolMfaConfigOutput{MfaConfiguration: "OPTIONAL", EmailMfaConfiguration: &wire.EmailMfaConfigType{}})
	if p.OffersMFA("SMS_MFA") || p.OffersMFA("SOFTWARE_TOKEN_MFA") {
		t.Error("a factor is offered that was left out")
	}

	configure(wire.SetUserPoolMfaConfigInput{MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: tokensOff})
	shows(wire.GetUserPoolMfaConfigOutput{MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: tokensOff})
	if p.OffersMFA("SOFTWARE_TOKEN_MFA") {
		t.Error("a factor is offered that was named but not enabled")
	}

	configure(wire.SetUserPoolMfaConfigInput{})
	shows(wire.GetUserPoolMfaConfigOutput{MfaConfiguration: "OFF"})
	if p.Settings.SmsConfiguration == nil {
		t.Error("turning MFA off has taken away what text messages are sent with")
	}
}

func TestATierLimitsTheFactors(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]wire.SetUserPoolMfaConfigInput{
		"e-mail":   {MfaConfiguration: "ON", EmailMfaConfiguration: &wire.EmailMfaConfigType{}},
		"passkeys": {WebAuthnConfiguration: singlePasskey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, wire.CreateUserPoolInput{UserPoolTier: Lite, EmailConfiguration: sesMail})
			if err := p.ConfigureMFA(&in, time.Unix(1, 0)); !fault.Is(err, fault.FeatureUnavailableInTier) {
				t.Errorf("got %v, want a FeatureUnavailableInTierException", err)
			}
		})
	}
}

func TestAPoolCreatedWithMFAOffersTextMessages(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{MfaConfiguration: "ON", SmsConfiguration: snsTexts, AutoVerifiedAttributes: []string{"phone_number"}})
	if !p.OffersMFA("SMS_MFA") || p.OffersMFA("SOFTWARE_TOKEN_MFA") || p.ShowMFA().SmsMfaConfiguration == nil {
		t.Error("the pool offers something else")
	}
}
