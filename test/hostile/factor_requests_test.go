package hostile_test

import (
	"maps"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// The requests of second factors, passkeys, devices, sessions and protection, in pools that have them switched on.
func init() {
	maps.Copy(validRequests, map[string]valid{
		"AssociateSoftwareToken": {make: inMFAPool(nil)},
		"VerifySoftwareToken": {refused: fault.EnableSoftwareTokenMFA, lives: tries, make: func(t testing.TB, f *fixture) object {
			in := inMFAPool(nil)(t, f)
			f.must(t, "AssociateSoftwareToken", in)
			return in.with("UserCode", "123456").with("FriendlyDeviceName", "phone")
		}},
		"SetUserMFAPreference":      {make: signedIn(object{"SMSMfaSettings": object{"Enabled": false, "PreferredMfa": false}})},
		"AdminSetUserMFAPreference": {make: aboutUser(object{"EmailMfaSettings": object{"Enabled": false}})},
		"SetUserSettings":           {make: signedIn(object{"MFAOptions": []any{}})},
		"AdminSetUserSettings":      {make: aboutUser(object{"MFAOptions": []any{}})},
		"AdminDeleteSoftwareToken":  {make: aboutUser(nil)},
		"GetUserAuthFactors":        {make: signedIn(nil)},
		"AdminGetUserAuthFactors":   {make: aboutUser(nil)},
		"SetUserPoolMfaConfig":      {make: aboutPool(object{"MfaConfiguration": "OFF"})},
		"GetUserPoolMfaConfig":      {make: aboutPool(nil)},

		"StartWebAuthnRegistration": {refused: fault.WebAuthnNotEnabled, make: signedIn(nil)},
		"CompleteWebAuthnRegistration": {refused: fault.WebAuthnNotEnabled, make: signedIn(object{"Credential": object{
			"id": "AAAA", "rawId": "AAAA", "type": "public-key", "clientExtensionResults": object{},
			"response": object{"clientDataJSON": "e30", "attestationObject": "oA", "transports": []any{"internal"}},
		}})},
		"ListWebAuthnCredentials":  {make: signedIn(object{"MaxResults": 5})},
		"DeleteWebAuthnCredential": {refused: fault.ResourceNotFound, make: signedIn(object{"CredentialId": "AAAA"})},

		"ConfirmDevice": {refused: fault.InvalidUserPoolConfiguration, make: signedIn(object{
			"DeviceKey": nobodysDevice, "DeviceName": "laptop",
			"DeviceSecretVerifierConfig": object{"Salt": "AAECAw==", "PasswordVerifier": "AAECAwQFBgc="},
		})},
		"GetDevice":               {refused: fault.InvalidUserPoolConfiguration, make: signedIn(object{"DeviceKey": nobodysDevice})},
		"ListDevices":             {refused: fault.InvalidUserPoolConfiguration, make: signedIn(object{"Limit": 5})},
		"ForgetDevice":            {refused: fault.InvalidUserPoolConfiguration, make: signedIn(object{"DeviceKey": nobodysDevice})},
		"UpdateDeviceStatus":      {refused: fault.InvalidUserPoolConfiguration, make: signedIn(object{"DeviceKey": nobodysDevice, "DeviceRememberedStatus": "remembered"})},
		"AdminGetDevice":          {refused: fault.InvalidUserPoolConfiguration, make: aboutUser(object{"DeviceKey": nobodysDevice})},
		"AdminListDevices":        {refused: fault.InvalidUserPoolConfiguration, make: aboutUser(object{"Limit": 5})},
		"AdminForgetDevice":       {refused: fault.InvalidUserPoolConfiguration, make: aboutUser(object{"DeviceKey": nobodysDevice})},
		"AdminUpdateDeviceStatus": {refused: fault.InvalidUserPoolConfiguration, make: aboutUser(object{"DeviceKey": nobodysDevice, "DeviceRememberedStatus": "not_remembered"})},

		"GetUserPoolSessionConfiguration":       {make: aboutPool(nil)},
		"SetUserPoolSessionConfiguration":       {make: aboutPool(object{"UserSessionTracking": "DISABLED", "TokenSession": object{"MaxPerUser": 5}})},
		"GetUserPoolClientSessionConfiguration": {make: aboutClient(nil)},
		"SetUserPoolClientSessionConfiguration": {refused: fault.OperationNotEnabled, make: aboutClient(object{"SSOSession": object{"MaxValidityMinutes": 60}})},
		"ListUserSessions":                      {refused: fault.OperationNotEnabled, make: signedIn(nil)},
		"RevokeUserSession":                     {refused: fault.OperationNotEnabled, make: signedIn(object{"SessionId": "tkn0000000000000000000000000"})},
		"AdminListUserSessions":                 {refused: fault.OperationNotEnabled, make: aboutUser(nil)},
		"AdminRevokeUserSession":                {refused: fault.OperationNotEnabled, make: aboutUser(object{"SessionId": "tkn0000000000000000000000000"})},

		"AdminListUserAuthEvents":      {refused: fault.UserPoolAddOnNotEnabled, make: aboutUser(object{"MaxResults": 5})},
		"AdminUpdateAuthEventFeedback": {refused: fault.UserPoolAddOnNotEnabled, make: aboutUser(object{"EventId": "6f9b1d5e-0000-4000-8000-000000000001", "FeedbackValue": "Valid"})},
		"UpdateAuthEventFeedback": {refused: fault.UserPoolAddOnNotEnabled, make: aboutUser(object{
			"EventId": "6f9b1d5e-0000-4000-8000-000000000001", "FeedbackValue": "Valid", "FeedbackToken": "AAAA",
		})},
		"SetRiskConfiguration":      {refused: fault.UserPoolAddOnNotEnabled, make: aboutPool(object{"RiskExceptionConfiguration": object{"BlockedIPRangeList": []any{"192.0.2.0/24"}}})},
		"DescribeRiskConfiguration": {refused: fault.UserPoolAddOnNotEnabled, make: aboutPool(nil)},
	})
}

const nobodysDevice = "us-east-1_6f9b1d5e-0000-4000-8000-000000000001"

// inMFAPool makes the request of a user of a pool that offers software tokens.
func inMFAPool(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		with := newFixture(t, f.server, nil, nil)
		f.must(t, "SetUserPoolMfaConfig", object{
			"UserPoolId": with.pool, "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": object{"Enabled": true},
		})
		return more.with("AccessToken", with.signIn(t, with.newUser(t)).access)
	}
}
