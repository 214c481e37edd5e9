package trigger

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Trigger is a kind of trigger, named as in LambdaConfig.
type Trigger string

// The triggers.
const (
	PreSignUp           Trigger = "PreSignUp"
	PostConfirmation    Trigger = "PostConfirmation"
	PreAuthentication   Trigger = "PreAuthentication"
	PostAuthentication  Trigger = "PostAuthentication"
	PreTokenGeneration  Trigger = "PreTokenGeneration"
	UserMigration       Trigger = "UserMigration"
	DefineAuthChallenge Trigger = "DefineAuthChallenge"
	CreateAuthChallenge Trigger = "CreateAuthChallenge"
	VerifyAuthChallenge Trigger = "VerifyAuthChallengeResponse"
	CustomMessage       Trigger = "CustomMessage"
	CustomEmailSender   Trigger = "CustomEmailSender"
	CustomSMSSender     Trigger = "CustomSMSSender"
	InboundFederation   Trigger = "InboundFederation"
)

// Source is the occasion of an event, as its triggerSource names it.
type Source string

// The sources.
const (
	PreSignUpSignUp           Source = "PreSignUp_SignUp"
	PreSignUpAdminCreateUser  Source = "PreSignUp_AdminCreateUser"
	PreSignUpExternalProvider Source = "PreSignUp_ExternalProvider"

	PostConfirmationConfirmSignUp         Source = "PostConfirmation_ConfirmSignUp"
	PostConfirmationConfirmForgotPassword Source = "PostConfirmation_ConfirmForgotPassword"

	PreAuthenticationAuthentication  Source = "PreAuthentication_Authentication"
	PostAuthenticationAuthentication Source = "PostAuthentication_Authentication"

	TokenGenerationHostedAuth           Source = "TokenGeneration_HostedAuth"
	TokenGenerationAuthentication       Source = "TokenGeneration_Authentication"
	TokenGenerationNewPasswordChallenge Source = "TokenGeneration_NewPasswordChallenge"
	TokenGenerationAuthenticateDevice   Source = "TokenGeneration_AuthenticateDevice"
	TokenGenerationRefreshTokens        Source = "TokenGeneration_RefreshTokens"
	TokenGenerationClientCredentials    Source = "TokenGeneration_ClientCredentials" // V3_0 only

	UserMigrationAuthentication Source = "UserMigration_Authentication"
	UserMigrationForgotPassword Source = "UserMigration_ForgotPassword"

	DefineAuthChallengeAuthentication Source = "DefineAuthChallenge_Authentication"
	CreateAuthChallengeAuthentication Source = "CreateAuthChallenge_Authentication"
	VerifyAuthChallengeAuthentication Source = "VerifyAuthChallengeResponse_Authentication"

	InboundFederationExternalProvider Source = "InboundFederation_ExternalProvider"
)

// Occasion is what a message is for: the part of a source after the underscore, for the three triggers about messages.
type Occasion string

// The occasions of messages, the same for CustomMessage and both senders; the last is for CustomEmailSender only.
const (
	OnSignUp              Occasion = "SignUp"
	OnAdminCreateUser     Occasion = "AdminCreateUser"
	OnResendCode          Occasion = "ResendCode"
	OnForgotPassword      Occasion = "ForgotPassword"
	OnUpdateUserAttribute Occasion = "UpdateUserAttribute"
	OnVerifyUserAttribute Occasion = "VerifyUserAttribute"
	OnAuthentication      Occasion = "Authentication"
	OnAccountTakeOver     Occasion = "AccountTakeOverNotification"
)

// On returns the source of the trigger on the occasion: CustomMessage_SignUp.
func (t Trigger) On(o Occasion) Source { return Source(string(t) + "_" + string(o)) }

// The versions of PreTokenGeneration, as PreTokenGenerationConfig names them.
const (
	V1 = "V1_0" // the ID token
	V2 = "V2_0" // and the access tokens of users
	V3 = "V3_0" // and those of machines
)

// PreTokenVersion returns the version of the pool's PreTokenGeneration trigger; V1 when the configuration does not say.
func PreTokenVersion(p *pool.Pool) string {
	if l := p.Settings.LambdaConfig; l != nil && l.PreTokenGenerationConfig != nil && l.PreTokenGenerationConfig.LambdaVersion != "" {
		return l.PreTokenGenerationConfig.LambdaVersion
	}
	return V1
}

// Function returns the ARN of the function behind the trigger; empty when there is none.
func Function(l *wire.LambdaConfigType, t Trigger) string {
	if l == nil {
		return ""
	}
	switch t {
	case PreSignUp:
		return l.PreSignUp
	case PostConfirmation:
		return l.PostConfirmation
	case PreAuthentication:
		return l.PreAuthentication
	case PostAuthentication:
		return l.PostAuthentication
	case PreTokenGeneration:
		if c := l.PreTokenGenerationConfig; c != nil && c.LambdaArn != "" {
			return c.LambdaArn
		}
		return l.PreTokenGeneration
	case UserMigration:
		return l.UserMigration
	case DefineAuthChallenge:
		return l.DefineAuthChallenge
	case CreateAuthChallenge:
		return l.CreateAuthChallenge
	case VerifyAuthChallenge:
		return l.VerifyAuthChallengeResponse
	case CustomMessage:
		return l.CustomMessage
	case CustomEmailSender:
		if c := l.CustomEmailSender; c != nil {
			return c.LambdaArn
		}
	case CustomSMSSender:
		if c := l.CustomSMSSender; c != nil {
			return c.LambdaArn
		}
	case InboundFederation:
		if c := l.InboundFederation; c != nil {
			return c.LambdaArn
		}
	}
	return ""
}
