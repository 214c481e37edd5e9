package server

import (
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/token"
)

// openBreached opens the list of compromised passwords, if there is one.
func (s *Server) openBreached() (err error) {
	path := s.options.Config.BreachedPasswords
	if path == "" {
		return nil
	}
	if s.breached, err = audit.OpenBreached(path); err != nil {
		return s.options.Config.Wrong("breached-passwords", err)
	}
	return nil
}

// guard makes the threat protection of pools that turn it on. What it opens is closed by close.
func (s *Server) guard(n *notify.Notifier) (*audit.Guard, error) {
	if err := s.openBreached(); err != nil {
		return nil, err
	}
	s.events = audit.NewRecorder(s.data.Store, s.log)
	return &audit.Guard{
		Store: s.data.Store, Recorder: s.events, Logs: s.outbox, Notify: n, Breached: s.breached, PublicURL: s.URL, Now: s.now,
	}, nil
}

// budget limits the messages that strangers can cause.
func (s *Server) budget() *notify.Budget {
	c := s.options.Config
	return &notify.Budget{Store: s.data.Store, User: c.MessageLimitUser, Destination: c.MessageLimitDestination, Now: s.now}
}

// limits makes the limits on requests: those that accounts have set always hold.
func (s *Server) limits(issuer *token.Issuer) *limit.Limits {
	var rates limit.Rates
	if c := s.options.Config; c.RateLimits {
		rates = limit.Rates{Address: c.RateLimitAddress, Client: c.RateLimitClient, User: c.RateLimitUser}
	}
	return limit.New(rates, &directory{s.data.Store, issuer, s.log}, s.now)
}
