package pool

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// fullPool has a setting of its own wherever a default could take its place.
func fullPool(t *testing.T) *Pool {
	t.Helper()
	p := newPool(t, wire.CreateUserPoolInput{
		PoolName:               "full",
		Policies:               &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: wire.Ptr(int64(14))}},
		DeletionProtection:     "ACTIVE",
		LambdaConfig:           &wire.LambdaConfigType{PreSignUp: lambda},
		AutoVerifiedAttributes: []string{"email"},
		UsernameAttributes:     []string{"email"},
		UserAttributeUpdateSettings: &wire.UserAttributeUpdateSettingsType{
			AttributesRequireVerificationBeforeUpdate: []string{"email"},
		},
		SmsConfiguration:         &wire.SmsConfigurationType{SnsCallerArn: sns},
		SmsAuthenticationMessage: "{####} opens",
		EmailVerificationMessage: "{####} confirms",
		MfaConfiguration:         "OPTIONAL",
		DeviceConfiguration:      &wire.DeviceConfigurationType{ChallengeRequiredOnNewDevice: wire.Ptr(true)},
		UserPoolTags:             map[string]string{"a": "b"},
		UserPoolAddOns:           &wire.UserPoolAddOnsType{AdvancedSecurityMode: "OFF"},
		UsernameConfiguration:    &wire.UsernameConfigurationType{CaseSensitive: false},
		DcrConfiguration:         &wire.DcrConfigurationType{OpenDcrEnabled: wire.Ptr(true)},
		Schema:                   []wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String"}},
		AccountRecoverySetting: &wire.AccountRecoverySettingType{RecoveryMechanisms: []wire.RecoveryOptionType{
			{Priority: 1, Name: "admin_only"},
		}},
	})
	return p
}

func TestUpdateKeepsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	p := fullPool(t)
	want := p.Settings
	later := noon.Add(time.Hour)
	if err := p.Update(&wire.UpdateUserPoolInput{UserPoolId: p.ID, AutoVerifiedAttributes: []string{"email"}}, later); err != nil {
		t.Fatal(err)
	}
	want.LastModifiedDate = wire.At(later)
	want.LambdaConfig, want.DeviceConfiguration, want.UserPoolAddOns = &wire.LambdaConfigType{}, nil, nil // these return to their defaults
	if diff := cmp.Diff(want, p.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestUpdateOfAPartOfThePolicies(t *testing.T) {
	t.Parallel()
	p := fullPool(t)
	err := p.Update(&wire.UpdateUserPoolInput{
		AutoVerifiedAttributes: []string{"email"},
		Policies:               &wire.UserPoolPolicyType{SignInPolicy: &wire.SignInPolicyType{AllowedFirstAuthFactors: []string{"PASSWORD", "SMS_OTP"}}},
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.PasswordPolicy().MinimumLength; got != 14 || !p.AllowsFirstFactor("SMS_OTP") {
		t.Errorf("after a new sign-in policy: length %d, sign-in policy %v", got, p.Settings.Policies.SignInPolicy)
	}
	err = p.Update(&wire.UpdateUserPoolInput{
		AutoVerifiedAttributes: []string{"email"},
		Policies:               &wire.UserPoolPolicyType{PasswordPolicy: &wire.PasswordPolicyType{MinimumLength: wire.Ptr[int64](9)}},
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.PasswordPolicy().MinimumLength; got != 9 || !p.AllowsFirstFactor("SMS_OTP") {
		t.Errorf("after a new password policy: length %d, sign-in policy %v", got, p.Settings.Policies.SignInPolicy)
	}
}

// The life of temporary passwords has two names; an update by one of them must not meet the value that is kept under the other.
func TestUpdateOfTheLifeOfTemporaryPasswords(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	update := func(in wire.UpdateUserPoolInput, want int64) {
		t.Helper()
		if err := p.Update(&in, noon); err != nil {
			t.Fatal(err)
		}
		byPolicy := *p.Settings.Policies.PasswordPolicy.TemporaryPasswordValidityDays
		byConfig := *p.Settings.AdminCreateUserConfig.UnusedAccountValidityDays
		if byPolicy != want || byConfig != want {
			t.Errorf("%d days by the policy, %d by the configuration, want %d", byPolicy, byConfig, want)
		}
	}
	update(wire.UpdateUserPoolInput{AdminCreateUserConfig: &wire.AdminCreateUserConfigType{UnusedAccountValidityDays: wire.Ptr[int64](3)}}, 3)
	update(wire.UpdateUserPoolInput{PoolName: "other"}, 3)
	update(wire.UpdateUserPoolInput{AdminCreateUserConfig: &wire.AdminCreateUserConfigType{}}, 3)
	update(wire.UpdateUserPoolInput{Policies: &wire.UserPoolPolicyType{
		PasswordPolicy: &wire.PasswordPolicyType{TemporaryPasswordValidityDays: wire.Ptr[int64](5)},
	}}, 5)
}

func TestUpdateToThreatProtectionRaisesTheTier(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	update := func(in wire.UpdateUserPoolInput, want string) {
		t.Helper()
		if err := p.Update(&in, noon); err != nil {
			t.Fatal(err)
		}
		if p.Settings.UserPoolTier != want {
			t.Errorf("the tier is %s, want %s", p.Settings.UserPoolTier, want)
		}
	}
	update(wire.UpdateUserPoolInput{PoolName: "other"}, Essentials)
	update(wire.UpdateUserPoolInput{UserPoolAddOns: &wire.UserPoolAddOnsType{AdvancedSecurityMode: "ENFORCED"}}, Plus)
	update(wire.UpdateUserPoolInput{}, Plus)
	update(wire.UpdateUserPoolInput{UserPoolTier: Lite}, Lite)
}

func TestUpdateReplacesWhatItNames(t *testing.T) {
	t.Parallel()
	p := fullPool(t)
	err := p.Update(&wire.UpdateUserPoolInput{
		PoolName:                    "renamed",
		UserAttributeUpdateSettings: &wire.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []string{}},
		DcrConfiguration:            &wire.DcrConfigurationType{EnableStatus: "Disabled"},
		UserPoolTier:                "LITE",
		UserPoolTags:                map[string]string{"c": "d"},
	}, noon)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Settings
	got := []any{
		s.Name, s.UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate, *s.DcrConfiguration.OpenDcrEnabled,
		s.UserPoolTier, s.UserPoolTags,
	}
	if diff := cmp.Diff([]any{"renamed", []string{}, false, "LITE", map[string]string{"c": "d"}}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in      wire.UpdateUserPoolInput
		code    fault.Code
		message string
	}{
		"to make MFA required": {
			wire.UpdateUserPoolInput{MfaConfiguration: "ON", AutoVerifiedAttributes: []string{"email"}},
			fault.InvalidParameter,
			"Cannot turn MFA functionality ON, once the user pool has been created.",
		},
		"to stop verifying what the remaining update settings rest on": {
			wire.UpdateUserPoolInput{},
			fault.InvalidParameter,
			"All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
		},
		"a smaller tier while a remaining setting needs the larger": {
			wire.UpdateUserPoolInput{AutoVerifiedAttributes: []string{"email"}, UserPoolTier: "LITE"},
			fault.FeatureUnavailableInTier,
			"The following features need to be disabled for the LITE pricing tier configured: Dynamic Client Registration",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := fullPool(t)
			before, err := wire.Encode(p.Settings)
			if err != nil {
				t.Fatal(err)
			}
			refused(t, p.Update(&tt.in, noon.Add(time.Hour)), tt.code, tt.message)
			after, err := wire.Encode(p.Settings)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(before), string(after)); diff != "" {
				t.Errorf("a refused update changed the pool:\n%s", diff)
			}
		})
	}
}

func TestMFAStaysOnWithAnotherFactor(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{})
	p.Settings.MfaConfiguration = "ON"
	p.Mfa.SoftwareToken = &wire.SoftwareTokenMfaConfigType{Enabled: wire.Ptr(true)}
	if err := p.Update(&wire.UpdateUserPoolInput{MfaConfiguration: "ON"}, noon); err != nil {
		t.Fatal(err)
	}
	if p.MFA() != "ON" {
		t.Errorf("MFA is %s", p.MFA())
	}
}

func TestCheckDelete(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{DeletionProtection: "ACTIVE"})
	refused(t, p.CheckDelete(), fault.InvalidParameter, "The user pool cannot be deleted because deletion protection is activated. "+
		"Deletion protection must be inactivated first.")
	p.Settings.DeletionProtection, p.Settings.CustomDomain = "INACTIVE", "auth.example.com"
	refused(t, p.CheckDelete(), fault.InvalidParameter, "User pool cannot be deleted. It has a domain configured that should be deleted first.")
	p.Settings.CustomDomain = ""
	if err := p.CheckDelete(); err != nil {
		t.Error(err)
	}
}
