package server

import (
	"context"
	"log/slog"
)

// requestLog is a log for the door of a development server: every call shows, because whoever develops wants to see what the
// application asks and what it is told. In production, calls without consequence for the operator are logged at the debug level.
type requestLog struct{ slog.Handler }

// Enabled reports whether a line shows.
func (l requestLog) Enabled(ctx context.Context, level slog.Level) bool {
	return l.Handler.Enabled(ctx, max(level, slog.LevelInfo))
}

// Handle writes a line.
func (l requestLog) Handle(ctx context.Context, r slog.Record) error {
	r.Level = max(r.Level, slog.LevelInfo)
	return l.Handler.Handle(ctx, r)
}

// doorLog returns the log that the door writes to.
func (s *Server) doorLog() *slog.Logger {
	if s.Dev == nil {
		return s.log
	}
	return slog.New(requestLog{s.log.Handler()})
}
