package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// backupPages is how many pages of 4 KiB are copied between two reports of progress.
const backupPages = 1024

// CopyPrefix begins the name of a copy that is not complete. A backup, restore or export that is killed leaves it behind.
const CopyPrefix = ".cenote-copy-"

// staleCopy is longer than anything takes between two writes to a copy, reading it back included: who began it is gone then.
const staleCopy = 24 * time.Hour

// BackUp copies the SQLite database at the path to a new file, which must not exist, while servers use it. The copy is consistent, is for
// this user alone, is on the disk when BackUp returns, and has been read back and checked. An error leaves no file behind. progress gets
// the part that is done, from 0 to 1.
func BackUp(ctx context.Context, path, to string, progress func(part float64)) error {
	return (&sqliteFile{path: path}).blame(copySQLite(ctx, sqliteDSN(path, true), to, progress))
}

// Restore is the way back: it copies a backup, once it has been checked, to a new file that a server can open. It answers a *SchemaError
// when this program is too old for it.
func Restore(ctx context.Context, backup, to string, progress func(part float64)) error {
	if info, err := os.Stat(backup + "-wal"); err == nil && info.Size() > 0 {
		return fmt.Errorf("%s lies beside it, with changes that it lacks: it is a copy of a database in use and not a backup", filepath.Base(backup)+"-wal")
	}
	if err := CheckBackup(ctx, backup); err != nil {
		return err
	}
	if err := copySQLite(ctx, backupDSN(backup), to, progress); err != nil {
		return err
	}
	info, err := os.Stat(to)
	if err != nil {
		return err
	}
	return removeCopies(filepath.Dir(to), info.ModTime().Add(staleCopy)) // of restores that were killed; one that still runs could not end well
}

// backupDSN opens a file that nobody changes, and makes no files beside it.
func backupDSN(path string) string {
	q := url.Values{"mode": {"ro"}, "immutable": {"1"}, "_query_only": {"1"}, "_defensive": {"1"}, "_pragma": {"trusted_schema(0)"}}
	return fileURL(path, q)
}

// copySQLite copies a database to a new file, by a file beside it that gets its name at the end.
func copySQLite(ctx context.Context, from, to string, progress func(part float64)) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s exists", to)
	}
	f, err := CreateCopy(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeFiles(f.Name(), f.Name()+"-journal"))
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := copyPages(ctx, from, f.Name(), progress); err != nil {
		return fmt.Errorf("copy to %s: %w", to, err)
	}
	if err := syncFile(f.Name()); err != nil {
		return err
	}
	if err := CheckBackup(ctx, f.Name()); err != nil {
		return fmt.Errorf("read the copy back: %w", err)
	}
	if err := os.Link(f.Name(), to); err != nil { // which, unlike a rename, replaces no file
		return err
	}
	return errors.Join(os.Remove(f.Name()), syncDir(filepath.Dir(to)))
}

// CreateCopy makes a file in the folder, for this user alone, that is written before it gets its name. It removes what a backup, restore or
// export that was killed has left there.
func CreateCopy(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, CopyPrefix) // 0600
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = removeCopies(dir, info.ModTime().Add(-staleCopy))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// removeFiles removes files, if they are there.
func removeFiles(paths ...string) (err error) {
	for _, path := range paths {
		if e := os.Remove(path); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}

// removeCopies removes copies from the folder that were left unfinished and have not been written to since the moment.
func removeCopies(dir string, since time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), CopyPrefix) {
			continue
		}
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && info.ModTime().Before(since) {
			err = os.Remove(filepath.Join(dir, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyPages copies what the database holds when it begins. A transaction keeps that moment: otherwise the copy would begin anew with
// every change by others.
func copyPages(ctx context.Context, from, to string, progress func(part float64)) (err error) {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err := conn.ExecContext(ctx, "begin"); err != nil {
		return err
	}
	var tables int
	if err := conn.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables); err != nil {
		return err
	}
	err = conn.Raw(func(c any) (err error) {
		copying, err := c.(driverConn).NewBackup(to)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, copying.Finish()) }()
		for more := true; more; {
			if err := ctx.Err(); err != nil {
				return err
			}
			if more, err = copying.Step(backupPages); err != nil {
				return err
			}
			progress(1 - float64(copying.Remaining())/float64(max(copying.PageCount(), 1)))
		}
		return nil
	})
	_, ended := conn.ExecContext(context.WithoutCancel(ctx), "rollback")
	return errors.Join(err, ended)
}

// CheckBackup reads a whole backup and answers why a server could not work with it, or nil.
func CheckBackup(ctx context.Context, path string) (err error) {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", backupDSN(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sc := schema{db: db, dialect: goose.DialectSQLite3, tokens: sqliteTokens, has: `select count(*) from sqlite_master where name = $1`}
	var found bool
	if err := db.QueryRowContext(ctx, sc.has, "goose_db_version").Scan(&found); err != nil {
		return fmt.Errorf("%s is not a backup of cenote: %w", path, err)
	}
	if !found {
		return fmt.Errorf("%s is not a backup of cenote", path)
	}
	steps, err := sc.steps()
	if err != nil {
		return err
	}
	version, oldest, err := sc.version(ctx)
	if err == nil && version == 0 {
		err = ErrEmpty
	}
	if err != nil {
		return fmt.Errorf("%s is not a backup of cenote: %w", path, err)
	}
	if latest := steps[len(steps)-1].Version; oldest > latest {
		return &SchemaError{Version: version, Known: latest, Oldest: oldest}
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&verdict); err != nil {
		return fmt.Errorf("%s is damaged: %w", path, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%s is damaged: %s", path, strings.ReplaceAll(verdict, "\n", " "))
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncDir makes a new file's name durable, where the system knows how.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
