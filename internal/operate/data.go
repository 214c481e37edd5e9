package operate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trail"
)

// Data is an open database and the key to its secrets. Whoever opens it closes it.
type Data struct {
	*store.Store
	Master  *seal.Master
	Audit   *trail.Recorder // nil where the database is only looked at
	lock    *flock.Flock    // of an embedded database that a server uses; nil without one
	account string          // of the settings
	files   []string        // that no output may replace
	now     func() time.Time
}

// DataOptions say how to open a database.
type DataOptions struct {
	Log *slog.Logger
	Now func() time.Time // nil for the machine's time
	// Image is what a database in memory begins with; nil for nothing.
	Image []byte
	// RetryFor bounds how long an unreachable database is waited for; zero for what the settings say.
	RetryFor time.Duration

	// Serves says that a server opens the database: no other may use it if it is embedded, and the standard streams are free for the audit log.
	Serves bool

	asIs, look bool // store.Options.AsIs, and Look
}

// ErrNoDatabase says that there is no database yet where one was expected.
var ErrNoDatabase = errors.New("there is no database yet")

// OpenData opens the database of the settings, brings its schema up to date, and makes sure that the master key is the right one. On
// a new database it makes a master key, unless the operator gave one. Its errors name the setting that is to blame.
func OpenData(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if path, ok := c.SQLiteFile(); ok {
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return nil, c.Wrong(databaseSetting(c), err)
		}
	}
	if !o.Serves {
		return openData(ctx, c, o)
	}
	lock, unable, err := lockDatabase(ctx, c, o.Log)
	if err != nil {
		return nil, err
	}
	d, err := openData(ctx, c, o)
	if err != nil {
		return nil, errors.Join(err, unlock(lock))
	}
	d.lock = lock
	if unable != nil {
		o.Log.Warn("the database cannot be locked, so nothing keeps a second server from it: make sure that there is none", "error", unable)
	}
	return d, nil
}

func openData(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	keys, made, err := masterKeys(ctx, c, o)
	if err != nil {
		return nil, err
	}
	if o.Serves && inFile(c) {
		warnOfOpenKey(c, o.Log)
	}
	master, err := seal.NewMaster(keys...)
	if err != nil {
		return nil, c.Wrong(masterSetting(c), err)
	}
	s, err := openStore(ctx, c, o, master)
	if err != nil {
		return nil, err
	}
	bound, err := bindMaster(ctx, c, s)
	if err != nil {
		err = errors.Join(err, s.Close())
		if made {
			err = c.Wrong(masterSetting(c), errors.Join(errors.New(
				"another node was first on this new database, with a master key of its own: copy that key here, then start again"), os.Remove(c.MasterKeyFile)))
		}
		return nil, err
	}
	if bound && !made {
		o.Log.Info("the database is new; it belongs to the master key that was given. If it should hold data, it is the wrong database",
			"database", databaseSetting(c), "key", masterSetting(c))
	}
	recorder, err := newRecorder(c, o, s)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	d := &Data{Store: s, Master: master, Audit: recorder, account: c.AccountID, files: ownFiles(c), now: o.Now}
	if err := d.noteRestore(ctx, c); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close closes the database, and what the audit log is passed on to.
func (d *Data) Close() error {
	err := d.Store.Close()
	if d.Audit != nil {
		err = errors.Join(err, d.Audit.Copy.Close())
	}
	return errors.Join(err, unlock(d.lock))
}

// OpenExisting is OpenData for commands: it makes and migrates nothing, since whoever lists pools expects neither a database in the wrong
// folder nor an upgrade. It answers ErrNoDatabase before a first start, and a *store.SchemaError before a migration.
func OpenExisting(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.asIs = true
	d, err := openAsIs(ctx, c, o)
	if errors.Is(err, store.ErrEmpty) || errors.Is(err, errUnbound) {
		return nil, c.Wrong(databaseSetting(c), noDatabase(c))
	}
	if err != nil {
		return nil, err
	}
	if d.Audit, err = newRecorder(c, o, d.Store); err != nil {
		return nil, errors.Join(err, d.Store.Close())
	}
	if err := d.noteRestore(ctx, c); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// noDatabase is ErrNoDatabase with the place that was looked at.
func noDatabase(c *config.Config) error {
	if path, ok := c.SQLiteFile(); ok {
		return fmt.Errorf("%w at %s", ErrNoDatabase, path)
	}
	return fmt.Errorf("%w: this one is empty", ErrNoDatabase)
}

// errUnbound says that a database has no master key yet: its first start was not finished.
var errUnbound = errors.New("the database has no master key yet")

// look opens the database of the settings, to be read only, as openAsIs does.
func look(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	o.look = true
	return openAsIs(ctx, c, o)
}

// openAsIs opens the database of the settings. Nothing is made or migrated. It answers store.ErrEmpty or errUnbound before a first start, and
// a *store.SchemaError before a migration.
func openAsIs(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	var master *seal.Master
	keys, err := readMasterKeys(ctx, c)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if keys != nil {
		if master, err = seal.NewMaster(keys...); err != nil {
			return nil, c.Wrong(masterSetting(c), err)
		}
	}
	s, err := openStore(ctx, c, o, master)
	var schema *store.SchemaError
	switch {
	case errors.As(err, &schema) && schema.Bound:
		return nil, missingMaster(c)
	case err != nil:
		return nil, err
	}
	var found bool
	if master == nil {
		if found, err = hasMaster(ctx, s); found && err == nil {
			err = missingMaster(c)
		}
	} else {
		found, err = masterFits(ctx, c, s)
	}
	if err == nil && !found {
		err = errUnbound
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &Data{Store: s, Master: master, account: c.AccountID, files: ownFiles(c), now: o.Now}, nil
}

func openStore(ctx context.Context, c *config.Config, o DataOptions, master *seal.Master) (*store.Store, error) {
	if o.RetryFor == 0 {
		o.RetryFor = c.DatabaseWait
	}
	s, err := store.Open(ctx, store.Options{
		Database: c.Database, Logger: o.Log, RetryFor: o.RetryFor, Master: master, Now: o.Now, Image: o.Image, AsIs: o.asIs, Look: o.look,
	})
	switch {
	case errors.Is(err, store.ErrNoMaster):
		return nil, missingMaster(c)
	case wrongMaster(err):
		return nil, c.Wrong(masterSetting(c), err)
	case err != nil:
		return nil, c.Wrong(databaseSetting(c), err)
	}
	return s, nil
}

// wrongMaster reports whether the error says that the master key is not that of the database.
func wrongMaster(err error) bool {
	return errors.Is(err, seal.ErrWrongKey) || errors.Is(err, seal.ErrDamaged)
}

// databaseSetting names the setting by which the operator chose the database.
func databaseSetting(c *config.Config) string {
	if path, ok := c.SQLiteFile(); ok && path == filepath.Join(c.DataDir, "cenote.db") {
		return "data-dir"
	}
	return "database"
}

// bindMaster compares the master key with the one that the database was made with. A new database remembers it from now on, which is
// reported.
func bindMaster(ctx context.Context, c *config.Config, s *store.Store) (bound bool, err error) {
	found, err := masterFits(ctx, c, s)
	if found || err != nil {
		return false, err
	}
	err = s.Update(ctx, (*store.Tx).BindMaster)
	if errors.Is(err, store.ErrExists) { // another node was faster
		_, err = masterFits(ctx, c, s)
		return false, err
	}
	return err == nil, err
}

// MasterFits fails when the database has moved on to a master key that was not given here, or cannot be asked.
func (d *Data) MasterFits(ctx context.Context) error {
	return d.View(ctx, func(tx *store.Tx) error { _, err := tx.MasterBound(); return err })
}

// masterFits reports whether the database has a master key, and fails when the operator gave another one.
func masterFits(ctx context.Context, c *config.Config, s *store.Store) (found bool, err error) {
	err = s.View(ctx, func(tx *store.Tx) (err error) { found, err = tx.MasterBound(); return err })
	if wrongMaster(err) {
		err = c.Wrong(masterSetting(c), err)
	}
	return found, err
}

// hasMaster reports whether the database has a master key, which need not be at hand.
func hasMaster(ctx context.Context, s *store.Store) (found bool, err error) {
	err = s.View(ctx, func(tx *store.Tx) (err error) { found, err = tx.HasMaster(); return err })
	return found, err
}

func readMeta(ctx context.Context, s *store.Store, name string) (value string, found bool, err error) {
	err = s.View(ctx, func(tx *store.Tx) (err error) {
		value, found, err = tx.Meta(name)
		return err
	})
	return value, found, err
}
