package trail

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"

	"github.com/cenote-id/cenote/internal/store"
)

// The destinations of a stream that are no files.
const (
	Stdout = "stdout"
	Stderr = "stderr"
)

// Stream passes lines on as they are written, to a file or to a standard stream. A nil Stream passes on nothing.
type Stream struct {
	mu   sync.Mutex
	to   io.Writer
	path string // of a file; empty for a standard stream
	file *os.File
}

// OpenStream opens a destination: Stdout, Stderr, or a file, to which lines are added.
func OpenStream(to string) (*Stream, error) {
	switch to {
	case Stdout:
		return &Stream{to: os.Stdout}, nil
	case Stderr:
		return &Stream{to: os.Stderr}, nil
	}
	s := &Stream{path: to}
	return s, s.open()
}

func (s *Stream) open() (err error) {
	s.file, err = os.OpenFile(s.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	s.to = s.file
	return err
}

// write passes an act on. The database has it already, so that a full disk is no reason to refuse it.
func (s *Stream) write(ctx context.Context, log *slog.Logger, a store.Act) {
	if s == nil {
		return
	}
	text, err := Line(a)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if err = s.follow(); err == nil {
			_, err = s.to.Write(append(text, '\n'))
		}
	}
	if err != nil {
		log.ErrorContext(ctx, "a line of the audit log was not passed on; 'cenote audit --json' has it", "id", a.ID, "error", err)
	}
}

// follow opens the file anew when another program has moved it away, as programs that rotate logs do.
func (s *Stream) follow() error {
	if s.path == "" {
		return nil
	}
	if s.file != nil {
		there, err := os.Stat(s.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err == nil {
			if ours, err := s.file.Stat(); err == nil && os.SameFile(there, ours) {
				return nil
			}
		}
		if err := s.file.Close(); err != nil {
			return err
		}
		s.file = nil
	}
	return s.open()
}

// Close closes the file.
func (s *Stream) Close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	s.file = nil
	return err
}
