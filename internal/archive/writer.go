package archive

import (
	"bufio"
	"errors"
	"io"

	"github.com/cenote-id/cenote/internal/wire"
)

// Writer writes an archive.
type Writer struct {
	sealed io.WriteCloser
	lines  *bufio.Writer
	wrote  counts
}

// NewWriter begins an archive in what age.Encrypt has returned. The header's version is 2 if there will be identity pools, else 1.
func NewWriter(sealed io.WriteCloser, h Header) (*Writer, error) {
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

// Close ends the archive. It does not close what is behind the encryption.
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
