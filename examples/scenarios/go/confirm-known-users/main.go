// Command confirm-known-users signs two users up in a pool whose PreSignUp function (../../known-users) confirms those whom it finds in a
// table: the one it knows can sign in at once, the stranger has to confirm first.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/examples/scenarios/go/scenario"
)

func main() { scenario.Main(run) }

const password = "Passw0rd!"

func run(ctx context.Context, s *scenario.Server) error {
	p, err := s.Pool("known")
	if err != nil {
		return err
	}
	if err := signUp(ctx, s, p, "ann"); err != nil {
		return err
	}
	token, err := signIn(ctx, s, p, "ann")
	if err != nil {
		return err
	}
	if err := signUp(ctx, s, p, "mallory"); err != nil {
		return err
	}
	_, err = signIn(ctx, s, p, "mallory")
	var unconfirmed *types.UserNotConfirmedException
	if !errors.As(err, &unconfirmed) {
		return fmt.Errorf("a stranger signs in: %w", err)
	}
	fmt.Fprintf(os.Stdout, "not signed in: mallory (%s)\n", unconfirmed.ErrorMessage())
	if _, err := s.DeleteUser(ctx, &idp.DeleteUserInput{AccessToken: token}); err != nil {
		return err
	}
	fmt.Fprintln(os.Stdout, "deleted: ann")
	return nil
}

func signUp(ctx context.Context, s *scenario.Server, p scenario.Pool, name string) error {
	made, err := s.SignUp(ctx, &idp.SignUpInput{
		ClientId: aws.String(p.Client()), Username: &name, Password: aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(name + "@example.com")}},
	})
	if err != nil {
		return err
	}
	state := "to confirm"
	if made.UserConfirmed {
		state = "confirmed"
	}
	fmt.Fprintf(os.Stdout, "signed up: %s is %s\n", name, state)
	return nil
}

func signIn(ctx context.Context, s *scenario.Server, p scenario.Pool, name string) (accessToken *string, err error) {
	out, err := s.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: aws.String(p.Client()), AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stdout, "signed in:", name)
	return out.AuthenticationResult.AccessToken, nil
}
