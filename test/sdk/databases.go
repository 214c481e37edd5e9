// Package sdk holds the judges of the wire: official clients, in their own languages, against a running server.
//
// The JavaScript clients live in js and are run by TestJavaScript, Chromium in browser by TestBrowser, the Go SDK in go, and the AWS CLI in
// cli. Each makes its own pools through public operations, so that it could be pointed at any server that speaks the same API. This file
// is what they share: on which databases they run, and how a server for them is started.
package sdk

import (
	"net"
	"os"
	"os/exec"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// EnvRequireClients, set to 1, turns a client that is missing on this machine (Node, the AWS CLI) from a skipped test into a failed one.
const EnvRequireClients = "CENOTE_TEST_REQUIRE_CLIENTS"

// Database makes an empty database for a test and returns its URL; "" stands for SQLite in a folder of the test's own.
type Database func(testing.TB) string

// OnEachDatabase runs a test on SQLite and on PostgreSQL, beside each other.
func OnEachDatabase(t *testing.T, run func(t *testing.T, db Database)) {
	t.Helper()
	databases := map[string]Database{
		"sqlite":   func(testing.TB) string { return "" },
		"postgres": pgtest.Start,
	}
	for name, db := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, db)
		})
	}
}

// Start starts a development server on the database. It ends with the test.
func Start(t testing.TB, db Database) *cenotetest.Server {
	t.Helper()
	return cenotetest.Start(t, cenotetest.Options{Database: db(t)})
}

// StartWithLambda is Start for a server that invokes functions at an address of this machine. Who plays Lambda there takes over the
// listener, which is the file; requests wait for that.
func StartWithLambda(t testing.TB, db Database) (srv *cenotetest.Server, listener *os.File) {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if listener, err = l.File(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	settings := map[string]string{"lambda-endpoint": "http://" + l.Addr().String()}
	return cenotetest.Start(t, cenotetest.Options{Database: db(t), Settings: settings}), listener
}

// StartWithAWSIssuer is Start for a server whose tokens name the issuer in the form of AWS.
func StartWithAWSIssuer(t testing.TB, db Database) *cenotetest.Server {
	t.Helper()
	return cenotetest.Start(t, cenotetest.Options{Database: db(t), AWSIssuer: true})
}

// StartOnLocalhost is Start for a server that is called localhost, where people can have passkeys.
func StartOnLocalhost(t testing.TB, db Database) *cenotetest.Server {
	t.Helper()
	return cenotetest.Start(t, cenotetest.Options{Database: db(t), Settings: map[string]string{"listen": "localhost:0"}})
}

// StartWithAccountPages is Start for a server whose users have pages of their own.
func StartWithAccountPages(t testing.TB, db Database) *cenotetest.Server {
	t.Helper()
	return cenotetest.Start(t, cenotetest.Options{Database: db(t), Settings: map[string]string{"account-pages": "true"}})
}

// Env is the environment in which a client finds the server.
func Env(srv *cenotetest.Server) []string {
	return append(os.Environ(),
		"CENOTE_URL="+srv.URL,
		"AWS_ACCESS_KEY_ID="+srv.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+srv.SecretAccessKey,
		"AWS_SESSION_TOKEN=",
		"AWS_REGION=us-east-1",
	)
}

// Program returns the first of the programs that this machine has. Without any, the test is skipped, or fails where clients are required.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv(EnvRequireClients) == "1" {
		t.Fatalf("none of %q is installed; test/install installs what the tests need", names)
	}
	t.Skipf("none of %q is installed", names)
	return ""
}
