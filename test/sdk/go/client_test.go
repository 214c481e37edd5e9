// Package gosdk_test judges the server with the AWS SDK for Go v2: its serializers, its paginators, its error types, and an SRP client
// written from the published formulas alone, so that no code of the server proves itself.
package gosdk_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

const password = "Corr3ct-horse!"

// app is what an application knows: a client of the SDK, a pool and its client.
type app struct {
	*idp.Client
	srv      *cenotetest.Server
	pool     string // pool id
	clientID string
	secret   string // client secret, "" without one
}

// dial returns the SDK's client for a server; it never retries an answer, so that a test sees the first one.
func dial(srv *cenotetest.Server) *idp.Client {
	return cenotetest.Dial(srv.URL, srv.AccessKeyID, srv.SecretAccessKey)
}

var everyFlow = []types.ExplicitAuthFlowsType{
	types.ExplicitAuthFlowsTypeAllowUserSrpAuth,
	types.ExplicitAuthFlowsTypeAllowUserPasswordAuth,
	types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth,
	types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth,
}

// onEachDatabase runs a test in a fresh pool on each database. The settings may be nil.
func onEachDatabase(t *testing.T, pool *idp.CreateUserPoolInput, client *idp.CreateUserPoolClientInput, run func(*testing.T, *app)) {
	t.Helper()
	t.Parallel()
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		srv := sdk.Start(t, db)
		run(t, newApp(t, srv, pool, client))
	})
}

func newApp(t *testing.T, srv *cenotetest.Server, pool *idp.CreateUserPoolInput, client *idp.CreateUserPoolClientInput) *app {
	t.Helper()
	a := &app{Client: dial(srv), srv: srv}
	poolInput := idp.CreateUserPoolInput{PoolName: aws.String("judge")}
	if pool != nil {
		poolInput = *pool
		poolInput.PoolName = aws.String("judge")
	}
	made, err := a.CreateUserPool(t.Context(), &poolInput)
	must(t, err)
	a.pool = *made.UserPool.Id
	clientInput := idp.CreateUserPoolClientInput{}
	if client != nil {
		clientInput = *client
	}
	clientInput.UserPoolId, clientInput.ClientName = &a.pool, aws.String("judge")
	if clientInput.ExplicitAuthFlows == nil {
		clientInput.ExplicitAuthFlows = everyFlow
	}
	app, err := a.CreateUserPoolClient(t.Context(), &clientInput)
	must(t, err)
	a.clientID, a.secret = *app.UserPoolClient.ClientId, aws.ToString(app.UserPoolClient.ClientSecret)
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused expects the SDK's own type for a service error, and its message unless that is "".
func refused[E error](t *testing.T, err error, message string) {
	t.Helper()
	var fault E
	if !errors.As(err, &fault) {
		t.Errorf("got %v, want a %T", err, fault)
		return
	}
	var api smithy.APIError
	if errors.As(err, &api) && message != "" && api.ErrorMessage() != message {
		t.Errorf("%s says %q, want %q", api.ErrorCode(), api.ErrorMessage(), message)
	}
}

// makeUser creates a confirmed user.
func (a *app) makeUser(t *testing.T, name, secret string, attributes ...string) *types.UserType {
	t.Helper()
	made, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: &name, MessageAction: types.MessageActionTypeSuppress, UserAttributes: list(attributes...),
	})
	must(t, err)
	_, err = a.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &a.pool, Username: &name, Password: &secret, Permanent: true,
	})
	must(t, err)
	return made.User
}

// signIn signs in with a password.
func (a *app) signIn(t *testing.T, name, secret string) *types.AuthenticationResultType {
	t.Helper()
	out, err := a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: a.hashed(name, "USERNAME", name, "PASSWORD", secret),
	})
	must(t, err)
	if out.AuthenticationResult == nil {
		t.Fatalf("sign-in of %s answers %v", name, out.ChallengeName)
	}
	return out.AuthenticationResult
}

// hashed builds parameters from names and values and adds SECRET_HASH when the client has a secret.
func (a *app) hashed(username string, pairs ...string) map[string]string {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	if a.secret != "" {
		m["SECRET_HASH"] = secretHash(a.secret, username, a.clientID)
	}
	return m
}

func secretHash(secret, username, clientID string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(username + clientID))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// list builds attributes from names and values.
func list(pairs ...string) []types.AttributeType {
	var attributes []types.AttributeType
	for i := 0; i < len(pairs); i += 2 {
		attributes = append(attributes, types.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return attributes
}

func values(attributes []types.AttributeType) map[string]string {
	m := make(map[string]string)
	for _, a := range attributes {
		m[*a.Name] = aws.ToString(a.Value)
	}
	return m
}

// claims decodes the body of a token without looking at its signature.
func claims(t *testing.T, token *string) map[string]any {
	t.Helper()
	parts := strings.Split(aws.ToString(token), ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", aws.ToString(token))
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	m := make(map[string]any)
	must(t, json.Unmarshal(body, &m))
	return m
}

// address is an e-mail address that nobody else uses.
func address() string { return strings.ToLower(rand.Text()) + "@example.com" }

// code is the code in the first message to a recipient.
func (a *app) code(t *testing.T, to string) string {
	t.Helper()
	return a.newCode(t, to, 1)
}

// newCode waits until a recipient has n messages, which may still be on their way, and returns the code in the newest.
func (a *app) newCode(t *testing.T, to string, n int) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if codes := a.codes(t, to); len(codes) >= n {
			return codes[0]
		}
	}
	t.Fatalf("fewer than %d messages to %s", n, to)
	return ""
}

// codes are the codes in the inbox of a recipient, newest first.
func (a *app) codes(t *testing.T, to string) []string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.srv.URL+"/_cenote/inbox?to="+url.QueryEscape(to), nil)
	must(t, err)
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	var messages []struct{ Code string }
	must(t, json.NewDecoder(res.Body).Decode(&messages))
	codes := make([]string, len(messages))
	for i := range messages {
		codes[i] = messages[i].Code
	}
	return codes
}
