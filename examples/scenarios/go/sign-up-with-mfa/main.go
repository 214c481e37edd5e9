// Command sign-up-with-mfa signs a user up in a pool that requires a second factor: sign-up, confirmation with the mailed code, an
// authenticator app by QR code, and a sign-in with password and one-time code. At the end it lists the users.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/mdp/qrterminal/v3"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/examples/scenarios/go/scenario"
)

func main() { scenario.Main(run) }

const username, password, email = "carla", "Passw0rd!", "carla@example.com"

func run(ctx context.Context, s *scenario.Server) error {
	p, err := s.Pool("mfa")
	if err != nil {
		return err
	}
	if err := signUp(ctx, s, p); err != nil {
		return err
	}
	secret, err := setUpAuthenticator(ctx, s, p)
	if err != nil {
		return err
	}
	if err := signIn(ctx, s, p, secret); err != nil {
		return err
	}
	users, err := s.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &p.ID})
	if err != nil {
		return err
	}
	for _, u := range users.Users {
		fmt.Fprintf(os.Stdout, "user: %s (%s)\n", *u.Username, u.UserStatus)
	}
	return nil
}

// signUp registers the user and confirms with the code in the mail.
func signUp(ctx context.Context, s *scenario.Server, p scenario.Pool) error {
	_, err := s.SignUp(ctx, &idp.SignUpInput{
		ClientId: aws.String(p.Client()), Username: aws.String(username), Password: aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(email)}},
	})
	if err != nil {
		return err
	}
	sent, err := s.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: aws.String(p.Client()), Username: aws.String(username)})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "a code was sent to", *sent.CodeDeliveryDetails.Destination)
	code, err := s.MailedCode(ctx, email)
	if err != nil {
		return err
	}
	_, err = s.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: aws.String(p.Client()), Username: aws.String(username), ConfirmationCode: &code})
	if err == nil {
		fmt.Fprintln(os.Stdout, "confirmed")
	}
	return err
}

// start begins a sign-in that must come to the challenge.
func start(ctx context.Context, s *scenario.Server, p scenario.Pool, want types.ChallengeNameType) (session *string, err error) {
	out, err := s.AdminInitiateAuth(ctx, &idp.AdminInitiateAuthInput{
		UserPoolId: &p.ID, ClientId: aws.String(p.Client()), AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": username, "PASSWORD": password},
	})
	if err == nil && out.ChallengeName != want {
		err = fmt.Errorf("the pool asks for %s, not %s", out.ChallengeName, want)
	}
	if err != nil {
		return nil, err
	}
	return out.Session, nil
}

// setUpAuthenticator gives an authenticator app its secret, and proves with its first code that the app has it.
func setUpAuthenticator(ctx context.Context, s *scenario.Server, p scenario.Pool) (secret string, err error) {
	session, err := start(ctx, s, p, types.ChallengeNameTypeMfaSetup)
	if err != nil {
		return "", err
	}
	token, err := s.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{Session: session})
	if err != nil {
		return "", err
	}
	secret = *token.SecretCode
	qrterminal.GenerateHalfBlock(client.TOTPURI(secret, "scenario", username), qrterminal.L, os.Stdout)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		return "", err
	}
	verified, err := s.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{Session: token.Session, UserCode: &code})
	if err != nil {
		return "", err
	}
	fmt.Fprintln(os.Stdout, "the authenticator app:", verified.Status)
	return secret, nil
}

// signIn signs in with the password and the next code of the app.
func signIn(ctx context.Context, s *scenario.Server, p scenario.Pool, secret string) error {
	session, err := start(ctx, s, p, types.ChallengeNameTypeSoftwareTokenMfa)
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(secret, time.Now().Add(30*time.Second)) // a code is good once
	if err != nil {
		return err
	}
	done, err := s.AdminRespondToAuthChallenge(ctx, &idp.AdminRespondToAuthChallengeInput{
		UserPoolId: &p.ID, ClientId: aws.String(p.Client()), ChallengeName: types.ChallengeNameTypeSoftwareTokenMfa, Session: session,
		ChallengeResponses: map[string]string{"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code},
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "signed in with password and code, for", done.AuthenticationResult.ExpiresIn, "seconds")
	return nil
}
