package operate

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

// Data is an open database and the key to its secrets. Whoever opens it closes it.
type Data struct {
	*store.Store
	Master  *seal.Master
	account string // of the settings
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

	look bool // change nothing: store.Options.Look
}

// ErrNoDatabase says that there is no database yet where one was expected.
var ErrNoDatabase = errors.New("there is no database yet")

// metaCheck is the name under which the database keeps the value that tells its master key.
const metaCheck = "master.check"

// OpenData opens the database of the settings, brings its schema up to date, and makes sure that the master key is the right one. On
// a new database it makes a master key, unless the operator gave one. Its errors name the setting that is to blame.
func OpenData(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	keys, made, err := masterKeys(ctx, c, o)
	if err != nil {
		return nil, err
	}
	master, err := seal.NewMaster(keys...)
	if err != nil {
		return nil, c.Wrong(masterSetting(c), err)
	}
	s, err := openStore(ctx, c, o, master)
	if err != nil {
		return nil, err
	}
	bound, err := bindMaster(ctx, c, s, master)
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
	return &Data{Store: s, Master: master, account: c.AccountID, now: o.Now}, nil
}

// OpenExisting is OpenData for commands that have nothing to do on a database that is not there yet; they get ErrNoDatabase instead of
// an empty database, perhaps in the wrong folder.
func OpenExisting(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	if path, ok := c.SQLiteFile(); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, c.Wrong(databaseSetting(c), fmt.Errorf("%w at %s", ErrNoDatabase, path))
		}
	}
	return OpenData(ctx, c, o)
}

// errUnbound says that a database has no master key yet: its first start was not finished.
var errUnbound = errors.New("the database has no master key yet")

// look opens the database of the settings, to be read only. Nothing is made, migrated or written. It answers store.ErrEmpty or errUnbound
// before a first start, and a *store.SchemaError before a migration.
func look(ctx context.Context, c *config.Config, o DataOptions) (*Data, error) {
	o.look = true
	var master *seal.Master
	keys, err := c.MasterKeys, error(nil)
	if keys == nil {
		if keys, err = readMasterFile(c); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if keys != nil {
		if master, err = seal.NewMaster(keys...); err != nil {
			return nil, c.Wrong(masterSetting(c), err)
		}
	}
	s, err := openStore(ctx, c, o, master)
	if err != nil {
		return nil, err
	}
	check, found, err := readMeta(ctx, s, metaCheck)
	switch {
	case err != nil:
	case !found:
		err = errUnbound
	case master == nil:
		err = missingMaster(c)
	default:
		err = fits(c, master, check)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &Data{Store: s, Master: master, account: c.AccountID, now: o.Now}, nil
}

func openStore(ctx context.Context, c *config.Config, o DataOptions, master *seal.Master) (*store.Store, error) {
	if o.RetryFor == 0 {
		o.RetryFor = c.DatabaseWait
	}
	s, err := store.Open(ctx, store.Options{
		Database: c.Database, Logger: o.Log, RetryFor: o.RetryFor, Master: master, Now: o.Now, Image: o.Image, Look: o.look,
	})
	if err != nil {
		return nil, c.Wrong(databaseSetting(c), err)
	}
	return s, nil
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
func bindMaster(ctx context.Context, c *config.Config, s *store.Store, m *seal.Master) (bound bool, err error) {
	check, found, err := readMeta(ctx, s, metaCheck)
	if err != nil {
		return false, err
	}
	if !found {
		check = base64.StdEncoding.EncodeToString(m.NewCheck())
		err := s.Update(ctx, func(tx *store.Tx) error { return tx.AddMeta(metaCheck, check) })
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, store.ErrExists) {
			return false, err
		}
		if check, _, err = readMeta(ctx, s, metaCheck); err != nil { // of the node that was faster
			return false, err
		}
	}
	return false, fits(c, m, check)
}

// fits compares the master key with the check value of a database.
func fits(c *config.Config, m *seal.Master, check string) error {
	sealed, err := base64.StdEncoding.DecodeString(check)
	if err != nil {
		return fmt.Errorf("read the check value of the master key: %w", err)
	}
	if err := m.Check(sealed); err != nil {
		return c.Wrong(masterSetting(c), err)
	}
	return nil
}

func readMeta(ctx context.Context, s *store.Store, name string) (value string, found bool, err error) {
	err = s.View(ctx, func(tx *store.Tx) (err error) {
		value, found, err = tx.Meta(name)
		return err
	})
	return value, found, err
}
