//go:build unix

package store

import (
	"io/fs"
	"syscall"
)

// mayWrite answers why this user cannot write to a file or folder, or nil. It does not open the file: closing it would release the locks that
// SQLite holds on it in this process.
func mayWrite(path string) error {
	const readAndWrite = 4 | 2 // access(2)
	if err := syscall.Access(path, readAndWrite); err != nil {
		return &fs.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}
