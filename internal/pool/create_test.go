package pool

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

var (
	noon   = time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC)
	lambda = "arn:aws:lambda:us-east-1:123456789012:function:judge"
	sns    = "arn:aws:iam::123456789012:role/sms"
	ses    = "arn:aws:ses:us-east-1:123456789012:identity/help@example.com"
)

func newPool(t *testing.T, in wire.CreateUserPoolInput) *Pool {
	t.Helper()
	if in.PoolName == "" {
		in.PoolName = "people"
	}
	p, err := New(&in, "us-east-1", "000000000000", noon)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// refused fails the test unless err is a fault with the code and the message; an empty message is any message.
func refused(t *testing.T, err error, code fault.Code, message string) {
	t.Helper()
	want := string(code) + ": " + message
	switch {
	case err == nil:
		t.Errorf("got no error, want %s", want)
	case !fault.Is(err, code), message != "" && err.Error() != want:
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestNewFillsInTheDocumentedDefaults(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	if !regexp.MustCompile(`^us-east-1_[0-9A-Za-z]{9}$`).MatchString(p.ID) {
		t.Errorf("id %s", p.ID)
	}
	want := wire.UserPoolType{
		Id: p.ID, Name: "people", Arn: "arn:aws:cognito-idp:us-east-1:000000000000:userpool/" + p.ID,
		CreationDate: wire.At(noon), LastModifiedDate: wire.At(noon),
		Policies: &wire.UserPoolPolicyType{
			PasswordPolicy: &wire.PasswordPolicyType{
				MinimumLength: wire.Ptr(int64(8)), RequireUppercase: wire.Ptr(true), RequireLowercase: wire.Ptr(true),
				RequireNumbers: wire.Ptr(true), RequireSymbols: wire.Ptr(true), TemporaryPasswordValidityDays: wire.Ptr(int64(7)),
			},
			SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD"}},
		},
		DeletionProtection:          "INACTIVE",
		LambdaConfig:                &wire.LambdaConfigType{},
		SchemaAttributes:            standardSchema(),
		VerificationMessageTemplate: &wire.VerificationMessageTemplateType{DefaultEmailOption: "CONFIRM_WITH_CODE"},
		MfaConfiguration:            "OFF",
		EmailConfiguration:          &wire.EmailConfigurationType{EmailSendingAccount: "COGNITO_DEFAULT"},
		UserPoolTags:                map[string]string{},
		AdminCreateUserConfig: &wire.AdminCreateUserConfigType{
			AllowAdminCreateUserOnly: wire.Ptr(false), UnusedAccountValidityDays: wire.Ptr(int64(7)),
		},
		AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
			{Priority: 1, Name: "verified_email"}, {Priority: 2, Name: "verified_phone_number"},
		}},
		UserPoolTier: "ESSENTIALS",
	}
	if diff := cmp.Diff(want, p.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestNewRefusesContradictions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in      wire.CreateUserPoolInput
		code    fault.Code
		message string
	}{
		"aliases and username attributes together": {
			wire.CreateUserPoolInput{AliasAttributes: []string{"email"}, UsernameAttributes: []string{"email"}},
			fault.InvalidParameter,
			"Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
		},
		"an alias that sign-up would require but cannot set": {
			wire.CreateUserPoolInput{
				AliasAttributes: []string{"preferred_username"},
				Schema:          []wire.SchemaAttributeType{{Name: "preferred_username", Required: wire.Ptr(true)}},
			}, fault.InvalidParameter, "",
		},
		"MFA without a way to send text messages": {
			wire.CreateUserPoolInput{MfaConfiguration: "OPTIONAL", AutoVerifiedAttributes: []string{"phone_number"}},
			fault.InvalidParameter,
			"SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
		},
		"verification before update of an attribute that is not verified": {
			wire.CreateUserPoolInput{UserAttributeUpdateSettings: &wire.UserAttributeUpdateSettingsType{
				AttributesRequireVerificationBeforeUpdate: []string{"email"},
			}},
			fault.InvalidParameter,
			"All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
		},
		"two lives of a temporary password, even equal ones": {
			wire.CreateUserPoolInput{
				AdminCreateUserConfig: &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: wire.Ptr(int64(5))},
				Policies: &wire.UserPoolPolicyType{
					PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: wire.Ptr(int64(5))},
				},
			},
			fault.InvalidParameter,
			"Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
		},
		"threat protection in a tier without it": {
			wire.CreateUserPoolInput{UserPoolTier: "ESSENTIALS", UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}},
			fault.FeatureUnavailableInTier,
			"The following features need to be disabled for the ESSENTIALS pricing tier configured: Threat Protection",
		},
		"all features that the smallest tier does not have, by name": {
			wire.CreateUserPoolInput{
				UserPoolTier: "LITE",
				Policies: &wire.UserPoolPolicyType{
					PasswordPolicy: &wire.PasswordPolicyType{PasswordHistorySize: wire.Ptr(int64(3))},
					SignInPolicy:   &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "EMAIL_OTP"}},
				},
				LambdaConfig: &wire.LambdaConfigType{PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{
					LambdaVersion: "V2_0", LambdaArn: lambda,
				}},
				DcrConfiguration: &wire.DcrConfigurationType{},
				AcrConfiguration: map[string]wire.AcrLevelConfigType{"Level1": {AcrValue: "low"}},
				UserPoolAddOns:   &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"},
			},
			fault.FeatureUnavailableInTier,
			"The following features need to be disabled for the LITE pricing tier configured: Passwordless Sign-In, Password History, " +
				"Token Customization with Pre-Token Generation Lambda V2_0, Dynamic Client Registration, Custom ACR Names, Threat Protection",
		},
		"first factors without the password": {
			wire.CreateUserPoolInput{Policies: &wire.UserPoolPolicyType{
				SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"EMAIL_OTP"}},
			}}, fault.InvalidParameter, "",
		},
		"a first factor that does not exist yet": {
			wire.CreateUserPoolInput{Policies: &wire.UserPoolPolicyType{
				SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "SOFTWARE_TOKEN"}},
			}}, fault.InvalidParameter, "",
		},
		"one's own sender without its identity": {
			wire.CreateUserPoolInput{EmailConfiguration: &wire.EmailConfigurationType{EmailSendingAccount: "DEVELOPER"}}, fault.InvalidParameter, "",
		},
		"a sender that smuggles a header": {
			wire.CreateUserPoolInput{EmailConfiguration: &wire.EmailConfigurationType{From: "a@example.com\r\nBcc: b@example.com"}},
			fault.InvalidParameter, "",
		},
		"a reply address without a domain": {
			wire.CreateUserPoolInput{EmailConfiguration: &wire.EmailConfigurationType{ReplyToEmailAddress: "<@>"}}, fault.InvalidParameter, "",
		},
		"text messages without a sender": {
			wire.CreateUserPoolInput{SmsConfiguration: &wire.SmsConfigurationType{ExternalId: "x"}}, fault.InvalidParameter, "",
		},
		"text messages with two senders": {
			wire.CreateUserPoolInput{SmsConfiguration: &wire.SmsConfigurationType{
				SnsCallerArn: sns,
				EumsSms:      &wire.EumsSmsConfigurationType{CallerArn: sns},
			}}, fault.InvalidParameter, "",
		},
		"text messages from another region": {
			wire.CreateUserPoolInput{SmsConfiguration: &wire.SmsConfigurationType{
				EumsSms: &wire.EumsSmsConfigurationType{CallerArn: sns, Region: "eu-west-1"},
			}}, fault.InvalidParameter, "",
		},
		"a custom sender without a key": {
			wire.CreateUserPoolInput{LambdaConfig: &wire.LambdaConfigType{
				CustomEmailSender: &wire.CustomEmailLambdaVersionConfigType{LambdaVersion: "V1_0", LambdaArn: lambda},
			}}, fault.InvalidParameter, "",
		},
		"two functions for one trigger": {
			wire.CreateUserPoolInput{LambdaConfig: &wire.LambdaConfigType{
				PreTokenGeneration:       lambda + "2",
				PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaVersion: "V1_0", LambdaArn: lambda},
			}},
			fault.InvalidParameter, "",
		},
		"recovery by administrators beside another way": {
			wire.CreateUserPoolInput{AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
				{Priority: 1, Name: "admin_only"}, {Priority: 2, Name: "verified_email"},
			}}}, fault.InvalidParameter, "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.",
		},
		"two ways of recovery with one priority": {
			wire.CreateUserPoolInput{AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
				{Priority: 1, Name: "verified_phone_number"}, {Priority: 1, Name: "verified_email"},
			}}}, fault.InvalidParameter, "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
		},
		"one way of recovery twice": {
			wire.CreateUserPoolInput{AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
				{Priority: 1, Name: "verified_email"}, {Priority: 2, Name: "verified_email"},
			}}}, fault.InvalidParameter, "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
		},
		"a link without a text": {
			wire.CreateUserPoolInput{VerificationMessageTemplate: &wire.VerificationMessageTemplateType{EmailMessageByLink: "{####} or {####}"}},
			fault.InvalidParameter, "The message is invalid.",
		},
		"an invitation without the username": {
			wire.CreateUserPoolInput{AdminCreateUserConfig: &wire.AdminCreateUserConfigType{
				InviteMessageTemplate: &wire.MessageTemplateType{EmailMessage: "Hello, sign in with {####}"},
			}}, fault.InvalidParameter, "The invitation message must contain the placeholder {username}.",
		},
		"a customer's key without its name": {
			wire.CreateUserPoolInput{KeyConfiguration: &wire.KeyConfigurationType{KeyType: "CUSTOMER_MANAGED_KEY"}}, fault.InvalidParameter, "",
		},
		"an unknown level of authentication": {
			wire.CreateUserPoolInput{AcrConfiguration: map[string]wire.AcrLevelConfigType{"Level5": {AcrValue: "high"}}}, fault.InvalidParameter, "",
		},
		"a level that takes another level's default name": {
			wire.CreateUserPoolInput{AcrConfiguration: map[string]wire.AcrLevelConfigType{"Level1": {AcrValue: "urn:cognito:loa:2"}}},
			fault.InvalidParameter, "",
		},
		"a reserved tag": {
			wire.CreateUserPoolInput{UserPoolTags: map[string]string{"AWS:team": "x"}}, fault.UserPoolTagging, "",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.PoolName = "people"
			_, err := New(&tt.in, "us-east-1", "000000000000", noon)
			refused(t, err, tt.code, tt.message)
		})
	}
}

func TestNewCompletesSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   wire.CreateUserPoolInput
		got  func(*wire.UserPoolType) any
		want any
	}{
		"a class of characters that a given policy does not name is not required": {
			wire.CreateUserPoolInput{Policies: &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{
				MinimumLength: wire.Ptr(int64(12)), RequireNumbers: wire.Ptr(true), PasswordHistorySize: wire.Ptr(int64(0)),
			}}},
			func(s *wire.UserPoolType) any { return s.Policies.PasswordPolicy },
			&wire.PasswordPolicyType{
				MinimumLength: wire.Ptr(int64(12)), RequireUppercase: wire.Ptr(false), RequireLowercase: wire.Ptr(false),
				RequireNumbers: wire.Ptr(true), RequireSymbols: wire.Ptr(false), TemporaryPasswordValidityDays: wire.Ptr(int64(7)),
			},
		},
		"the old name of a temporary password's life counts": {
			wire.CreateUserPoolInput{
				AdminCreateUserConfig: &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: wire.Ptr(int64(3))},
				Policies: &wire.UserPoolPolicyType{
					PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: wire.Ptr(int64(0))},
				},
			},
			func(s *wire.UserPoolType) any { return *s.Policies.PasswordPolicy.TemporaryPasswordValidityDays }, int64(3),
		},
		"a message under its old name is shown in the template": {
			wire.CreateUserPoolInput{
				EmailVerificationMessage: "It is {####}", SmsVerificationMessage: "SMS {####}",
				VerificationMessageTemplate: &wire.VerificationMessageTemplateType{EmailSubject: "Subject", DefaultEmailOption: "CONFIRM_WITH_LINK"},
			},
			func(s *wire.UserPoolType) any {
				return []any{*s.VerificationMessageTemplate, s.EmailVerificationSubject, s.EmailVerificationMessage, s.SmsVerificationMessage}
			},
			[]any{wire.VerificationMessageTemplateType{
				EmailMessage: "It is {####}", EmailSubject: "Subject", SmsMessage: "SMS {####}",
				DefaultEmailOption: "CONFIRM_WITH_LINK",
			}, "Subject", "It is {####}", "SMS {####}"},
		},
		"of messages that differ under their two names the template's counts": {
			wire.CreateUserPoolInput{
				EmailVerificationMessage:    "old {####}",
				VerificationMessageTemplate: &wire.VerificationMessageTemplateType{EmailMessage: "new {####}"},
			},
			func(s *wire.UserPoolType) any {
				return []string{s.EmailVerificationMessage, s.VerificationMessageTemplate.EmailMessage}
			},
			[]string{"new {####}", "new {####}"},
		},
		"a pre token generation trigger is shown under both names": {
			wire.CreateUserPoolInput{LambdaConfig: &wire.LambdaConfigType{PreTokenGeneration: lambda}},
			func(s *wire.UserPoolType) any { return s.LambdaConfig },
			&wire.LambdaConfigType{
				PreTokenGeneration:       lambda,
				PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaVersion: "V1_0", LambdaArn: lambda},
			},
		},
		"a versioned pre token generation trigger too": {
			wire.CreateUserPoolInput{LambdaConfig: &wire.LambdaConfigType{
				PreTokenGenerationConfig: &wire.PreTokenGenerationVersionConfigType{LambdaVersion: "V2_0", LambdaArn: lambda},
			}},
			func(s *wire.UserPoolType) any { return s.LambdaConfig.PreTokenGeneration }, lambda,
		},
		"text messages go out from the pool's region": {
			wire.CreateUserPoolInput{SmsConfiguration: &wire.SmsConfigurationType{SnsCallerArn: sns}, MfaConfiguration: "ON"},
			func(s *wire.UserPoolType) any { return s.SmsConfiguration.SnsRegion }, "us-east-1",
		},
		"one member of the device configuration switches tracking on": {
			wire.CreateUserPoolInput{DeviceConfiguration: &wire.DeviceConfigurationType{ChallengeRequiredOnNewDevice: wire.Ptr(false)}},
			func(s *wire.UserPoolType) any { return s.DeviceConfiguration },
			&wire.DeviceConfigurationType{ChallengeRequiredOnNewDevice: wire.Ptr(false), DeviceOnlyRememberedOnUserPrompt: wire.Ptr(false)},
		},
		"an empty device configuration is none": {
			wire.CreateUserPoolInput{DeviceConfiguration: &wire.DeviceConfigurationType{}},
			func(s *wire.UserPoolType) any { return s.DeviceConfiguration }, (*wire.DeviceConfigurationType)(nil),
		},
		"threat protection without a tier means the largest": {
			wire.CreateUserPoolInput{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "AUDIT"}},
			func(s *wire.UserPoolType) any { return s.UserPoolTier }, "PLUS",
		},
		"threat protection that is off needs no tier": {
			wire.CreateUserPoolInput{UserPoolTier: "LITE", UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "OFF"}},
			func(s *wire.UserPoolType) any { return s.UserPoolAddOns }, &wire.UserPoolAddOnsType{AdvancedSecurityMode: "OFF"},
		},
		"an empty recovery setting stays and means the old behaviour": {
			wire.CreateUserPoolInput{AccountRecoverySetting: &wire.AccountRecoverySettingType{}},
			func(s *wire.UserPoolType) any { return (&Pool{Settings: *s}).Recoveries() },
			[]Recovery{RecoverByPhone, RecoverByEmail},
		},
		"an invitation may do without the password": {
			wire.CreateUserPoolInput{
				AdminCreateUserConfig: &wire.AdminCreateUserConfigType{InviteMessageTemplate: &wire.MessageTemplateType{EmailMessage: "Hi {username}"}},
			},
			func(s *wire.UserPoolType) any { return s.AdminCreateUserConfig.InviteMessageTemplate.EmailMessage }, "Hi {username}",
		},
		"the levels that are not renamed keep their names": {
			wire.CreateUserPoolInput{AcrConfiguration: map[string]wire.AcrLevelConfigType{"Level4": {AcrValue: "https://example.com/high"}}},
			func(s *wire.UserPoolType) any { return s.AcrConfiguration },
			map[string]wire.AcrLevelConfigType{
				"Level1": {AcrValue: "urn:cognito:loa:1"}, "Level2": {AcrValue: "urn:cognito:loa:2"},
				"Level3": {AcrValue: "urn:cognito:loa:3"}, "Level4": {AcrValue: "https://example.com/high"},
			},
		},
		"registration of clients is on when it is configured": {
			wire.CreateUserPoolInput{DcrConfiguration: &wire.DcrConfigurationType{OpenDcrGrantTypes: []string{}}},
			func(s *wire.UserPoolType) any { return s.DcrConfiguration },
			&wire.DcrConfigurationType{
				EnableStatus: "Enabled", OpenDcrEnabled: wire.Ptr(false),
				AuthenticatedGrantTypes: []string{"code", "client_credentials"}, OpenDcrGrantTypes: []string{},
			},
		},
		"a key's name makes it the customer's": {
			wire.CreateUserPoolInput{KeyConfiguration: &wire.KeyConfigurationType{KmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/k"}},
			func(s *wire.UserPoolType) any { return s.KeyConfiguration.KeyType }, "CUSTOMER_MANAGED_KEY",
		},
		"one's own sender": {
			wire.CreateUserPoolInput{EmailConfiguration: &wire.EmailConfigurationType{
				EmailSendingAccount: "DEVELOPER", SourceArn: ses,
				From: "Help Desk <help@example.com>", ReplyToEmailAddress: "help@example.com", ConfigurationSet: "set",
			}},
			func(s *wire.UserPoolType) any { return s.EmailConfiguration.From }, "Help Desk <help@example.com>",
		},
		"repeated and empty lists": {
			wire.CreateUserPoolInput{AutoVerifiedAttributes: []string{"email", "phone_number", "email"}, AliasAttributes: []string{}},
			func(s *wire.UserPoolType) any { return [][]string{s.AutoVerifiedAttributes, s.AliasAttributes} },
			[][]string{{"email", "phone_number"}, nil},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPool(t, tt.in)
			if diff := cmp.Diff(tt.want, tt.got(&p.Settings)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestNewLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	in := wire.CreateUserPoolInput{
		PoolName:                    "people",
		Policies:                    &wire.UserPoolPolicyType{},
		LambdaConfig:                &wire.LambdaConfigType{PreTokenGeneration: lambda},
		AcrConfiguration:            map[string]wire.AcrLevelConfigType{"Level1": {AcrValue: "low"}},
		EmailConfiguration:          &wire.EmailConfigurationType{},
		DcrConfiguration:            &wire.DcrConfigurationType{},
		IssuerConfiguration:         &wire.IssuerConfigurationType{},
		VerificationMessageTemplate: &wire.VerificationMessageTemplateType{EmailMessage: "{####}"},
	}
	before, err := wire.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	newPool(t, in)
	after, err := wire.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("got %s, want %s", after, before)
	}
}

func TestIssuerConfigurationNamesTheIssuer(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	if got, want := p.AWSIssuer(), "https://cognito-idp.us-east-1.amazonaws.com/"+p.ID; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p = newPool(t, wire.CreateUserPoolInput{IssuerConfiguration: &wire.IssuerConfigurationType{Type: "UPDATED"}})
	if got := p.AWSIssuer(); !strings.HasPrefix(got, "https://issuer-cognito-idp.us-east-1.") {
		t.Errorf("got %s", got)
	}
}
