package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
)

// errNotEmbedded answers a backup or a restore of a database that has its own tools for that.
var errNotEmbedded = errors.New("this is for the embedded database; back PostgreSQL up with pg_dump or WAL archiving")

// BackUp copies the embedded database of the settings to a file, beside a server that may be running, and reads the copy back. Unless it
// is forced, it does not replace a file. progress gets the part that is done, from 0 to 1. Neither a full disk nor a schema that is still to be
// migrated keeps anybody from a backup: unrecorded tells why one that was made is not in the audit log.
func BackUp(ctx context.Context, c *config.Config, to string, force bool, o DataOptions, progress func(part float64)) (unrecorded, err error) {
	path, ok := c.SQLiteFile()
	if !ok {
		return nil, c.Wrong(databaseSetting(c), errNotEmbedded)
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, c.Wrong(databaseSetting(c), noDatabase(c))
	}
	made := false
	copied := func(ctx context.Context) error {
		err := replaceFile(to, force, ownFiles(c), func(to string) error { return store.BackUp(ctx, path, to, progress) })
		made = err == nil
		return err
	}
	if err = recordBackup(ctx, c, to, o, copied); made {
		return err, nil
	}
	if err != nil && !errors.Is(err, errUnrecorded) {
		return nil, err
	}
	return err, copied(ctx)
}

// errUnrecorded says that the audit log cannot be written to.
var errUnrecorded = errors.New("the audit log cannot be written to")

// recordBackup has a backup made and recorded; errUnrecorded when the database takes no record, and then none is made. The master key need not be at hand.
func recordBackup(ctx context.Context, c *config.Config, to string, o DataOptions, backup func(context.Context) error) error {
	o.asIs = true
	s, err := openStore(ctx, c, o, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnrecorded, err)
	}
	d := &Data{Store: s, now: o.Now}
	if d.Audit, err = newRecorder(c, o, s); err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(d.act(ctx, "backup", "", &archived{File: absolute(to)}, backup), d.Close())
}

// ownFiles are the files that a server of these settings cannot do without.
func ownFiles(c *config.Config) []string {
	files := []string{c.MasterKeyFile}
	if path, ok := c.SQLiteFile(); ok {
		files = append(files, path, path+"-wal", path+"-shm", lockFile(path))
	}
	return files
}

// replaceFile has a file written under another name, and gives it its own once it is complete. Only when it is forced may it replace one, and
// never one of those given.
func replaceFile(path string, force bool, never []string, write func(path string) error) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, fs.ErrNotExist) {
			return fault.Newf(fault.ResourceNotFound, "there is no folder %s", filepath.Dir(path))
		}
		return write(path)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fault.Newf(fault.InvalidParameter, "%s is not a file", path)
	case isOneOf(info, never):
		return fault.Newf(fault.InvalidParameter, "%s is the server's own: it needs this file", path)
	case !force:
		return fault.Newf(fault.ResourceConflict, "%s exists; --force replaces it", path)
	}
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := write(next); err != nil {
		return err
	}
	return errors.Join(os.Rename(next, path), syncDir(filepath.Dir(path)))
}

func isOneOf(info fs.FileInfo, paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		other, err := os.Stat(path)
		return err == nil && os.SameFile(info, other)
	})
}

// Restore makes the embedded database of the settings from a backup. The data folder must be empty, but for a master key. It reports
// whether the master key is at hand; one that does not fit the backup is refused.
func Restore(ctx context.Context, c *config.Config, from string, o DataOptions, progress func(part float64)) (master bool, err error) {
	path, ok := c.SQLiteFile()
	if !ok {
		return false, c.Wrong(databaseSetting(c), errNotEmbedded)
	}
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return false, c.Wrong(databaseSetting(c), err)
	}
	if err := wantEmpty(dir, c.MasterKeyFile, lockFile(path)); err != nil {
		return false, c.Wrong(databaseSetting(c), err)
	}
	if err := store.Restore(ctx, from, path, progress); err != nil {
		return false, err
	}
	if master, err = checkRestored(ctx, c, path, o); err != nil {
		return false, err
	}
	return master, markRestored(path, absolute(from))
}

// wantEmpty refuses a folder in which there is more than some files, such as the master key, and what a restore that was killed has left.
func wantEmpty(dir string, but ...string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !slices.Contains(but, filepath.Join(dir, e.Name())) && !strings.HasPrefix(e.Name(), store.CopyPrefix) {
			return fmt.Errorf("there is %s in %s: a backup is restored into an empty folder, or one with the master key alone", e.Name(), dir)
		}
	}
	return nil
}

// checkRestored compares the restored database with the master key, if there is one, and removes it when they do not belong together.
func checkRestored(ctx context.Context, c *config.Config, path string, o DataOptions) (master bool, err error) {
	d, err := look(ctx, c, o)
	var schema *store.SchemaError
	switch {
	case err == nil:
		return true, d.Close()
	case errors.As(err, &schema): // the next start migrates it
		return !inFile(c) || exists(c.MasterKeyFile), nil
	case inFile(c) && !exists(c.MasterKeyFile), errors.Is(err, errUnbound):
		return false, nil
	}
	return false, errors.Join(err, os.Remove(path))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
