package pgtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

func TestStartGivesEachCallADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	a, b := pgtest.Start(t), pgtest.Start(t)
	if a == b {
		t.Fatalf("Start returned %s twice", a)
	}
	pgtest.Exec(t, a, "create table t (n int)")
	conn, err := pgx.Connect(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var tables int
	if err := conn.QueryRow(t.Context(), "select count(*) from pg_tables where schemaname = 'public'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("the second database has %d tables, want none", tables)
	}
}

func TestStartDropsTheDatabaseAfterTheTest(t *testing.T) {
	t.Parallel()
	keep := pgtest.Start(t)
	var gone string
	t.Run("a test with a database", func(t *testing.T) { gone = pgtest.Start(t) })
	if gone == "" {
		t.Skip("no PostgreSQL")
	}
	if conn, err := pgx.Connect(t.Context(), gone); err == nil {
		conn.Close(t.Context())
		t.Error("the database can still be reached")
	}
	pgtest.Exec(t, keep, "select 1")
}
