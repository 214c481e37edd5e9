package server

import (
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// CheckFiles reads the files and folders that the settings name beside data folder, master key and certificate, as a start does, and answers why it
// could not use each. It makes nothing.
func CheckFiles(c *config.Config) (wrong []error) {
	s := &Server{options: Options{Config: c}, log: slog.New(slog.DiscardHandler), now: time.Now}
	_, saml := s.registry()
	_, sink := s.logSink()
	checks := []error{s.loadTexts(), s.openBreached(), s.openFunctions(), saml, sink}
	if s.breached != nil {
		checks = append(checks, s.breached.Close())
	}
	if s.functions.local != nil {
		checks = append(checks, s.functions.local.Close())
	}
	for _, err := range checks {
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}
