// Package cenotetest runs a real cenote server inside a test: user pools that speak the Amazon Cognito API, over HTTP on a free port,
// with everything in memory.
//
// A server starts in milliseconds, so each test can have its own, and stops when the test ends. Like `cenote dev`, it accepts any AWS
// credentials, has a ready-made user pool and app client, keeps messages in an inbox instead of sending them, and has a clock that can be
// moved.
//
//	func TestSignUp(t *testing.T) {
//		srv := cenotetest.Start(t)
//		app := myapp.New(srv.URL, srv.ClientID)
//		app.SignUp(t.Context(), "ann@example.com", "Passw0rd!")
//		app.Confirm(t.Context(), "ann@example.com", srv.Code(t, "ann@example.com"))
//	}
//
// Servers in one test process have the same ids of the ready-made pool and client, but share nothing else. Start with Start.
package cenotetest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest/prepared"
	"github.com/cenote-id/cenote/internal/server"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Server is a running server.
type Server struct {
	URL      string // of the API, of token issuers and pages, without a trailing slash: http://127.0.0.1:41234
	Region   string // us-east-1
	PoolID   string // of the ready-made user pool: users sign up with an e-mail address
	ClientID string // of its app client, which has no secret and allows every flow

	running *server.Server
}

// Option changes the server that Start starts.
type Option func(*settings)

type settings struct {
	seed      string
	log       *slog.Logger
	functions map[string]string
}

// Seed makes the server create the pools, clients, groups and users that a file describes, as `cenote dev --seed` does.
func Seed(file string) Option { return func(s *settings) { s.seed = file } }

// Function runs a Lambda handler on this machine: a folder with bootstrap, index.mjs, index.js or lambda_function.py. If the name is that of
// a trigger, such as PreSignUp, the ready-made pool calls it; else pools whose LambdaConfig has
// arn:aws:lambda:us-east-1:000000000000:function:<name> do.
func Function(name, folder string) Option { return func(s *settings) { s.functions[name] = folder } }

// Log sends the server's log to a logger; without it, only warnings are logged, to the test's output.
func Log(to *slog.Logger) Option { return func(s *settings) { s.log = to } }

// Start starts a server and returns when it is up. The server stops when the test ends; the test fails if the server cannot start or stop.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	made := settings{log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), functions: map[string]string{}}
	for _, o := range options {
		o(&made)
	}
	wanted := server.Options{Log: made.log, Seed: made.seed}
	for _, trigger := range trigger.All() {
		if _, ok := made.functions[string(trigger)]; ok {
			wanted.Attach = append(wanted.Attach, trigger)
		}
	}
	running, stop, err := prepared.Start(t.Context(), wanted, made.functions)
	if err != nil {
		t.Fatalf("cenotetest: %v", err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("cenotetest: %v", err)
		}
	})
	return &Server{URL: running.URL, Region: prepared.Region, PoolID: running.Dev.PoolID, ClientID: running.Dev.ClientID, running: running}
}

// SDK returns the official client of AWS for the server. It does not retry, so that a test sees the first answer.
func (s *Server) SDK() *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: s.Region, BaseEndpoint: &s.URL, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
}

// Advance moves the server's clock forward: codes, sessions and tokens expire as if the time had passed.
func (s *Server) Advance(t testing.TB, by time.Duration) {
	t.Helper()
	if err := s.running.Dev.Clock.Advance(by); err != nil {
		t.Fatalf("cenotetest: %v", err)
	}
}

// Now returns the time of the server's clock.
func (s *Server) Now() time.Time { return s.running.Dev.Clock.Now() }

// Pool is a user pool and one of its app clients.
type Pool struct {
	ID       string
	ClientID string            // of the copy of the ready client, where there is one, else of any
	Clients  map[string]string // all clients, by the ids of what they were copied from
}

// Fork copies a pool with its clients, groups and users under new ids, in a few milliseconds: a pool of its own for each test. An empty id
// means the ready-made pool. Users sign in with the passwords they had.
func (s *Server) Fork(t testing.TB, poolID string) Pool {
	t.Helper()
	f, err := s.running.Fork(t.Context(), poolID)
	if err != nil {
		t.Fatalf("cenotetest: fork: %v", err)
	}
	return Pool{ID: f.PoolID, ClientID: f.ClientID, Clients: f.Clients}
}

// Reset takes the server back to its start: its pools, users, messages and clock.
func (s *Server) Reset(t testing.TB) {
	t.Helper()
	if err := s.running.Reset(context.WithoutCancel(t.Context())); err != nil {
		t.Fatalf("cenotetest: reset: %v", err)
	}
}

// Seeded returns a pool that the seed file made, by its name, with the ids of its clients by their names.
func (s *Server) Seeded(t testing.TB, name string) (poolID string, clients map[string]string) {
	t.Helper()
	for _, p := range s.running.Dev.Seeded {
		if p.Name == name {
			return p.ID, p.Clients
		}
	}
	t.Fatalf("cenotetest: the seed file has no pool %q", name)
	return "", nil
}

// String names the server.
func (s *Server) String() string { return "cenote at " + s.URL }
