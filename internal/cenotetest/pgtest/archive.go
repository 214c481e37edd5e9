package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Archive is a PostgreSQL server of a test's own that archives its write-ahead log, so that it can be recovered to a point in time.
type Archive struct {
	server *cluster
	attr   *syscall.SysProcAttr
	dir    string // of the archive, and of the base backup
}

// StartArchived starts one. It ends with the test.
func StartArchived(t testing.TB) *Archive {
	t.Helper()
	bin, err := findBinaries()
	if errors.Is(err, errNone) && os.Getenv(EnvRequire) != "1" {
		t.Skip(err)
	}
	must(t, err)
	attr, dir, err := prepareFolder()
	must(t, err)
	a := &Archive{attr: attr}
	if _, a.dir, err = prepareFolder(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(a.dir) })
	must(t, initialize(bin, dir, attr))
	a.configure(t, dir, "archive_mode = on", "archive_command = 'test ! -e \""+a.dir+"/%f\" && cp \"%p\" \""+a.dir+"/%f\"'")
	a.server, err = launch(bin, dir, attr)
	must(t, err)
	t.Cleanup(func() { _ = a.server.life.Close() })
	return a
}

// Back takes a base backup.
func (a *Archive) Back(t testing.TB) {
	t.Helper()
	a.base(t, filepath.Join(a.dir, "base"))
}

func (a *Archive) base(t testing.TB, to string) {
	t.Helper()
	out, err := run(a.attr, a.dir, filepath.Join(a.server.bin, "pg_basebackup"), "-d", a.server.url, "-D", to, "-c", "fast", "-X", "none", "--no-sync")
	if err != nil {
		t.Fatalf("pg_basebackup: %v: %s", err, out)
	}
}

// Point names this moment, and returns when the log up to it is in the archive.
func (a *Archive) Point(t testing.TB, name string) {
	t.Helper()
	segment := query(t, a.server.url, "select pg_walfile_name(pg_create_restore_point('"+name+"'))")
	Exec(t, a.server.url, "select pg_switch_wal()")
	for end := time.Now().Add(startTime); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(a.dir, segment)); err == nil && query(t, a.server.url, "select last_archived_wal >= '"+segment+"' from pg_stat_archiver") == "true" {
			return
		}
	}
	t.Fatalf("%s is not archived", segment)
}

// Recover starts another server from the base backup and the archive, as of the point with the name, and returns the URL of its database.
// The server ends with the test.
func (a *Archive) Recover(t testing.TB, point string) string {
	t.Helper()
	_, dir, err := prepareFolder()
	must(t, err)
	if out, err := run(a.attr, dir, "cp", "-a", filepath.Join(a.dir, "base"), filepath.Join(dir, "data")); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	a.configure(t, dir, "archive_mode = off", "restore_command = 'cp \""+a.dir+"/%f\" \"%p\"'", "recovery_target_name = '"+point+"'", "recovery_target_action = promote")
	a.write(t, filepath.Join(dir, "data", "recovery.signal"), "")
	server, err := launch(a.server.bin, dir, a.attr)
	must(t, err)
	t.Cleanup(func() { _ = server.life.Close() })
	for end := time.Now().Add(startTime); query(t, server.url, "select pg_is_in_recovery()") == "true"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the recovery does not end")
		}
	}
	return server.url
}

// configure adds settings to a cluster's files.
func (a *Archive) configure(t testing.TB, dir string, settings ...string) {
	t.Helper()
	name := filepath.Join(dir, "data", "postgresql.auto.conf")
	before, err := os.ReadFile(name)
	must(t, err)
	a.write(t, name, string(before)+strings.Join(settings, "\n")+"\n")
}

// write writes a file for the user that runs the server.
func (a *Archive) write(t testing.TB, name, content string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(content), 0o600))
	if c := a.attr.Credential; c != nil {
		must(t, os.Chown(name, int(c.Uid), int(c.Gid)))
	}
}

// Database makes a database on the server and returns its URL.
func (a *Archive) Database(t testing.TB, name string) string {
	t.Helper()
	Exec(t, a.server.url, "create database "+name+" template template0")
	return On(t, a.server.url, name)
}

// On returns the URL of another database of a server.
func On(t testing.TB, server, name string) string {
	t.Helper()
	u, err := url.Parse(server)
	must(t, err)
	u.Path = "/" + name
	return u.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("PostgreSQL with an archive: %w", err))
	}
}

// query runs a query that answers one value, as text.
func query(t testing.TB, database, statement string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, database)
	must(t, err)
	defer conn.Close(ctx)
	var text string
	must(t, conn.QueryRow(ctx, "select ("+statement+")::text").Scan(&text))
	return text
}
