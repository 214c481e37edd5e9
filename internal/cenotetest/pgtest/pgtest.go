// Package pgtest gives tests a PostgreSQL database of their own.
//
// Start returns the URL of a fresh, empty database. The server behind it is $CENOTE_TEST_POSTGRES, if set, else a throw-away cluster made
// from the PostgreSQL binaries of this machine: one for each test process, reached by a socket in a temporary folder. The cluster ends with the
// process, however that ends, so a package needs no TestMain. Without PostgreSQL the test is skipped, unless
// $CENOTE_TEST_REQUIRE_POSTGRES is 1.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The environment that directs this package.
const (
	EnvServer  = "CENOTE_TEST_POSTGRES"         // postgres:// URL of a server where databases may be created
	EnvRequire = "CENOTE_TEST_REQUIRE_POSTGRES" // "1": a missing PostgreSQL fails the test
	EnvFsync   = "CENOTE_TEST_POSTGRES_FSYNC"   // "1": the throw-away cluster syncs its disk; it is slower and survives a power cut
)

// errNone says that this machine has no PostgreSQL.
var errNone = errors.New("no PostgreSQL here: install Debian's package postgresql, or set " + EnvServer)

// own is the process's own server, started by the first test that needs it.
var own = sync.OnceValues(startCluster)

// Start creates an empty database for the test and returns its postgres:// URL. The database is dropped when the test has ended.
func Start(t testing.TB) string {
	t.Helper()
	server := os.Getenv(EnvServer)
	if server == "" {
		c, err := own()
		if errors.Is(err, errNone) && os.Getenv(EnvRequire) != "1" {
			t.Skip(err)
		}
		if err != nil {
			t.Fatalf("start PostgreSQL: %v", err)
		}
		server = c.url
	}
	name := "cenote_test_" + strings.ToLower(rand.Text()[:12])
	Exec(t, server, "create database "+name+" template template0")
	t.Cleanup(func() { Exec(t, server, "drop database if exists "+name+" with (force)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s: %v", EnvServer, err)
	}
	u.Path = "/" + name
	return u.String()
}

// Standby starts a standby of the server behind Start and returns the URL of its copy of the database. It ends with the test.
func Standby(t testing.TB, database string) string {
	t.Helper()
	if os.Getenv(EnvServer) != "" {
		t.Skip("a standby can be made of this process's own server only")
	}
	c, err := own()
	if err != nil {
		t.Fatal(err)
	}
	standby, err := c.startStandby()
	if err != nil {
		t.Fatalf("start standby: %v", err)
	}
	t.Cleanup(func() { _ = standby.life.Close() })
	of, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(standby.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = of.Path
	return u.String()
}

// Exec runs one statement on a connection of its own to the database with the URL. It is for a test that plays the operator: cutting
// connections, cancelling, changing the server's settings.
func Exec(t testing.TB, database, statement string, args ...any) {
	t.Helper()
	ctx := context.Background() // t.Context has ended when a cleanup runs
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
