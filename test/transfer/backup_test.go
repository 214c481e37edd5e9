package transfer

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

func TestABackupOfARunningServerIsRestoredWithEveryUser(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	api := srv.SDK()
	poolID := addPool(t, api, "users")
	clientID := addClient(t, api, poolID)
	addUser(t, api, poolID, "ada")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() { // others go on meanwhile
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				addUser(t, api, poolID, fmt.Sprintf("late-%d", i))
			}
		}
	}()
	file := filepath.Join(t.TempDir(), "cenote.backup")
	ok(t, "backup", "--data-dir", srv.DataDir, "--to", file)
	close(stop)
	<-stopped
	info, err := os.Stat(file)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %o", info.Mode().Perm())
	}
	refused(t, "exists; --force replaces it", "backup", "--data-dir", srv.DataDir, "--to", file)
	ok(t, "backup", "--data-dir", srv.DataDir, "--to", file, "--force")
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}

	dir := filepath.Join(t.TempDir(), "data")
	copyFile(t, filepath.Join(srv.DataDir, "master.key"), filepath.Join(dir, "master.key"))
	must(t, os.WriteFile(filepath.Join(dir, "cenote.db.lock"), nil, 0o600)) // of a server that was there
	ok(t, "restore", "--from", file, "--data-dir", dir)
	refused(t, "there is cenote.db in", "restore", "--from", file, "--data-dir", dir)
	again := cenotetest.Start(t, cenotetest.Options{Serve: true, DataDir: dir})
	if _, err := signIn(t, again.SDK(), clientID, "ada", password); err != nil {
		t.Errorf("a user of the backup cannot sign in: %v", err)
	}
}

func TestNoOutputReplacesWhatTheServerNeeds(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	poolID := addPool(t, srv.SDK(), "users")
	key := filepath.Join(t.TempDir(), "passphrase")
	must(t, os.WriteFile(key, []byte("a passphrase that is long enough"), 0o600))
	for _, name := range []string{"cenote.db", "cenote.db-wal", "master.key"} {
		file := filepath.Join(srv.DataDir, name)
		refused(t, "is the server's own", "backup", "--data-dir", srv.DataDir, "--to", file, "--force")
		refused(t, "is the server's own", "export", "--data-dir", srv.DataDir, "--pool", poolID, "--passphrase-file", key, "--to", file, "--force")
	}
	addPool(t, srv.SDK(), "more") // the database is still there
}

func TestWhatKilledCopiesHaveLeftIsRemoved(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	dir := t.TempDir()
	leave := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte("half of a database"), 0o600))
		at := time.Now().Add(-age)
		must(t, os.Chtimes(path, at, at))
		return path
	}
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }

	file := filepath.Join(dir, "cenote.backup")
	stale, fresh, foreign := leave(".cenote-copy-1", 25*time.Hour), leave(".cenote-copy-2", time.Minute), leave(".cenote-other", 25*time.Hour)
	ok(t, "backup", "--data-dir", srv.DataDir, "--to", file)
	if exists(stale) {
		t.Error("a backup leaves a copy that was killed a day ago")
	}
	if !exists(fresh) || !exists(foreign) {
		t.Error("a backup removes what may still be written to, or what is not a copy")
	}

	dir = t.TempDir()
	copyFile(t, filepath.Join(srv.DataDir, "master.key"), filepath.Join(dir, "master.key"))
	left := leave(".cenote-copy-3", 0)
	ok(t, "restore", "--from", file, "--data-dir", dir)
	if exists(left) {
		t.Error("a restore leaves the copy of one that was killed")
	}
}

func TestARestoreRefusesWhatItCannotTrust(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	addPool(t, srv.SDK(), "users")
	dir := t.TempDir()
	file := filepath.Join(dir, "cenote.backup")
	ok(t, "backup", "--data-dir", srv.DataDir, "--to", file)
	text, err := os.ReadFile(file)
	must(t, err)
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	damaged := append([]byte{}, text...)
	for i := len(damaged) / 2; i < len(damaged)/2+4096; i++ {
		damaged[i] ^= 0x5a
	}
	besides := write("in-use.db", text)
	write("in-use.db-wal", []byte("changes"))
	for _, tc := range []struct{ name, file, want string }{
		{"no file", filepath.Join(dir, "none"), "no such file"},
		{"no backup at all", write("letter", []byte("Dear Ada, this is a letter and no database.")), "is not a backup of cenote"},
		{"an empty file", write("empty", nil), "is not a backup of cenote"},
		{"a cut file", write("cut", text[:len(text)/2]), "malformed"},
		{"an altered file", write("altered", damaged), "damaged"},
		{"a copy of a database in use", besides, "it is a copy of a database in use and not a backup"},
		{"a file that is not there", filepath.Join(dir, "none"), "none"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			into := filepath.Join(t.TempDir(), "data")
			refused(t, tc.want, "restore", "--from", tc.file, "--data-dir", into)
			if left, err := os.ReadDir(into); err != nil || len(left) > 0 {
				t.Errorf("the folder holds %v %v", left, err)
			}
		})
	}
	t.Run("a backup of another master key", func(t *testing.T) {
		t.Parallel()
		other := cenotetest.Start(t, cenotetest.Options{Serve: true})
		into := filepath.Join(t.TempDir(), "data")
		copyFile(t, filepath.Join(other.DataDir, "master.key"), filepath.Join(into, "master.key"))
		refused(t, "the master key does not fit", "restore", "--from", file, "--data-dir", into)
		if left, err := os.ReadDir(into); err != nil || len(left) != 1 {
			t.Errorf("the folder holds %v %v", left, err)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		refused(t, "back PostgreSQL up with pg_dump", "backup", "--database", pgtest.Start(t), "--to", filepath.Join(t.TempDir(), "file"))
	})
	t.Run("nothing to back up", func(t *testing.T) {
		t.Parallel()
		refused(t, "there is no database yet", "backup", "--data-dir", t.TempDir(), "--to", filepath.Join(t.TempDir(), "file"))
	})
}
