package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// ErrForeignFile means that a session file cannot be read as one: it is damaged, something else, or readable by others. It is left as it is.
var ErrForeignFile = errors.New("not a session file")

const (
	fileFormat  = "cognito-sessions"
	fileVersion = 1
	maxFile     = 4 << 20
	lockPoll    = 10 * time.Millisecond
)

// file is what a session file holds, as JSON.
type file struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Items   map[string]string `json:"items"`
}

// FileStorage keeps items in a file that only its owner can read. Several processes can share it: each change replaces the file as a
// whole, under a lock on the file beside it that ends in ".lock".
type FileStorage struct {
	path    string
	changes *flock.Flock  // held for each change
	sharing *flock.Flock  // what Lock takes
	turn    chan struct{} // flock does not keep the goroutines of one process apart
	waiting chan struct{} // likewise for Lock
}

// NewFileStorage opens a session file. A missing one is made by the first change, along with its folder. The error wraps ErrForeignFile when
// there is something else at that place.
func NewFileStorage(path string) (*FileStorage, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // a change would replace the link itself
	}
	s := &FileStorage{
		path: path, changes: flock.New(path+".lock", flock.SetPermissions(0o600)), sharing: flock.New(path+".refresh.lock", flock.SetPermissions(0o600)),
		turn: make(chan struct{}, 1), waiting: make(chan struct{}, 1),
	}
	_, err := s.read()
	return s, err
}

// Get implements Storage.
func (s *FileStorage) Get(ctx context.Context, keys ...string) (map[string]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	items, err := s.read()
	return pick(items, keys), err
}

// Set implements Storage.
func (s *FileStorage) Set(ctx context.Context, items map[string]string) error {
	return s.change(ctx, func(all map[string]string) { maps.Copy(all, items) })
}

// Remove implements Storage.
func (s *FileStorage) Remove(ctx context.Context, keys ...string) error {
	return s.change(ctx, func(all map[string]string) {
		for _, k := range keys {
			delete(all, k)
		}
	})
}

// Clear implements Storage.
func (s *FileStorage) Clear(ctx context.Context) error {
	return s.change(ctx, func(all map[string]string) { clear(all) })
}

// Lock implements Locker.
func (s *FileStorage) Lock(ctx context.Context) (unlock func(), err error) {
	return lock(ctx, s.waiting, s.sharing)
}

func lock(ctx context.Context, turn chan struct{}, l *flock.Flock) (unlock func(), err error) {
	select {
	case turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := os.MkdirAll(filepath.Dir(l.Path()), 0o700); err != nil {
		<-turn
		return nil, err
	}
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		<-turn
		return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
	}
	return func() {
		_ = l.Unlock()
		<-turn
	}, nil
}

func (s *FileStorage) change(ctx context.Context, apply func(map[string]string)) error {
	unlock, err := lock(ctx, s.turn, s.changes)
	if err != nil {
		return err
	}
	defer unlock()
	items, err := s.read()
	if err != nil {
		return err
	}
	apply(items)
	return s.write(items)
}

// read returns the items, none if there is no file yet.
func (s *FileStorage) read() (map[string]string, error) {
	info, err := os.Stat(s.path)
	if err == nil && !info.Mode().IsRegular() { // nor opened: a pipe would wait for a writer
		return nil, fmt.Errorf("%s: %w: it is no regular file", s.path, ErrForeignFile)
	}
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if info, err = f.Stat(); err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s: %w: others may read it (mode %04o); if it is yours, chmod 600 it", s.path, ErrForeignFile, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%s: %w: it is longer than %d bytes", s.path, ErrForeignFile, maxFile)
	}
	items, err := parseFile(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w; move it away to start anew", s.path, ErrForeignFile, err)
	}
	return items, nil
}

func parseFile(text []byte) (map[string]string, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	if f.Format != fileFormat || f.Version != fileVersion || f.Items == nil {
		return nil, fmt.Errorf("format %q, version %d", f.Format, f.Version)
	}
	return f.Items, nil
}

// write replaces the file. A reader sees the old one or the new one.
func (s *FileStorage) write(items map[string]string) error {
	text, err := json.MarshalIndent(file{fileFormat, fileVersion, items}, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(s.path), ".sessions-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(append(text, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), s.path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
