package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// Verdict is how bad a finding is.
type Verdict string

// The verdicts. A server with a warning starts, and something will not work or is less safe than it could be.
const (
	Fine    Verdict = "ok"
	Warning Verdict = "warn"
	Failure Verdict = "fail"
)

// Finding is the outcome of one check.
type Finding struct {
	Check   string // what was looked at: "data folder"
	Verdict Verdict
	Text    string // one line
}

// patience bounds each check that waits for another machine.
const patience = 5 * time.Second

// doctor collects findings.
type doctor struct {
	config *config.Config
	tell   func(Finding)
}

// Diagnose looks at everything that a server with these settings needs and tells each finding as it comes. It sends no message and makes
// nothing, but as every command that opens a database, it brings the schema of an existing one up to date.
func Diagnose(ctx context.Context, c *config.Config, tell func(Finding)) {
	d := &doctor{config: c, tell: tell}
	file := "no file"
	if c.File != "" {
		file = c.File
	}
	d.fine("settings", "all are valid (%s)", file)
	d.folder()
	d.masterKey()
	d.database(ctx)
	d.certificate()
	running := d.address(ctx)
	d.publicURL(ctx, running)
	d.mail(ctx)
	d.sms(ctx)
}

func (d *doctor) fine(check, format string, args ...any) {
	d.tell(Finding{check, Fine, fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(check, format string, args ...any) {
	d.tell(Finding{check, Warning, fmt.Sprintf(format, args...)})
}

func (d *doctor) fail(check string, err error) { d.tell(Finding{check, Failure, err.Error()}) }

// folder looks whether the data folder can be used, and by nobody else.
func (d *doctor) folder() {
	const check = "data folder"
	dir := d.config.DataDir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		parent, err := nearest(dir)
		if err == nil {
			err = writable(parent)
		}
		if err != nil {
			d.fail(check, d.config.Wrong("data-dir", fmt.Errorf("%s cannot be made: %w", dir, err)))
			return
		}
		d.fine(check, "%s is made at the first start", dir)
		return
	case err == nil && !info.IsDir():
		err = fmt.Errorf("%s is no folder", dir)
	case err == nil:
		err = writable(dir)
	}
	switch {
	case err != nil:
		d.fail(check, d.config.Wrong("data-dir", err))
	case open(info):
		d.warn(check, "%s can be entered by other users of this machine: chmod 700 %s", dir, dir)
	default:
		d.fine(check, "%s", dir)
	}
}

// masterKey looks whether the file can be read, and by nobody else. Whether it fits the database is asked there.
func (d *doctor) masterKey() {
	const check = "master key"
	c := d.config
	if c.MasterKeys != nil {
		d.fine(check, "given by CENOTE_MASTER_KEY")
		return
	}
	info, err := os.Stat(c.MasterKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		d.warn(check, "there is no file %s; a new database gets one, another database needs its own", c.MasterKeyFile)
		return
	}
	if err == nil {
		_, err = readMasterFile(c)
	}
	switch {
	case err != nil:
		d.fail(check, err)
	case open(info):
		d.warn(check, "%s can be read by other users of this machine: chmod 600 %s", c.MasterKeyFile, c.MasterKeyFile)
	default:
		d.fine(check, "%s", c.MasterKeyFile)
	}
}

// database opens the database and looks at what is in it.
func (d *doctor) database(ctx context.Context) {
	const check = "database"
	o := DataOptions{Log: slog.New(slog.DiscardHandler), RetryFor: patience}
	if _, err := os.Stat(d.config.MasterKeyFile); d.config.MasterKeys == nil && err != nil {
		if path, ok := d.config.SQLiteFile(); ok && missing(path) {
			d.fine(check, "%s is made at the first start", path)
			return
		}
		if err := wantNew(ctx, d.config, o); err != nil {
			d.fail(check, err)
			return
		}
		d.fine(check, "answers; it is new")
		return
	}
	data, err := OpenExisting(ctx, d.config, o)
	if errors.Is(err, ErrNoDatabase) {
		d.fine(check, "is made at the first start")
		return
	}
	if err != nil {
		d.fail(check, err)
		return
	}
	defer func() { _ = data.Close() }() // nothing was written
	pools, err := data.UserPools(ctx)
	if err != nil {
		d.fail(check, err)
		return
	}
	d.fine(check, "answers, and the master key fits; user pools: %d", len(pools))
	d.keys(ctx, data)
}

// keys looks whether anybody can call signed operations, and compares the clock with what was written before.
func (d *doctor) keys(ctx context.Context, data *Data) {
	keys, err := data.Keys(ctx)
	if err != nil {
		d.fail("access keys", err)
		return
	}
	if len(keys) == 0 && d.config.RootAccessKeyID == "" {
		d.warn("access keys", "there are none, so nobody can administer pools: cenote key create --name <name>")
	} else {
		d.fine("access keys", "%d", len(keys))
	}
	now := time.Now()
	for _, k := range keys {
		if ahead := k.Created.Sub(now); ahead > 5*time.Minute {
			d.fail("clock", fmt.Errorf("it shows %s, but access key %s was made %s later; signatures and tokens go by it",
				now.UTC().Format(time.RFC3339), k.ID, ahead.Round(time.Second)))
			return
		}
	}
	d.fine("clock", "%s", now.UTC().Format(time.RFC3339))
}

// nearest returns the closest folder above a path that exists.
func nearest(path string) (string, error) {
	path, err := filepath.Abs(path)
	for err == nil && missing(path) {
		parent := filepath.Dir(path)
		if parent == path {
			break
		}
		path = parent
	}
	return path, err
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// writable makes a file in the folder and removes it.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".cenote-doctor-")
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, "x")
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// open reports whether other users may read the file or enter the folder.
func open(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }
