package store

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// asRole is the URL of a database for a role that the test makes, with a name of its own.
func asRole(t *testing.T, database string) (role, asRole string) {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	role = strings.TrimPrefix(u.Path, "/") + "_role"
	pgtest.Exec(t, database, `create role `+role+` login password 'weak'`)
	t.Cleanup(func() { pgtest.Exec(t, database, `drop owned by `+role); pgtest.Exec(t, database, `drop role `+role) })
	u.User = url.UserPassword(role, "weak")
	return role, u.String()
}

func TestARoleThatMayNotMakeTablesIsToldAtOnce(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	role, weak := asRole(t, database)
	for _, look := range []bool{false, true} {
		s, err := Open(t.Context(), Options{Database: weak, Now: time.Now, Look: look})
		if err == nil || errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "the role "+role+" may not make tables in the schema") {
			t.Errorf("look %t: got %v, %v, want an error that names the role", look, s, err)
		}
	}
}

func TestADatabaseThatIsReadOnlyForItsRoleIsToldAtOnce(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	role, owner := asRole(t, database)
	pgtest.Exec(t, database, `grant all on schema public to `+role)
	pgtest.Exec(t, database, `alter role `+role+` set default_transaction_read_only = on`)
	for _, look := range []bool{false, true} {
		s, err := Open(t.Context(), Options{Database: owner, Now: time.Now, Look: look})
		if err == nil || errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "the database is read-only for the role "+role) {
			t.Errorf("look %t: got %v, %v, want an error that says so", look, s, err)
		}
	}
	// A schema that is there cannot be changed either.
	openTest(t, Options{Database: database})
	pgtest.Exec(t, database, `grant all on all tables in schema public to `+role)
	if s, err := Open(t.Context(), Options{Database: owner, Now: time.Now, Look: true}); err == nil || !strings.Contains(err.Error(), "is read-only for the role") {
		t.Errorf("a look at a full database: got %v, %v", s, err)
	}
}

// A dump that another role has restored.
func TestARoleThatDoesNotOwnTheTablesMigratesNothing(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	openTest(t, Options{Database: database})
	role, weak := asRole(t, database)
	pgtest.Exec(t, database, `grant all on schema public to `+role)
	for _, look := range []bool{false, true} {
		var log strings.Builder
		s, err := Open(t.Context(), Options{Database: weak, Now: time.Now, Look: look, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err == nil || !strings.Contains(err.Error(), "permission denied for table") || strings.Contains(log.String(), "migrating") {
			t.Errorf("look %t: got %v, %v and the log %q", look, s, err, log.String())
		}
	}
}
