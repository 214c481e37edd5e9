// Package reliability_test judges what an operator relies on: a server that is killed has lost nothing that it acknowledged, and the nodes of
// one database are one server.
package reliability_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
)

type idp = cognitoidentityprovider.Client

const (
	password    = "Corr3ct-horse!"
	newPassword = "N3w-battery-staple!"
)

var everyFlow = []types.ExplicitAuthFlowsType{
	types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowUserSrpAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
}

// directory is a pool and its client.
type directory struct{ pool, client string }

func newDirectory(t *testing.T, api *idp) directory {
	t.Helper()
	pool, err := api.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	client, err := api.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: new("c"),
		ExplicitAuthFlows: everyFlow,
	})
	must(t, err)
	return directory{*pool.UserPool.Id, *client.UserPoolClient.ClientId}
}

// newUser makes a confirmed user with the password.
func (d directory) newUser(t *testing.T, api *idp, name string) {
	t.Helper()
	_, err := api.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{UserPoolId: &d.pool, Username: &name, MessageAction: "SUPPRESS"})
	must(t, err)
	d.setPassword(t, api, name, password, true)
}

func (d directory) setPassword(t *testing.T, api *idp, name, password string, permanent bool) {
	t.Helper()
	_, err := api.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{UserPoolId: &d.pool, Username: &name, Password: &password, Permanent: permanent})
	must(t, err)
}

func (d directory) initiate(t *testing.T, api *idp, flow types.AuthFlowType, params map[string]string) (*cognitoidentityprovider.InitiateAuthOutput, error) {
	return api.InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{ClientId: &d.client, AuthFlow: flow, AuthParameters: params})
}

func (d directory) signIn(t *testing.T, api *idp, name, password string) (*types.AuthenticationResultType, error) {
	out, err := d.initiate(t, api, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": name, "PASSWORD": password})
	if err != nil {
		return nil, err
	}
	if out.AuthenticationResult == nil {
		return nil, errors.New("a challenge: " + string(out.ChallengeName))
	}
	return out.AuthenticationResult, nil
}

func (d directory) refresh(t *testing.T, api *idp, token string) error {
	_, err := d.initiate(t, api, "REFRESH_TOKEN_AUTH", map[string]string{"REFRESH_TOKEN": token})
	return err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// told is what a caller was told: "" for a success, else the exception's message.
func told(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorMessage()
	}
	return err.Error()
}

func wantTold(t *testing.T, what string, err error, message string) {
	t.Helper()
	if got := told(err); (message == "") != (got == "") || !strings.HasPrefix(got, message) {
		t.Errorf("%s: told %q, want %q", what, got, message)
	}
}

// withinASecond complains unless the condition comes true, at the latest when it is asked for a second from now.
func withinASecond(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Second); ; time.Sleep(10 * time.Millisecond) {
		last := time.Now().After(deadline)
		if condition() {
			return
		}
		if last {
			t.Errorf("%s: not within a second", what)
			return
		}
	}
}
