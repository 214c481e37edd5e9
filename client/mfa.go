package client

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// MFAType is a second factor.
type MFAType string

// The second factors.
const (
	MFASMS           MFAType = "SMS_MFA"
	MFASoftwareToken MFAType = "SOFTWARE_TOKEN_MFA"
	MFAEmail         MFAType = "EMAIL_OTP"
)

// MFASetting turns a second factor on or off.
type MFASetting struct {
	Enabled   bool
	Preferred bool // asked first; at most one factor is
}

// MFAPreference is a change of the second factors. What is nil stays as it is.
type MFAPreference struct {
	SMS, SoftwareToken, Email *MFASetting
	Passkey                   *bool // whether passkeys count as a second factor, where the pool allows that
}

// SetMFAPreference changes the second factors of the signed-in user.
func (u *User) SetMFAPreference(ctx context.Context, p MFAPreference) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	in := &idp.SetUserMFAPreferenceInput{AccessToken: token}
	if s := p.SMS; s != nil {
		in.SMSMfaSettings = &types.SMSMfaSettingsType{Enabled: s.Enabled, PreferredMfa: s.Preferred}
	}
	if s := p.SoftwareToken; s != nil {
		in.SoftwareTokenMfaSettings = &types.SoftwareTokenMfaSettingsType{Enabled: s.Enabled, PreferredMfa: s.Preferred}
	}
	if s := p.Email; s != nil {
		in.EmailMfaSettings = &types.EmailMfaSettingsType{Enabled: s.Enabled, PreferredMfa: s.Preferred}
	}
	if p.Passkey != nil {
		in.WebAuthnMfaSettings = &types.WebAuthnMfaSettingsType{Enabled: *p.Passkey}
	}
	if _, err := call(ctx, "SetUserMFAPreference", u.pool.sdk.SetUserMFAPreference, in); err != nil {
		return err
	}
	return u.dropData(ctx)
}

// EnableMFA turns codes by SMS on, in the older way of SetUserSettings. SetMFAPreference is the newer one.
func (u *User) EnableMFA(ctx context.Context) error {
	return u.setSettings(ctx, types.MFAOptionType{DeliveryMedium: types.DeliveryMediumTypeSms, AttributeName: aws.String("phone_number")})
}

// DisableMFA undoes EnableMFA.
func (u *User) DisableMFA(ctx context.Context) error { return u.setSettings(ctx) }

func (u *User) setSettings(ctx context.Context, options ...types.MFAOptionType) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	if options == nil {
		options = []types.MFAOptionType{}
	}
	_, err = call(ctx, "SetUserSettings", u.pool.sdk.SetUserSettings, &idp.SetUserSettingsInput{AccessToken: token, MFAOptions: options})
	if err != nil {
		return err
	}
	return u.dropData(ctx)
}

// AuthFactors are what a user can sign in with.
type AuthFactors struct {
	First        []Factor
	MFA          []MFAType
	PreferredMFA MFAType
}

// AuthFactors returns what the signed-in user can sign in with.
func (u *User) AuthFactors(ctx context.Context) (*AuthFactors, error) {
	token, err := u.accessToken(ctx)
	if err != nil {
		return nil, err
	}
	out, err := call(ctx, "GetUserAuthFactors", u.pool.sdk.GetUserAuthFactors, &idp.GetUserAuthFactorsInput{AccessToken: token})
	if err != nil {
		return nil, err
	}
	f := &AuthFactors{First: []Factor{}, MFA: []MFAType{}, PreferredMFA: MFAType(aws.ToString(out.PreferredMfaSetting))}
	for _, name := range out.ConfiguredUserAuthFactors {
		f.First = append(f.First, Factor(name))
	}
	for _, name := range out.UserMFASettingList {
		f.MFA = append(f.MFA, MFAType(name))
	}
	return f, nil
}
