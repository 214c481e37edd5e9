// Package audit_test judges the audit log: what administrators do is in it, and nothing secret.
package audit_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/cli"
)

// line is an act as cenote audit --json prints it.
type line struct {
	Time, ID, Actor, Account, Operation, Pool, User, Sub, Source, Request, Outcome string
	Parameters, Before, After                                                      map[string]any
}

// site is a server whose audit log is read.
type site struct {
	*cenotetest.Server
	api      *idp.Client
	database string // postgres:// URL; "" for SQLite
	stream   string
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, settings map[string]string, test func(*testing.T, *site)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := &site{stream: filepath.Join(t.TempDir(), "audit.jsonl")}
			if engine == "postgres" {
				s.database = pgtest.Start(t)
			}
			given := map[string]string{"audit-stream": s.stream}
			maps.Copy(given, settings)
			s.Server = cenotetest.Start(t, cenotetest.Options{Serve: true, Database: s.database, Settings: given})
			s.api = s.SDK()
			test(t, s)
		})
	}
}

// run runs a command on the data of the server.
func (s *site) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	args = append(args, "--data-dir", s.DataDir)
	if s.database != "" {
		args = append(args, "--database", s.database)
	}
	var out, said bytes.Buffer
	code = cli.Run(t.Context(), args, cli.System{Out: &out, Err: &said})
	return out.String(), said.String(), code
}

func (s *site) ok(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := s.run(t, args...)
	if code != 0 {
		t.Fatalf("cenote %s exits with %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// acts returns the acts that flags pick, oldest first, and the text in which they are printed.
func (s *site) acts(t *testing.T, flags ...string) (acts []line, text string) {
	t.Helper()
	text = s.ok(t, append([]string{"audit", "--json", "--limit", "0"}, flags...)...)
	acts = decode(t, text)
	slices.Reverse(acts)
	return acts, text
}

func decode(t *testing.T, text string) (acts []line) {
	t.Helper()
	for row := range strings.Lines(text) {
		var l line
		if err := json.Unmarshal([]byte(row), &l); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		acts = append(acts, l)
	}
	return acts
}

func (s *site) pool(t *testing.T) string {
	t.Helper()
	made, err := s.api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("people")})
	must(t, err)
	return *made.UserPool.Id
}

func (s *site) user(t *testing.T, pool, name string, attributes ...types.AttributeType) {
	t.Helper()
	_, err := s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &pool, Username: &name, MessageAction: types.MessageActionTypeSuppress, UserAttributes: attributes,
	})
	must(t, err)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
