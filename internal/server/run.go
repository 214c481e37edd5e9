package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/config"
)

// readHeaderTimeout is how long a client may take to send the header of a request.
const readHeaderTimeout = 10 * time.Second

// newHTTPServer bounds what a client can hold: a slow sender its connection, a large header memory.
func newHTTPServer(to *slog.Logger) *http.Server {
	return &http.Server{
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      75 * time.Second, // an operation has 30 seconds, after a body that took as long
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(httpLog{to.Handler()}, slog.LevelWarn),
	}
}

// httpLog takes what net/http complains about. Broken handshakes are the network's noise; the rest, a panic above all, is not.
type httpLog struct{ slog.Handler }

// Handle writes a line.
func (l httpLog) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "TLS handshake error") {
		r.Level = slog.LevelDebug
	}
	if !l.Enabled(ctx, r.Level) {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

// Run serves until ctx ends. Then it reports itself unready, goes on for the shutdown delay, takes no new requests, answers those under
// way, sends the messages that wait, and closes everything. It returns nil after that, and an error when serving failed or something had
// to be cut off.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 2)
	s.health.well()
	go func() { failed <- serve(s.main, s.listener) }()
	if s.second != nil {
		go func() { failed <- serve(s.second, s.secondAt) }()
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var work sync.WaitGroup
	s.work(background, &work)
	s.announce()
	s.tellSupervisor("READY=1", "STATUS=serving "+s.URL)

	var err error
	select {
	case <-ctx.Done():
		err = s.linger(failed)
	case err = <-failed:
	}
	if err != nil {
		err = fmt.Errorf("serve: %w", err)
	}
	s.health.stop()
	stop()
	work.Wait()
	return errors.Join(err, s.close(context.WithoutCancel(ctx)))
}

// linger serves on for a while, unready: a connection that the kernel has taken when the listener closes would be reset, so the load
// balancer has to stop first. A development server has none.
func (s *Server) linger(failed <-chan error) error {
	delay := s.options.Config.ShutdownDelay
	if s.Dev != nil {
		delay = 0
	}
	s.log.Info("stopping", "delay", delay.String())
	s.tellSupervisor("STOPPING=1", "STATUS=stopping")
	s.health.stop()
	select {
	case <-time.After(delay):
		return nil
	case err := <-failed:
		return err
	}
}

// serve serves a listener, with TLS where the server is set up for it.
func serve(h *http.Server, l net.Listener) error {
	if h.TLSConfig != nil {
		return h.ServeTLS(l, "", "")
	}
	return h.Serve(l)
}

// announce says where the server is, and what it cannot do.
func (s *Server) announce() {
	c := s.options.Config
	kind := "postgres"
	if path, ok := c.SQLiteFile(); ok {
		kind = path
	}
	if c.InMemory() {
		kind = "memory"
	}
	s.log.Info("serving", "address", s.listener.Addr().String(), "url", s.URL, "database", kind)
	if s.Dev != nil {
		if s.options.Expose {
			s.log.Warn("EXPOSED: anybody who can reach this address can read and change all users and read their codes", "flag", "--expose")
		}
		return
	}
	if c.TLSCert == "" && !config.IsLoopback(s.listener.Addr().String()) && !strings.HasPrefix(s.URL, "https://") {
		s.log.Warn("passwords and tokens travel in plain HTTP: set tls-cert and tls-key, or put a proxy with TLS in front and set public-url",
			"address", s.listener.Addr().String(), "issuer", s.issuer())
	}
	if c.SMTPURL == "" {
		s.log.Warn("no mail server is set: operations that have to mail a code fail with CodeDeliveryFailureException", "setting", "smtp-url")
	}
	if c.SMSURL == "" {
		s.log.Info("no text messages can be sent", "setting", "sms-url")
	}
}

// issuer is the form of what tokens name as their issuer.
func (s *Server) issuer() string {
	if s.options.Config.AWSIssuer {
		return "https://cognito-idp.<region>.amazonaws.com/<pool id>"
	}
	return s.URL + "/<pool id>"
}

// close ends everything that has been opened, in the order in which requests need it. It takes DrainLimit at most; what is not
// done by then is cut off.
func (s *Server) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.DrainLimit)
	defer cancel()
	var errs []error
	if s.main != nil {
		if err := s.main.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("requests cut off: %w", err), s.main.Close())
		}
	}
	if s.events != nil {
		if err := s.events.Close(ctx); err != nil {
			errs = append(errs, fmt.Errorf("events not written: %w", err))
		}
	}
	errs = append(errs, s.breached.Close())
	if s.later != nil {
		if err := s.later.Drain(ctx); err != nil {
			errs = append(errs, fmt.Errorf("messages not sent: %w", err))
		}
	}
	if err := s.outbox.Close(ctx); err != nil { // behind all that adds to it
		errs = append(errs, fmt.Errorf("log records not written: %w", err))
	}
	if err := s.functions.close(); err != nil {
		errs = append(errs, fmt.Errorf("functions: %w", err))
	}
	if s.second != nil { // last, so that it can be asked how the stop goes
		if err := s.second.Shutdown(ctx); err != nil {
			errs = append(errs, s.second.Close())
		}
	}
	for _, l := range []net.Listener{s.listener, s.secondAt} {
		if l == nil {
			continue
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if s.data != nil {
		errs = append(errs, s.data.Close())
	}
	if err := s.traces.Close(ctx); err != nil { // no reason to call the stop a failure
		s.log.Warn("traces not exported", "error", err)
	}
	return errors.Join(errs...)
}
