package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/door/dev"
	"github.com/cenote-id/cenote/internal/door/rpc"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/trigger"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

const (
	homePath     = "/_cenote/"
	inboxPath    = "/_cenote/inbox"
	triggersPath = "/_cenote/triggers"

	// metaDevAhead is the name under which the database keeps how far the clock is ahead, in nanoseconds.
	metaDevAhead = "dev.ahead"
)

// Dev is what a development server has ready.
type Dev struct {
	PoolID    string
	ClientID  string
	Inbox     *message.Inbox
	Triggers  *trigger.Records // every event that a function was asked with, and its answer
	Clock     *clock.Clock
	Functions []DevFunction // those that run on this machine

	Seeded []SeededPool // pools of the seed file

	keys      *esdk.LocalKeys // opened with the data
	beginning *beginning
}

// newDev prepares a development server. Everybody may do everything there, so it is not reachable from elsewhere unless it is told to be.
func newDev(o Options) (*Dev, error) {
	c := o.Config
	switch loopback := config.IsLoopback(c.Listen); {
	case !loopback && !o.Expose:
		return nil, c.Wrong("listen", errors.New("a development server accepts anybody, so it listens on 127.0.0.1, [::1] or localhost only; "+
			"--expose lets other machines and containers in"))
	case loopback && o.Expose:
		_, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return nil, c.Wrong("listen", err)
		}
		c.Listen = ":" + port
	}
	d := &Dev{Inbox: message.NewInbox(), Triggers: trigger.NewRecords(), Clock: o.Clock}
	d.Inbox.Seen = func(m message.Message) {
		attrs := []any{"to", m.To, "medium", string(m.Medium), "reason", string(m.Reason)}
		if m.Link != "" {
			attrs = append(attrs, "link", m.Link)
		} else if m.Code != "" {
			attrs = append(attrs, "code", m.Code) // there are no secrets on a development server
		}
		o.Log.Info("message", attrs...)
	}
	return d, nil
}

// HomeURL is where people find everything that a development server has.
func (s *Server) HomeURL() string { return s.URL + homePath }

// TriggersURL is where people read what functions were asked on a development server.
func (s *Server) TriggersURL() string { return s.URL + triggersPath }

// InboxURL is where people read the messages of a development server.
func (s *Server) InboxURL() string { return s.URL + inboxPath }

// openDev takes up what an earlier start left: messages, the clock, the keys that stand for every key of KMS.
func (s *Server) openDev(ctx context.Context) (err error) {
	if s.options.Config.InMemory() {
		s.Dev.keys, err = esdk.NewLocalKeys()
		return err
	}
	folder := s.options.Config.DataDir
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return s.options.Config.Wrong("data-dir", err)
	}
	if err := s.Dev.Inbox.Keep(filepath.Join(folder, "inbox.jsonl")); err != nil {
		return s.options.Config.Wrong("data-dir", err)
	}
	if err := s.restoreClock(ctx); err != nil {
		return err
	}
	s.Dev.keys, err = esdk.OpenLocalKeys(filepath.Join(folder, "kms.key"))
	return err
}

// restoreClock puts the clock as far ahead as it was.
func (s *Server) restoreClock(ctx context.Context) error {
	var stored string
	err := s.data.View(ctx, func(tx *store.Tx) (err error) {
		stored, _, err = tx.Meta(metaDevAhead)
		return err
	})
	if err != nil || stored == "" {
		return err
	}
	ahead, err := strconv.ParseInt(stored, 10, 64)
	if err != nil {
		return fmt.Errorf("read how far the clock is ahead: %w", err)
	}
	if behind := time.Duration(ahead) - s.Dev.Clock.Offset(); behind > 0 {
		return s.Dev.Clock.Advance(behind)
	}
	return nil
}

// keepClock stores how far the clock is ahead, so that a restart does not take it back.
func (s *Server) keepClock(ctx context.Context, ahead time.Duration) error {
	return s.data.Update(ctx, func(tx *store.Tx) error { return s.setAhead(tx, ahead) })
}

func (*Server) setAhead(tx *store.Tx, ahead time.Duration) error {
	return tx.SetMeta(metaDevAhead, strconv.FormatInt(int64(ahead), 10))
}

// wall is the machine's clock, by which clients sign in to a development server whose own clock was moved; nil in production.
func (s *Server) wall() func() time.Time {
	if s.Dev == nil {
		return nil
	}
	return time.Now
}

// devGuard keeps foreign pages out of a development server.
func (s *Server) devGuard() dev.Guard {
	g := dev.Guard{Exposed: s.options.Expose}
	if u, err := url.Parse(s.URL); err == nil {
		g.Hosts = append(g.Hosts, u.Hostname())
	}
	return g
}

// apiGuard guards the API as the pages are guarded. Operations that need no signature anywhere stay open to pages of any origin, as they
// are on the service.
func (s *Server) apiGuard() rpc.Guard {
	if s.Dev == nil {
		return rpc.Guard{}
	}
	g := s.devGuard()
	return rpc.Guard{Any: g.CheckHost, Signed: g.Check}
}

// devDoor makes the door to what only a development server has.
func (s *Server) devDoor(service *userpools.Service) dev.Door {
	return dev.Door{
		Guard: s.devGuard(), Inbox: s.Dev.Inbox, Clock: s.Dev.Clock, Moved: s.keepClock, Overview: s.overview,
		Fork: s.Fork, Reset: s.Reset, Records: s.Dev.Triggers, Replay: service.Triggers.Replay, Keys: s.Dev.keys, Visits: s.providerLogs,
	}
}

// prepareDev makes the pool and the client that are ready, and those of the seed file.
func (s *Server) prepareDev(ctx context.Context) error {
	if err := s.ensurePool(ctx); err != nil {
		return fmt.Errorf("make the development pool: %w", err)
	}
	if err := s.attach(ctx); err != nil {
		return fmt.Errorf("attach functions to the development pool: %w", err)
	}
	if err := s.sow(ctx); err != nil {
		return fmt.Errorf("--seed: %w", err)
	}
	return s.remember(ctx)
}
