package client

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// operation is a method of the SDK's client.
type operation[In, Out any] = func(context.Context, *In, ...func(*idp.Options)) (*Out, error)

// operations are the methods of the SDK's client that users need, without the client. The linker keeps every exported method of a type that can be
// reached from an interface, as a pool can through a challenge, once a program also links text/template: a pool with the client in it would keep the
// other 90 operations, 2 MB of code.
type operations struct {
	AssociateSoftwareToken           operation[idp.AssociateSoftwareTokenInput, idp.AssociateSoftwareTokenOutput]
	ChangePassword                   operation[idp.ChangePasswordInput, idp.ChangePasswordOutput]
	CompleteWebAuthnRegistration     operation[idp.CompleteWebAuthnRegistrationInput, idp.CompleteWebAuthnRegistrationOutput]
	ConfirmDevice                    operation[idp.ConfirmDeviceInput, idp.ConfirmDeviceOutput]
	ConfirmForgotPassword            operation[idp.ConfirmForgotPasswordInput, idp.ConfirmForgotPasswordOutput]
	ConfirmSignUp                    operation[idp.ConfirmSignUpInput, idp.ConfirmSignUpOutput]
	DeleteUser                       operation[idp.DeleteUserInput, idp.DeleteUserOutput]
	DeleteUserAttributes             operation[idp.DeleteUserAttributesInput, idp.DeleteUserAttributesOutput]
	DeleteWebAuthnCredential         operation[idp.DeleteWebAuthnCredentialInput, idp.DeleteWebAuthnCredentialOutput]
	ForgetDevice                     operation[idp.ForgetDeviceInput, idp.ForgetDeviceOutput]
	ForgotPassword                   operation[idp.ForgotPasswordInput, idp.ForgotPasswordOutput]
	GetDevice                        operation[idp.GetDeviceInput, idp.GetDeviceOutput]
	GetTokensFromRefreshToken        operation[idp.GetTokensFromRefreshTokenInput, idp.GetTokensFromRefreshTokenOutput]
	GetUser                          operation[idp.GetUserInput, idp.GetUserOutput]
	GetUserAttributeVerificationCode operation[idp.GetUserAttributeVerificationCodeInput, idp.GetUserAttributeVerificationCodeOutput]
	GetUserAuthFactors               operation[idp.GetUserAuthFactorsInput, idp.GetUserAuthFactorsOutput]
	GlobalSignOut                    operation[idp.GlobalSignOutInput, idp.GlobalSignOutOutput]
	InitiateAuth                     operation[idp.InitiateAuthInput, idp.InitiateAuthOutput]
	ListDevices                      operation[idp.ListDevicesInput, idp.ListDevicesOutput]
	ListWebAuthnCredentials          operation[idp.ListWebAuthnCredentialsInput, idp.ListWebAuthnCredentialsOutput]
	ResendConfirmationCode           operation[idp.ResendConfirmationCodeInput, idp.ResendConfirmationCodeOutput]
	RespondToAuthChallenge           operation[idp.RespondToAuthChallengeInput, idp.RespondToAuthChallengeOutput]
	RevokeToken                      operation[idp.RevokeTokenInput, idp.RevokeTokenOutput]
	SetUserMFAPreference             operation[idp.SetUserMFAPreferenceInput, idp.SetUserMFAPreferenceOutput]
	SetUserSettings                  operation[idp.SetUserSettingsInput, idp.SetUserSettingsOutput]
	SignUp                           operation[idp.SignUpInput, idp.SignUpOutput]
	StartWebAuthnRegistration        operation[idp.StartWebAuthnRegistrationInput, idp.StartWebAuthnRegistrationOutput]
	UpdateDeviceStatus               operation[idp.UpdateDeviceStatusInput, idp.UpdateDeviceStatusOutput]
	UpdateUserAttributes             operation[idp.UpdateUserAttributesInput, idp.UpdateUserAttributesOutput]
	VerifySoftwareToken              operation[idp.VerifySoftwareTokenInput, idp.VerifySoftwareTokenOutput]
	VerifyUserAttribute              operation[idp.VerifyUserAttributeInput, idp.VerifyUserAttributeOutput]
}

func newOperations(c *idp.Client) operations {
	return operations{
		AssociateSoftwareToken:           c.AssociateSoftwareToken,
		ChangePassword:                   c.ChangePassword,
		CompleteWebAuthnRegistration:     c.CompleteWebAuthnRegistration,
		ConfirmDevice:                    c.ConfirmDevice,
		ConfirmForgotPassword:            c.ConfirmForgotPassword,
		ConfirmSignUp:                    c.ConfirmSignUp,
		DeleteUser:                       c.DeleteUser,
		DeleteUserAttributes:             c.DeleteUserAttributes,
		DeleteWebAuthnCredential:         c.DeleteWebAuthnCredential,
		ForgetDevice:                     c.ForgetDevice,
		ForgotPassword:                   c.ForgotPassword,
		GetDevice:                        c.GetDevice,
		GetTokensFromRefreshToken:        c.GetTokensFromRefreshToken,
		GetUser:                          c.GetUser,
		GetUserAttributeVerificationCode: c.GetUserAttributeVerificationCode,
		GetUserAuthFactors:               c.GetUserAuthFactors,
		GlobalSignOut:                    c.GlobalSignOut,
		InitiateAuth:                     c.InitiateAuth,
		ListDevices:                      c.ListDevices,
		ListWebAuthnCredentials:          c.ListWebAuthnCredentials,
		ResendConfirmationCode:           c.ResendConfirmationCode,
		RespondToAuthChallenge:           c.RespondToAuthChallenge,
		RevokeToken:                      c.RevokeToken,
		SetUserMFAPreference:             c.SetUserMFAPreference,
		SetUserSettings:                  c.SetUserSettings,
		SignUp:                           c.SignUp,
		StartWebAuthnRegistration:        c.StartWebAuthnRegistration,
		UpdateDeviceStatus:               c.UpdateDeviceStatus,
		UpdateUserAttributes:             c.UpdateUserAttributes,
		VerifySoftwareToken:              c.VerifySoftwareToken,
		VerifyUserAttribute:              c.VerifyUserAttribute,
	}
}
