package operate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/libcrypto"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trail"
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
	id     string // of the database; empty while there is none
	looked bool   // at the database, so that this is known
}

// Diagnose looks at everything that a server with these settings needs and tells each finding as it comes. It sends no message, and makes
// and changes nothing, not even in the database.
func Diagnose(ctx context.Context, c *config.Config, tell func(Finding)) {
	d := &doctor{config: c, tell: tell}
	d.settings()
	d.folder()
	d.masterKey(ctx)
	d.database(ctx)
	d.auditStream()
	d.signatures()
	d.certificate()
	running := d.address(ctx)
	if !running {
		d.metrics(ctx)
	}
	d.publicURL(ctx, running)
	d.mail(ctx)
	d.sms(ctx)
	d.traces(ctx)
}

func (d *doctor) fine(check, format string, args ...any) {
	d.tell(Finding{check, Fine, fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(check, format string, args ...any) {
	d.tell(Finding{check, Warning, fmt.Sprintf(format, args...)})
}

func (d *doctor) fail(check string, err error) { d.tell(Finding{check, Failure, err.Error()}) }

// settings looks whether others can read passwords in the file. Reading it has shown that all settings are valid.
func (d *doctor) settings() {
	const check = "settings"
	file := d.config.File
	if file == "" {
		d.fine(check, "all are valid (no file)")
		return
	}
	info, err := os.Stat(file)
	passwords := d.config.PasswordsInFile()
	switch {
	case err != nil:
		d.fail(check, err)
	case readable(info) && len(passwords) > 0:
		d.warn(check, "%s can be read by every user of this machine, and holds passwords (%s): give them in the environment", file, strings.Join(passwords, ", "))
	default:
		d.fine(check, "all are valid (%s)", file)
	}
}

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
		d.fine(check, "%s is created at the first start", dir)
		return
	case err == nil && !info.IsDir():
		err = fmt.Errorf("%s is not a folder", dir)
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
func (d *doctor) masterKey(ctx context.Context) {
	const check = "master key"
	c := d.config
	if c.MasterKeys != nil {
		d.fine(check, "given by CENOTE_MASTER_KEY")
		return
	}
	if c.MasterKeyCommand != "" {
		if _, err := readMasterKeys(ctx, c); err != nil {
			d.fail(check, err)
			return
		}
		d.fine(check, "printed by the command")
		return
	}
	info, err := os.Stat(c.MasterKeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		d.warn(check, "there is no file %s; a new database gets one, another database needs its own", c.MasterKeyFile)
		return
	}
	if err == nil {
		_, err = readMasterFile(ctx, c)
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

// database looks at what is in the database.
func (d *doctor) database(ctx context.Context) {
	const check = "database"
	data, err := look(ctx, d.config, DataOptions{Log: slog.New(slog.DiscardHandler), Now: time.Now, RetryFor: patience})
	var schema *store.SchemaError
	switch {
	case errors.Is(err, store.ErrEmpty):
		d.looked = true
		if path, ok := d.config.SQLiteFile(); ok {
			d.fine(check, "%s is created at the first start", path)
			return
		}
		d.fine(check, "answers; it is empty, and gets its tables at the first start")
		return
	case errors.Is(err, errUnbound):
		d.looked = true
		d.fine(check, "answers; it is new, and belongs to the master key of the first start")
		return
	case errors.As(err, &schema) && schema.Oldest <= schema.Known:
		d.fine(check, "answers; the next start migrates it from schema %d to %d. What is in it was not looked at", schema.Version, schema.Known)
		return
	case err != nil:
		d.fail(check, err)
		return
	}
	defer func() { _ = data.Close() }() // nothing was written
	pools, err := data.UserPools(ctx)
	if err != nil {
		d.fail(check, err)
		return
	}
	if d.id, _, err = readMeta(ctx, data.Store, metaID); err != nil {
		d.fail(check, err)
		return
	}
	d.looked = d.id != "" // servers of earlier versions made none
	d.fine(check, "answers, and the master key fits; user pools: %d", len(pools))
	d.rotation(ctx, data)
	d.dataKeys(ctx, data)
	d.keys(ctx, data)
	d.clock(ctx, data)
}

// rotation looks whether a change of the master key was left half done.
func (d *doctor) rotation(ctx context.Context, data *Data) {
	const check = "master key"
	var state store.MasterState
	err := data.View(ctx, func(tx *store.Tx) (err error) { state, err = tx.MasterState(); return err })
	switch {
	case err != nil:
		d.fail(check, err)
	case state.Unfinished:
		d.warn(check, "its rotation is not finished, and the earlier key is still needed: run 'cenote key rotate-master' again")
	case !state.First:
		d.warn(check, "the first key is new, and secrets are sealed under a later one: run 'cenote key rotate-master' when every node has both")
	}
}

// dataKeys looks whether a change of a pool's data key was left half done.
func (d *doctor) dataKeys(ctx context.Context, data *Data) {
	const check = "data keys"
	var states map[string]seal.KeyState
	err := data.View(ctx, func(tx *store.Tx) (err error) { states, err = tx.DataKeyStates(); return err })
	if err != nil {
		d.fail(check, err)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(states)) {
		if state := states[id]; state.Next || state.Resealing {
			d.warn(check, "the change of that of pool %s is not finished: run 'cenote pool rotate-data-key %s' again", id, id)
			continue
		}
		d.fine(check, "pool %s has a new one; the earlier one is dropped after %s", id, slices.MaxFunc(states[id].Until, time.Time.Compare).UTC().Format(time.RFC3339))
	}
}

// keys looks whether anybody can call signed operations.
func (d *doctor) keys(ctx context.Context, data *Data) {
	const check = "access keys"
	keys, err := data.Keys(ctx)
	switch {
	case err != nil:
		d.fail(check, err)
	case len(keys) == 0 && d.config.RootAccessKeyID == "":
		d.warn(check, "there are none, so nobody can administer pools: cenote key create --name <name>")
	default:
		d.fine(check, "%d", len(keys))
	}
}

// clock compares the clock with what was written before.
func (d *doctor) clock(ctx context.Context, data *Data) {
	const check = "clock"
	var latest time.Time
	var where string
	err := data.View(ctx, func(tx *store.Tx) (err error) { latest, where, err = tx.Latest(); return err })
	now := time.Now()
	switch ahead := latest.Sub(now); {
	case err != nil:
		d.fail(check, err)
	case ahead > time.Minute:
		d.fail(check, fmt.Errorf("it shows %s, but the database holds the time of %s %s later: this clock is behind, or that of another node was ahead",
			now.UTC().Format(time.RFC3339), where, ahead.Round(time.Second)))
	default:
		d.fine(check, "%s", now.UTC().Format(time.RFC3339))
	}
}

// auditStream looks whether the file of acts can be written to, or made.
func (d *doctor) auditStream() {
	const check = "audit stream"
	to := d.config.AuditStream
	if to == "" || to == trail.Stdout || to == trail.Stderr || trail.Level(d.config.Audit) == trail.Off {
		return
	}
	f, err := os.OpenFile(to, os.O_APPEND|os.O_WRONLY, 0)
	switch {
	case err == nil:
		err = f.Close()
	case errors.Is(err, fs.ErrNotExist):
		err = writable(filepath.Dir(to))
	}
	if err != nil {
		d.fail(check, d.config.Wrong("audit-stream", err))
		return
	}
	d.fine(check, "%s", to)
}

// signatures looks what makes the signatures of tokens.
func (d *doctor) signatures() {
	const check = "signatures"
	if !libcrypto.Linked {
		d.fine(check, "by crypto/rsa: this build does not use the system's libcrypto")
		return
	}
	library, err := libcrypto.Open(libcrypto.Name)
	if err == nil {
		err = token.NewSigner(library, slog.New(slog.DiscardHandler)).Check()
	}
	if err != nil {
		d.warn(check, "by crypto/rsa, at several times the cost, because libcrypto cannot be used: %v", err)
		return
	}
	d.fine(check, "by %s", library)
}

// nearest returns the closest folder above a path that exists.
func nearest(path string) (string, error) {
	path, err := filepath.Abs(path)
	for err == nil && missing(path) {
		if err := dangling(path); err != nil {
			return "", err
		}
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

// readable reports whether everybody may read the file.
func readable(info fs.FileInfo) bool { return modes && info.Mode().Perm()&0o004 != 0 }

// open reports whether other users may read the file or enter the folder.
func open(info fs.FileInfo) bool { return modes && info.Mode().Perm()&0o077 != 0 }

// modes says that the system has the file modes of Unix. Windows makes them up.
const modes = runtime.GOOS != "windows"
