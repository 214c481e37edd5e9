package rpc

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// TestTheSDKUnderstandsTheDoor lets the official client sign, call, and read what comes back.
func TestTheSDKUnderstandsTheDoor(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{
		Now: time.Now, // the client signs by the machine's clock
		Operations: calls(func(_ context.Context, in any) (any, error) {
			if name := in.(*wire.AdminGetUserInput).Username; name != "maria" {
				return nil, fault.New(fault.UserNotFound, "User does not exist.")
			}
			return &wire.AdminGetUserOutput{Username: "maria", UserStatus: "CONFIRMED"}, nil
		}, "AdminGetUser"),
	})
	client := func(id string) *idp.Client {
		return idp.New(idp.Options{
			Region:       "us-east-1",
			BaseEndpoint: aws.String(strings.TrimSuffix(url, "/")),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: id, SecretAccessKey: "secret of " + id}, nil
			}),
		})
	}
	ask := func(id, user string) (*idp.AdminGetUserOutput, error) {
		return client(id).AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: aws.String(testPool), Username: aws.String(user)})
	}
	out, err := ask("ROOT", "maria")
	if err != nil || aws.ToString(out.Username) != "maria" || out.UserStatus != types.UserStatusTypeConfirmed {
		t.Errorf("AdminGetUser = %+v, %v", out, err)
	}
	var notFound *types.UserNotFoundException
	if _, err := ask("ROOT", "nobody"); !errors.As(err, &notFound) || notFound.ErrorMessage() != "User does not exist." {
		t.Errorf("unknown user: %v", err)
	}
	if _, err := ask("NOBODY", "maria"); err == nil || !strings.Contains(err.Error(), "UnrecognizedClientException") {
		t.Errorf("unknown key: %v", err)
	}
	if want := "AdminGetUser OK, AdminGetUser UserNotFoundException, AdminGetUser UnrecognizedClientException"; log.counted() != want {
		t.Errorf("counted:\n got %s\nwant %s", log.counted(), want)
	}
}
