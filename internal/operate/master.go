package operate

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/seal"
)

// masterText begins a master key file that we made.
const masterText = `# The master key of a cenote database. Whoever has both can read every secret; without this key the database is worthless.
# Keep a copy apart from the backups of the database.
`

// masterKeys returns the operator's master keys, the current one first. When there is no key file and the database is new, it makes one.
func masterKeys(ctx context.Context, c *config.Config, o DataOptions) (keys [][]byte, made bool, err error) {
	if !inFile(c) {
		keys, err = readMasterKeys(ctx, c)
		return keys, false, err
	}
	if c.InMemory() {
		key := make([]byte, seal.KeySize)
		rand.Read(key)
		return [][]byte{key}, false, nil
	}
	keys, err = readMasterFile(ctx, c)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, false, err
	}
	if err := wantNew(ctx, c, o); err != nil {
		if keys, late := readMasterFile(ctx, c); late == nil { // a node that shares the folder has made it meanwhile
			return keys, false, nil
		}
		return nil, false, err
	}
	err = makeMasterFile(c.MasterKeyFile)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, false, c.Wrong(masterSetting(c), fmt.Errorf("make the master key: %w", err))
	}
	made = err == nil
	if made {
		o.Log.Info("created the master key; keep a copy apart from the database", "file", c.MasterKeyFile)
	}
	keys, err = readMasterFile(ctx, c)
	return keys, made, err
}

// wantNew refuses a database that has been in use: a new key could not open its secrets.
func wantNew(ctx context.Context, c *config.Config, o DataOptions) error {
	s, err := openStore(ctx, c, o, nil)
	if err != nil {
		return err
	}
	used, err := hasMaster(ctx, s)
	if err := errors.Join(err, s.Close()); err != nil {
		return err
	}
	if used {
		return missingMaster(c)
	}
	return nil
}

func missingMaster(c *config.Config) error {
	return c.Wrong(masterSetting(c), fmt.Errorf("the master key of this database is missing: there is no file %s, and CENOTE_MASTER_KEY is not set",
		c.MasterKeyFile))
}

// readMasterKeys returns the keys that the operator gave. When they are to be in a file that is not there, the error is fs.ErrNotExist.
func readMasterKeys(ctx context.Context, c *config.Config) ([][]byte, error) {
	switch {
	case c.MasterKeys != nil:
		return c.MasterKeys, nil
	case c.MasterKeyCommand != "":
		keys, err := runMasterCommand(ctx, c.MasterKeyCommand)
		if err != nil {
			return nil, c.Wrong(masterSetting(c), err)
		}
		return keys, nil
	}
	return readMasterFile(ctx, c)
}

// inFile reports whether the master key is in a file, which may have to be made.
func inFile(c *config.Config) bool { return c.MasterKeys == nil && c.MasterKeyCommand == "" }

// readMasterFile reads the key file. When there is none, the error is fs.ErrNotExist; a link to nothing is one to a file that should be there.
func readMasterFile(ctx context.Context, c *config.Config) ([][]byte, error) {
	text, err := readKeyText(ctx, c.MasterKeyFile)
	if err != nil {
		return nil, c.Wrong(masterSetting(c), err)
	}
	keys, err := config.ParseMasterKeys(text)
	if err != nil {
		return nil, c.Wrong(masterSetting(c), fmt.Errorf("%s: %w", c.MasterKeyFile, err))
	}
	return keys, nil
}

// maxKeyText bounds what is read of keys, in bytes; one has 44. The path may lead to anything, such as a database.
const maxKeyText = 64 << 10

// pipePatience is how long a key may take to come out of a pipe, as from the shell's <(...).
const pipePatience = 10 * time.Second

// readKeyText reads a key file. A pipe or a device, which may keep its readers waiting for ever, is read as long as ctx and pipePatience allow.
func readKeyText(ctx context.Context, path string) (string, error) {
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		return readKeyFile(path)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, pipePatience, fmt.Errorf("none came within %s", pipePatience))
	defer cancel()
	var text string
	done := make(chan error, 1)
	go func() {
		var err error
		text, err = readKeyFile(path)
		done <- err
	}()
	select {
	case err := <-done:
		return text, err
	case <-ctx.Done(): // what waits for the pipe ends with the program
		return "", fmt.Errorf("waited for a key from %s, which is no regular file: %w", path, context.Cause(ctx))
	}
}

func readKeyFile(path string) (string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := dangling(path); err != nil {
			return "", err
		}
	}
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyText+1))
	if err == nil && len(text) > maxKeyText {
		err = fmt.Errorf("%s is no file of keys: it has more than %d bytes", path, maxKeyText)
	}
	return string(text), errors.Join(err, f.Close())
}

// warnOfOpenKey tells of a key that every user of the machine can read.
func warnOfOpenKey(c *config.Config, log *slog.Logger) {
	if info, err := os.Stat(c.MasterKeyFile); err == nil && readable(info) {
		log.Warn("every user of this machine can read the master key: chmod 600", "file", c.MasterKeyFile)
	}
}

// makeMasterFile makes a key and writes it where only this user can read it; fs.ErrExist when there is a file. It gets its name when it is complete, and
// survives a power cut before anything is sealed with the key.
func makeMasterFile(path string) error {
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return err
	}
	key := make([]byte, seal.KeySize)
	rand.Read(key)
	f, err := os.CreateTemp(dir, ".master-key-") // 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(masterText + base64.StdEncoding.EncodeToString(key) + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = rename(f.Name(), path)
	}
	if left := os.Remove(f.Name()); !errors.Is(left, fs.ErrNotExist) {
		err = errors.Join(err, left)
	}
	if err != nil {
		return err
	}
	return syncDir(dir)
}

// rename gives a file its name, unless there is another of that name. The file may keep its own name, too.
func rename(file, to string) error {
	err := os.Link(file, to) // which, unlike a rename, replaces no file
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, there := os.Lstat(to); errors.Is(there, fs.ErrNotExist) { // on a file system that has no links
		return os.Rename(file, to)
	}
	return err
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

// masterSetting names the setting by which the operator gave the master key.
func masterSetting(c *config.Config) string {
	if c.MasterKeys != nil {
		return "master-key"
	}
	if c.MasterKeyCommand != "" {
		return "master-key-command"
	}
	return "master-key-file"
}
