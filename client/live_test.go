package client_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

const password = "Corr3ct-horse!"

// app is an application in front of a live server: its client.Pool, and the operator's SDK.
type app struct {
	*client.Pool
	admin  *idp.Client
	srv    *cenotetest.Server
	offset time.Duration  // of the server's clock
	read   map[string]int // how many codes nextCode has returned, by address
}

// nextCode returns the code in the oldest message to an address that it has not returned before. The message may still be on its way.
func (a *app) nextCode(t testing.TB, to string) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found := a.srv.Messages(t, to); len(found) > a.read[to] { // the newest first
			a.read[to]++
			return found[len(found)-a.read[to]].Code
		}
	}
	t.Fatalf("no further message to %s", to)
	return ""
}

// setup is what a test wants changed.
type setup struct {
	pool    func(*idp.CreateUserPoolInput)
	app     func(*idp.CreateUserPoolClientInput)
	mfa     *idp.SetUserPoolMfaConfigInput
	config  func(*client.Config)
	options cenotetest.Options
}

// live starts a server with a pool and an app client that allows every flow.
func live(t testing.TB, s setup) *app {
	t.Helper()
	a := &app{srv: cenotetest.Start(t, s.options), read: map[string]int{}}
	a.admin = a.srv.SDK()
	pool := &idp.CreateUserPoolInput{
		PoolName: aws.String("live"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"},
		EmailConfiguration: &types.EmailConfigurationType{
			EmailSendingAccount: "DEVELOPER", SourceArn: aws.String("arn:aws:ses:us-east-1:000000000000:identity/example.com"),
		},
		SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
	}
	if s.pool != nil {
		s.pool(pool)
	}
	made, err := a.admin.CreateUserPool(t.Context(), pool)
	must(t, err)
	appClient := &idp.CreateUserPoolClientInput{
		UserPoolId: made.UserPool.Id, ClientName: aws.String("app"), PreventUserExistenceErrors: "ENABLED",
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		},
	}
	if s.app != nil {
		s.app(appClient)
	}
	registered, err := a.admin.CreateUserPoolClient(t.Context(), appClient)
	must(t, err)
	if s.mfa != nil {
		s.mfa.UserPoolId = made.UserPool.Id
		_, err = a.admin.SetUserPoolMfaConfig(t.Context(), s.mfa)
		must(t, err)
	}
	a.Pool = a.open(t, client.Config{
		PoolID: *made.UserPool.Id, ClientID: *registered.UserPoolClient.ClientId, ClientSecret: aws.ToString(registered.UserPoolClient.ClientSecret),
	}, s.config)
	return a
}

// open makes a client.Pool for the server.
func (a *app) open(t testing.TB, c client.Config, change func(*client.Config)) *client.Pool {
	t.Helper()
	c.Endpoint, c.Now = a.srv.URL, func() time.Time { return time.Now().Add(a.offset) }
	if change != nil {
		change(&c)
	}
	p, err := client.NewPool(c)
	must(t, err)
	return p
}

// another is the same pool on another device: with a storage of its own.
func (a *app) another() *client.Pool { return a.WithStorage(client.NewMemoryStorage()) }

func (a *app) advance(t testing.TB, d time.Duration) {
	t.Helper()
	a.srv.Advance(t, d)
	a.offset += d
}

// addUser makes a confirmed user; the attributes come in pairs.
func (a *app) addUser(t testing.TB, name string, attributes ...string) {
	t.Helper()
	in := &idp.AdminCreateUserInput{UserPoolId: new(a.ID()), Username: &name, MessageAction: "SUPPRESS"}
	for i := 0; i < len(attributes); i += 2 {
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: &attributes[i], Value: &attributes[i+1]})
	}
	_, err := a.admin.AdminCreateUser(t.Context(), in)
	must(t, err)
	_, err = a.admin.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: new(a.ID()), Username: &name, Password: new(password), Permanent: true,
	})
	must(t, err)
}

// signIn signs a user in who is asked nothing but the password.
func signIn(t testing.TB, p *client.Pool, name string) *client.User {
	t.Helper()
	u := p.User(name)
	signedIn(t)(u.SignIn(t.Context(), client.SignIn{Password: password}))
	return u
}

// signedIn expects the end of a sign-in.
func signedIn(t testing.TB) func(*client.Result, error) *client.Session {
	return func(r *client.Result, err error) *client.Session {
		t.Helper()
		must(t, err)
		if r.Session == nil {
			t.Fatalf("asked %s, want a session", r.Challenge.Name())
		}
		if !r.Session.Valid() || r.Challenge != nil {
			t.Errorf("valid %v, challenge %v", r.Session.Valid(), r.Challenge)
		}
		return r.Session
	}
}

// asked expects a challenge of a type.
func asked[C client.Challenge](t testing.TB) func(*client.Result, error) C {
	return func(r *client.Result, err error) (c C) {
		t.Helper()
		must(t, err)
		c, ok := r.Challenge.(C)
		if !ok {
			t.Fatalf("got %T, want %T", r.Challenge, c)
		}
		return c
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused expects the SDK's type of an exception.
func refused[E error](t testing.TB, err error) {
	t.Helper()
	if _, ok := errors.AsType[E](err); !ok {
		t.Errorf("got %v, want a %T", err, *new(E))
	}
}

func has(attributes []client.Attribute, name, value string) bool {
	for _, a := range attributes {
		if a == (client.Attribute{Name: name, Value: value}) {
			return true
		}
	}
	return false
}

// code is what an authenticator app shows.
func (a *app) code(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(a.offset))
	must(t, err)
	return code
}

// stored is the whole of a storage.
func stored(t testing.TB, s client.Storage, keys ...string) map[string]string {
	t.Helper()
	items, err := s.Get(context.WithoutCancel(t.Context()), keys...)
	must(t, err)
	return items
}
