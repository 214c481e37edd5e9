package operate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// makeFolder makes a folder for this user alone, unless it is there.
func makeFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	var at *fs.PathError
	if errors.As(err, &at) {
		if err := dangling(at.Path); err != nil {
			return err
		}
	}
	return err
}

// dangling is an error for a link to what is not there, such as a volume that is not mounted. The system would say that the folder exists.
func dangling(path string) error {
	target, err := os.Readlink(path)
	if err == nil && missing(path) {
		return fmt.Errorf("%s is a link to %s, which does not exist", path, target)
	}
	return nil
}
