package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteFile is the database's file, watched for what SQLite does not tell. Nil stands for a database in memory, where nothing can happen.
type sqliteFile struct {
	path   string
	opened fs.FileInfo
}

// openFile makes the file and its folder for this user alone, unless they exist or must. SQLite gives its other files the same mode.
func openFile(path string, must bool) (*sqliteFile, error) {
	if must {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			err = ErrEmpty
		}
		return &sqliteFile{path: path, opened: info}, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	return &sqliteFile{path: path, opened: info}, errors.Join(err, f.Close())
}

// blame returns an error of SQLite with the file or folder that this user cannot write to, or the disk that is full, where that is the cause. SQLite
// names none of them, and calls a full disk an I/O error at times.
func (f *sqliteFile) blame(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if f == nil || !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR:
		if cause := f.hasRoom(); cause != nil {
			return fmt.Errorf("%w: %w", err, cause)
		}
		return err
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
	default:
		return err
	}
	if cause := f.writable(); cause != nil {
		return fmt.Errorf("%w: %w", err, cause)
	}
	if cause := mayWrite(filepath.Dir(f.path)); cause != nil {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// writable answers why this user cannot write to one of the database's files that are there, or nil.
func (f *sqliteFile) writable() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(f.path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err == nil && !info.Mode().IsRegular():
			err = fmt.Errorf("%s is not a file", f.path+suffix)
		case err == nil:
			err = mayWrite(f.path + suffix)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inPlace answers an error when the file was removed or replaced. SQLite would go on with the open one, and what it is told would be lost
// with it.
func (f *sqliteFile) inPlace() error {
	if f == nil {
		return nil
	}
	info, err := os.Stat(f.path)
	if err == nil && !os.SameFile(info, f.opened) {
		err = errors.New("another file is in its place")
	}
	if err != nil {
		return fmt.Errorf("the database file was taken away: %w", err)
	}
	return nil
}

// room is how much has to fit on the disk beside the database.
const room = 64 << 10

// hasRoom writes a file beside the database and removes it: a full or read-only disk takes none. SQLite itself may still find room in its
// log for a while.
func (f *sqliteFile) hasRoom() error {
	if f == nil {
		return nil
	}
	probe, err := os.CreateTemp(filepath.Dir(f.path), ".cenote-room-")
	if err != nil {
		return err
	}
	_, err = probe.Write(make([]byte, room))
	return errors.Join(err, probe.Close(), os.Remove(probe.Name()))
}
