// Package archive is the form in which pools travel from one server to another: a file encrypted with age that holds a stream of lines.
//
// Each line is a JSON value. The first is a Header; then, for each user pool and identity pool, a line {"pool":...}, and for each of its tables a line
// {"table":...} with its columns and a line for each row, an array with a value for each column: a string, a number, or base64 for bytes.
// The last line is {"end":...}, which counts what came before. The values that the database keeps sealed stay so; the data keys of the
// pools, under which they are sealed, are wrapped by the master key in the header. So the stream is as secret as the age file makes it,
// and it is read and written with the memory of one line. Start with Writer and Reader.
package archive

import (
	"errors"
	"fmt"
	"time"

	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// version is the form described above. A program reads archives of its own version and earlier ones. Those of version 2 have identity pools,
// which earlier programs do not know; without any, an archive is of version 1.
const version = 2

// maxLine bounds a line in bytes: the largest documents of a pool take a few MiB.
const maxLine = 64 << 20

// Header begins an archive.
type Header struct {
	Format  string    `json:"format"` // "cenote archive"
	Version int       `json:"version"`
	Schema  int64     `json:"schema"` // of the database that the rows come from
	Created time.Time `json:"created"`
	Pools   int       `json:"pools"`  // identity pools among them
	Rows    int64     `json:"rows"`   // about how many, to show progress by
	Master  []byte    `json:"master"` // wraps the data keys
}

// format tells archives from other files.
const format = "cenote archive"

// Table begins the rows of a table.
type Table struct {
	Name    string         `json:"name"`
	Columns []store.Column `json:"columns"`
}

// counts end an archive.
type counts struct {
	Pools int   `json:"pools"`
	Rows  int64 `json:"rows"`
}

// mark is a line that is no row.
type mark struct {
	Pool  string  `json:"pool,omitempty"`
	Table *Table  `json:"table,omitempty"`
	End   *counts `json:"end,omitempty"`
}

var (
	// ErrNoArchive answers the reading of something else.
	ErrNoArchive = errors.New("this is not an archive of cenote")
	// ErrDamaged answers the reading of an archive that was cut or altered.
	ErrDamaged = errors.New("the archive is damaged or cut")
	// ErrKey answers the reading of an archive that is for another key.
	ErrKey = errors.New("the archive is for another key or passphrase")
	// ErrNewer answers the reading of an archive of a later version.
	ErrNewer = errors.New("the archive was written by a newer cenote")
)

// values reads a row.
func values(line []byte, columns []store.Column) ([]any, error) {
	var raw []wire.Document
	if err := wire.Unmarshal(line, &raw); err != nil {
		return nil, err
	}
	if len(raw) != len(columns) {
		return nil, fmt.Errorf("a row has %d values for %d columns", len(raw), len(columns))
	}
	row := make([]any, len(raw))
	for i, c := range columns {
		if string(raw[i]) == "null" {
			continue
		}
		var err error
		switch c.Type {
		case store.TextColumn:
			row[i], err = value[string](raw[i])
		case store.IntColumn:
			row[i], err = value[int64](raw[i])
		case store.BytesColumn:
			row[i], err = value[[]byte](raw[i])
		default:
			err = fmt.Errorf("column %s has the type %q", c.Name, c.Type)
		}
		if err != nil {
			return nil, err
		}
	}
	return row, nil
}

func value[T any](raw wire.Document) (any, error) {
	var v T
	err := wire.Unmarshal(raw, &v)
	return v, err
}
