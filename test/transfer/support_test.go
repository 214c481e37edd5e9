// Package transfer moves data between real servers with the commands of operators: backups, archives of pools, imports of users.
package transfer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cli"
)

// run runs a command to its end.
func run(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said bytes.Buffer
	code = cli.Run(t.Context(), args, cli.System{Out: &out, Err: &said})
	return out.String(), said.String(), code
}

// ok runs a command that must succeed and returns what it said.
func ok(t testing.TB, args ...string) string {
	t.Helper()
	_, stderr, code := run(t, args...)
	if code != 0 {
		t.Fatalf("cenote %s exits with %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stderr
}

// refused runs a command that must fail with one line that holds the text.
func refused(t testing.TB, want string, args ...string) {
	t.Helper()
	_, stderr, code := run(t, args...)
	if code != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("cenote %s exits with %d: %q, want one line with %q", strings.Join(args, " "), code, stderr, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// copyFile copies a small file.
func copyFile(t testing.TB, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o700))
	must(t, os.WriteFile(to, text, 0o600))
}

const password = "Sesame-2026!"

// addUser makes a confirmed user with the password.
func addUser(t testing.TB, api *idp.Client, poolID, name string, attributes ...types.AttributeType) {
	t.Helper()
	_, err := api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &poolID, Username: &name, MessageAction: types.MessageActionTypeSuppress, UserAttributes: attributes,
	})
	must(t, err)
	_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &poolID, Username: &name, Password: aws.String(password), Permanent: true})
	must(t, err)
}

// addClient makes a client that takes passwords.
func addClient(t testing.TB, api *idp.Client, poolID string) string {
	t.Helper()
	made, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &poolID, ClientName: aws.String("app"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth, types.ExplicitAuthFlowsTypeAllowUserSrpAuth},
	})
	must(t, err)
	return *made.UserPoolClient.ClientId
}

// addPool makes a pool.
func addPool(t testing.TB, api *idp.Client, name string) string {
	t.Helper()
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: &name})
	must(t, err)
	return *made.UserPool.Id
}

// signIn signs in with the user's name and password, and more parameters by name and value.
func signIn(t testing.TB, api *idp.Client, clientID, name, password string, more ...string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	parameters := map[string]string{"USERNAME": name, "PASSWORD": password}
	for i := 0; i < len(more); i += 2 {
		parameters[more[i]] = more[i+1]
	}
	return api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{ClientId: &clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: parameters})
}
