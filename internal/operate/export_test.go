package operate_test

import (
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// slowKey is a recipient whose key takes long to make, as that of a passphrase does on a small machine. It looks for transactions meanwhile.
type slowKey struct {
	age.Recipient
	t        *testing.T
	database string
}

func (k slowKey) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	k.t.Helper()
	conn, err := pgx.Connect(k.t.Context(), k.database)
	must(k.t, err)
	defer func() { _ = conn.Close(k.t.Context()) }()
	var idle int
	must(k.t, conn.QueryRow(k.t.Context(), `select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`).Scan(&idle))
	if idle > 0 {
		k.t.Errorf("%d transactions wait for the key of an archive: the server ends them after a while", idle)
	}
	return k.Recipient.Wrap(fileKey)
}

func TestNoTransactionWaitsForTheKeyOfAnArchive(t *testing.T) {
	t.Parallel()
	database := pgtest.Start(t)
	srv := cenotetest.Start(t, cenotetest.Options{Database: database})
	key, err := age.GenerateX25519Identity()
	must(t, err)
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+srv.DataDir, "database="+database))
	did, err := d.Export(t.Context(), nil, filepath.Join(t.TempDir(), "all.age"), false, []age.Recipient{slowKey{key.Recipient(), t, database}}, func(float64) {})
	if must(t, err); did.Pools != 1 {
		t.Errorf("exported %+v", did)
	}
}
