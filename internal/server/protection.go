package server

import (
	"context"

	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/notify"
)

// guard makes the threat protection of pools that turn it on. What it opens is closed by close.
func (s *Server) guard(n *notify.Notifier) (*audit.Guard, error) {
	if path := s.options.Config.BreachedPasswords; path != "" {
		var err error
		if s.breached, err = audit.OpenBreached(path); err != nil {
			return nil, s.options.Config.Wrong("breached-passwords", err)
		}
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

// limits makes the limits on calls without credentials; nil when there are none.
func (s *Server) limits() *limit.Limits {
	c := s.options.Config
	if !c.RateLimits {
		return nil
	}
	rates := limit.Rates{Address: c.RateLimitAddress, Client: c.RateLimitClient, User: c.RateLimitUser}
	return limit.New(rates, func(ctx context.Context, clientID string) (string, func(string) string, bool) {
		p, _, err := s.data.Client(ctx, clientID)
		if err != nil {
			if !fault.Is(err, fault.ResourceNotFound) {
				s.log.Error("the pool of a client is not known: its users are not limited", "error", err)
			}
			return "", nil, false
		}
		return p.ID, p.Fold, true
	}, s.now)
}
