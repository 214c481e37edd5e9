// Command go signs a new user up, confirms them with the code in the inbox of cenote dev, and signs in.
//
//	go run ./examples/go http://127.0.0.1:4310 <client id>
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	email    = "ann.go@example.com"
	password = "Passw0rd!"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		args = []string{os.Getenv("CENOTE_URL"), os.Getenv("CENOTE_CLIENT_ID")}
	}
	if len(args) != 2 || args[0] == "" || args[1] == "" {
		return errors.New("usage: go run ./examples/go <url> <client id>")
	}
	server, client := args[0], aws.String(args[1])
	c := idp.New(idp.Options{Region: "us-east-1", BaseEndpoint: &server, Credentials: aws.AnonymousCredentials{}})

	_, err := c.SignUp(ctx, &idp.SignUpInput{
		ClientId: client, Username: aws.String(email), Password: aws.String(password),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String(email)}},
	})
	var exists *types.UsernameExistsException
	switch {
	case err == nil:
		code, err := lastCode(ctx, server)
		if err != nil {
			return err
		}
		if _, err := c.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: client, Username: aws.String(email), ConfirmationCode: &code}); err != nil {
			return err
		}
	case !errors.As(err, &exists): // a second run finds the user of the first
		return err
	}
	out, err := c.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: client, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": email, "PASSWORD": password},
	})
	if err != nil {
		return err
	}
	me, err := c.GetUser(ctx, &idp.GetUserInput{AccessToken: out.AuthenticationResult.AccessToken})
	if err != nil {
		return err
	}
	for _, a := range me.UserAttributes {
		fmt.Fprintln(os.Stdout, *a.Name, *a.Value)
	}
	return nil
}

// lastCode reads the newest code from the inbox that only cenote dev has. With a real server the user types it in.
func lastCode(ctx context.Context, server string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/_cenote/inbox?to="+url.QueryEscape(email), nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var messages []struct{ Code string }
	if err := json.NewDecoder(answer.Body).Decode(&messages); err != nil {
		return "", err
	}
	if len(messages) == 0 {
		return "", errors.New("the inbox has no code")
	}
	return messages[0].Code, nil
}
