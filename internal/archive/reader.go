package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/cenote-id/cenote/internal/wire"
)

// Reader reads an archive.
type Reader struct {
	Header Header
	lines  *bufio.Scanner
	read   counts
	ended  bool
	pool   string
	table  *Table
}

// Line is what Next has found: a row of the pool's table, or the beginning of either.
type Line struct {
	Pool  string
	Table *Table // nil at the beginning of a pool
	Row   []any  // nil at the beginning of a table
}

// NewReader begins to read an archive with one of the identities. It answers ErrNoArchive, ErrKey or ErrDamaged, or tells that the
// archive is of a newer version.
func NewReader(from io.Reader, identities []age.Identity) (*Reader, error) {
	begin := bufio.NewReader(from)
	intro, err := begin.Peek(len(ageIntro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(intro) != ageIntro {
		return nil, ErrNoArchive
	}
	plain, err := age.Decrypt(begin, identities...)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return nil, ErrKey
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r := &Reader{lines: bufio.NewScanner(plain)}
	r.lines.Buffer(nil, maxLine)
	if !r.lines.Scan() {
		return nil, r.broken(ErrNoArchive)
	}
	// What a later version has changed may be anything but these two.
	var h struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if wire.Unmarshal(r.lines.Bytes(), &h) != nil || h.Format != format {
		return nil, ErrNoArchive
	}
	if h.Version > version {
		return nil, fmt.Errorf("%w: it has version %d, this cenote reads up to %d", ErrNewer, h.Version, version)
	}
	if err := wire.Unmarshal(r.lines.Bytes(), &r.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return r, nil
}

// ageIntro begins every file of age.
const ageIntro = "age-encryption.org/"

// broken is why a line is missing.
func (r *Reader) broken(otherwise error) error {
	if err := r.lines.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return otherwise
}

// Next answers the next line, and io.EOF behind the end of a whole archive. Anything else behind which nothing comes is ErrDamaged.
func (r *Reader) Next() (Line, error) {
	if !r.lines.Scan() {
		if err := r.broken(nil); err != nil || !r.ended {
			return Line{}, errors.Join(ErrDamaged, err)
		}
		return Line{}, io.EOF
	}
	line, err := r.parse(r.lines.Bytes())
	if errors.Is(err, io.EOF) {
		return r.Next()
	}
	if err != nil {
		return Line{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return line, nil
}

// parse reads a line; io.EOF says that it is the last one.
func (r *Reader) parse(text []byte) (Line, error) {
	if r.ended {
		return Line{}, errors.New("something follows its end")
	}
	if len(text) > 0 && text[0] == '[' {
		if r.table == nil {
			return Line{}, errors.New("a row belongs to no table")
		}
		row, err := values(text, r.table.Columns)
		r.read.Rows++
		return Line{r.pool, r.table, row}, err
	}
	var m mark
	if err := wire.Unmarshal(text, &m); err != nil {
		return Line{}, err
	}
	switch {
	case m.Pool != "":
		r.pool, r.table = m.Pool, nil
		r.read.Pools++
		return Line{Pool: r.pool}, nil
	case m.Table != nil && r.pool != "":
		r.table = m.Table
		return Line{r.pool, r.table, nil}, nil
	case m.End != nil && *m.End == r.read:
		r.ended = true
		return Line{}, io.EOF
	}
	return Line{}, errors.New("a line is out of place")
}
