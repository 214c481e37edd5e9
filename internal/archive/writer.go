package archive

import (
	"bufio"
	"errors"
	"io"

	"filippo.io/age"

	"github.com/cenote-id/cenote/internal/wire"
)

// Writer writes an archive.
type Writer struct {
	sealed io.WriteCloser
	lines  *bufio.Writer
	wrote  counts
}

// NewWriter begins an archive for the recipients. The header's version is 2 if there will be identity pools, else 1.
func NewWriter(to io.Writer, recipients []age.Recipient, h Header) (*Writer, error) {
	sealed, err := age.Encrypt(to, recipients...)
	if err != nil {
		return nil, err
	}
	w := &Writer{sealed: sealed, lines: bufio.NewWriterSize(sealed, 64<<10)}
	h.Format = format
	return w, w.line(h)
}

// Pool begins a pool.
func (w *Writer) Pool(id string) error {
	w.wrote.Pools++
	return w.line(mark{Pool: id})
}

// Table begins a table of the pool.
func (w *Writer) Table(t Table) error { return w.line(mark{Table: &t}) }

// Row writes a row of the table.
func (w *Writer) Row(row []any) error {
	w.wrote.Rows++
	return w.line(row)
}

// Close ends the archive. It does not close what it was written to.
func (w *Writer) Close() error {
	return errors.Join(w.line(mark{End: &w.wrote}), w.lines.Flush(), w.sealed.Close())
}

func (w *Writer) line(v any) error {
	text, err := wire.Encode(v)
	if err != nil {
		return err
	}
	if _, err := w.lines.Write(text); err != nil {
		return err
	}
	return w.lines.WriteByte('\n')
}
