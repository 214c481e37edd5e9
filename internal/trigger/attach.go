package trigger

import "github.com/cenote-id/cenote/internal/wire"

// All lists the triggers in the order of a user's life.
func All() []Trigger {
	return []Trigger{
		PreSignUp, PostConfirmation, UserMigration, PreAuthentication, DefineAuthChallenge, CreateAuthChallenge, VerifyAuthChallenge,
		PreTokenGeneration, PostAuthentication, CustomMessage, CustomEmailSender, CustomSMSSender, InboundFederation,
	}
}

// SetFunction puts a function behind the trigger, or none where the ARN is empty. Senders get their codes under the KMS key, unless the
// configuration names one already.
func SetFunction(l *wire.LambdaConfigType, t Trigger, arn, kmsKey string) {
	switch t {
	case PreSignUp:
		l.PreSignUp = arn
	case PostConfirmation:
		l.PostConfirmation = arn
	case PreAuthentication:
		l.PreAuthentication = arn
	case PostAuthentication:
		l.PostAuthentication = arn
	case PreTokenGeneration:
		l.PreTokenGeneration, l.PreTokenGenerationConfig = arn, nil
	case UserMigration:
		l.UserMigration = arn
	case DefineAuthChallenge:
		l.DefineAuthChallenge = arn
	case CreateAuthChallenge:
		l.CreateAuthChallenge = arn
	case VerifyAuthChallenge:
		l.VerifyAuthChallengeResponse = arn
	case CustomMessage:
		l.CustomMessage = arn
	case InboundFederation:
		l.InboundFederation = nil
		if arn != "" {
			l.InboundFederation = &wire.InboundFederationLambdaType{LambdaVersion: V1, LambdaArn: arn}
		}
	case CustomEmailSender:
		l.CustomEmailSender = nil
		if arn != "" {
			l.CustomEmailSender = &wire.CustomEmailLambdaVersionConfigType{LambdaVersion: V1, LambdaArn: arn}
		}
	case CustomSMSSender:
		l.CustomSMSSender = nil
		if arn != "" {
			l.CustomSMSSender = &wire.CustomSMSLambdaVersionConfigType{LambdaVersion: V1, LambdaArn: arn}
		}
	}
	if l.KMSKeyID == "" && (l.CustomEmailSender != nil || l.CustomSMSSender != nil) {
		l.KMSKeyID = kmsKey
	}
}
