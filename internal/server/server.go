// Package server is the only place where cenote is put together: it opens the database, builds the services, mounts the doors, runs and
// stops.
//
// New does everything that can fail because of a setting, and ends with a listener that is open; Run serves until its context ends and
// then drains. OpenData is the part of it that commands need which work on the database without serving. Start with New.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/audit"
	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/door/pages"
	"github.com/cenote-id/cenote/internal/door/rpc"
	"github.com/cenote-id/cenote/internal/external"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/limit"
	"github.com/cenote-id/cenote/internal/logs"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/notify"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/tracing"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Options say what to serve.
type Options struct {
	Config *config.Config
	Log    *slog.Logger

	// Dev makes a server for development: on loopback only, with any credentials accepted, an inbox, a movable clock, and a pool and
	// a client that are ready.
	Dev bool
	// Clock is what the server goes by; nil for a new one. Only a development server moves it by itself.
	Clock *clock.Clock
	// Expose lets a development server serve other machines and containers.
	Expose bool
	// Attach names the triggers of the ready pool of a development server for which there are functions of the same name.
	Attach []trigger.Trigger
	// Seed is a file with pools that a development server makes at its start, unless it has them; empty for none.
	Seed string
	// Image is what the database of a development server in memory begins with, from Server.Image; nil for nothing.
	Image []byte
	// KeysOnDemand makes signing keys when a pool needs them, and none ahead: for the many servers of a test.
	KeysOnDemand bool
	// OtherKind opens a database that was made by a server of the other kind: by serve for dev, by dev for serve.
	OtherKind bool

	// Version of the program, for traces.
	Version string
	// Environ is the environment that functions on this machine inherit, as os.Environ.
	Environ []string
	// StrictErrors makes an operation fail loudly that answers an exception it does not declare. Meant for tests.
	StrictErrors bool
	// DrainLimit bounds how long Run waits, after the shutdown delay, for requests and messages under way; zero for 20 seconds.
	DrainLimit time.Duration
}

// Server is a server that listens, and serves as soon as Run is called.
type Server struct {
	URL      string             // the public URL, without a trailing slash
	FirstKey *operate.AccessKey // made at the first start, to be shown once; nil later and where the operator gave one
	Dev      *Dev               // what a development server has ready; nil otherwise

	options    Options
	log        *slog.Logger
	now        func() time.Time // the time that tokens and codes live by
	data       *operate.Data
	operations *api.Table
	later      *message.Dispatcher
	events     *audit.Recorder
	outbox     *logs.Outbox // of pools' logs
	courier    *logs.Courier
	breached   *audit.Breached // nil: none
	texts      pages.Texts     // of the operator, for pages
	keys       *token.KeyMaker
	providers  *external.Service
	functions  functions
	metrics    *metrics
	rates      *limit.Limits
	traces     *tracing.Provider // nil: none
	health     *health
	main       *http.Server
	listener   net.Listener
	second     *http.Server // metrics and health; nil when they have no address of their own
	secondAt   net.Listener
}

// New opens the database, makes what a first start needs, and listens. Its error is one line for the operator. A server that was made
// must be Run, which also ends it.
func New(ctx context.Context, o Options) (_ *Server, err error) {
	if o.DrainLimit == 0 {
		o.DrainLimit = 20 * time.Second
	}
	if o.Clock == nil {
		o.Clock = clock.New()
	}
	s := &Server{options: o, log: o.Log, now: o.Clock.Now, health: newHealth(o.Config.DatabaseWait)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close(context.WithoutCancel(ctx)))
		}
	}()
	if o.Config.InMemory() && !o.Dev {
		return nil, o.Config.Wrong("database", errors.New("only cenote dev keeps its data in memory"))
	}
	if o.Dev {
		if s.Dev, err = newDev(o); err != nil {
			return nil, err
		}
	}
	if o.Config.Tracing {
		if s.traces, err = tracing.New(ctx, o.Version, s.log); err != nil {
			return nil, err
		}
	}
	router, err := s.router()
	if err != nil {
		return nil, err
	}
	s.later = message.NewDispatcher(s.log)
	if err := s.listen(ctx); err != nil {
		return nil, err
	}
	if s.data, err = operate.OpenData(ctx, o.Config, operate.DataOptions{Log: s.log, Now: s.now, Image: o.Image, Serves: true}); err != nil {
		return nil, err
	}
	kind := operate.Production
	if o.Dev {
		kind = operate.Development
	}
	if err := s.data.Claim(ctx, o.Config, kind, o.OtherKind); err != nil {
		return nil, err
	}
	if s.health.database, err = s.data.ID(ctx); err != nil {
		return nil, err
	}
	if err := s.build(ctx, router); err != nil {
		return nil, err
	}
	if err := s.noteSettings(ctx); err != nil {
		return nil, err
	}
	// Last, since a start that fails would never show the key.
	s.FirstKey, err = s.data.EnsureRoot(ctx, o.Config, !o.Dev)
	return s, err
}

// noteSettings warns of settings that all nodes need alike and that the start before, of this node or another one, had otherwise.
func (s *Server) noteSettings(ctx context.Context) error {
	c := s.options.Config
	if _, port, err := net.SplitHostPort(c.Listen); s.Dev != nil || c.PublicURL == "" && (err != nil || port == "0") { // another URL each time
		return nil
	}
	alike := []struct{ setting, value, effect string }{
		{"public-url", s.URL, "tokens with the other one are refused here"},
		{"aws-issuer", strconv.FormatBool(c.AWSIssuer), "tokens with the other issuer are refused here"},
		{"region", c.Region, "new pools are in another region"},
		{"account-id", c.AccountID, "access keys that name no account, and new pools, belong to another account"},
	}
	now := map[string]string{}
	for _, a := range alike {
		now[a.setting] = a.value
	}
	before, err := s.data.NoteSettings(ctx, now)
	if err != nil {
		return err
	}
	for _, a := range alike {
		if was, known := before[a.setting]; known && was != a.value {
			s.log.Warn("the last start on this database had another value of a setting that all nodes need alike",
				"setting", a.setting, "before", was, "now", a.value, "effect", a.effect)
		}
	}
	return nil
}

// build makes the services and mounts them.
func (s *Server) build(ctx context.Context, router *message.Router) error {
	c := s.options.Config
	s.URL = c.BaseURL(s.listener.Addr().String())
	host, _, err1 := net.SplitHostPort(c.Listen)
	_, port, err2 := net.SplitHostPort(s.listener.Addr().String())
	if errors.Join(err1, err2) == nil {
		s.URL = c.BaseURL(net.JoinHostPort(host, port)) // the name as it was given, localhost stays localhost, and the port as the system chose it
	}
	signer, powers := s.accelerate()
	issuer := &token.Issuer{PublicURL: s.URL, AWSIssuer: c.AWSIssuer, Now: s.now, Signer: signer}
	s.keys = token.NewKeyMaker(s.now, 3) // and one that waits for room
	if s.Dev != nil {
		if err := s.openDev(ctx); err != nil {
			return err
		}
	}
	s.metrics = newMetrics(s.data.Store)
	s.metrics.watchHealth(s.health)
	router.Told = s.metrics.sent
	triggers, err := s.newTriggers()
	if err != nil {
		return err
	}
	if err := s.openLogs(); err != nil {
		return err
	}
	notifier := &notify.Notifier{Messages: router, Later: s.later, Triggers: triggers, Budget: s.budget(), Logs: s.outbox, PublicURL: s.URL}
	guard, err := s.guard(notifier)
	if err != nil {
		return err
	}
	service := &userpools.Service{
		Store:     s.data.Store,
		Tokens:    issuer,
		Keys:      s.keys,
		Providers: federate.NewResolver(s.providerReach(), s.now),
		SignIn:    &signin.Machine{Store: s.data.Store, Tokens: issuer, Notify: notifier, Triggers: triggers, Risk: guard, Now: s.now, Powers: powers, Wall: s.wall(), KeepReused: !c.ReuseEndsSignIn},
		Notify:    notifier,
		Audit:     guard,
		Triggers:  triggers,
		Master:    s.data.Master,
		Now:       s.now,
		Region:    c.Region,
		AccountID: c.AccountID,
		PublicURL: s.URL,
		Log:       s.log,

		ExtendedFilters: c.ExtendedFilters, ProviderExtensions: c.ProviderExtensions,
	}
	identities, err := s.identityPools(issuer)
	if err != nil {
		return err
	}
	s.rates = s.limits(issuer)
	acts := s.data.Audit
	acts.Shows = service.Shows()
	maps.Copy(acts.Shows, identities.Shows())
	operations, err := api.NewTable(append(service.Operations(), identities.Operations()...), func(o api.Operation) api.Operation {
		return s.rates.Wrap(acts.Wrap(o)) // what exceeds a rate is no act
	})
	if err != nil {
		return err
	}
	s.operations = operations
	s.metrics.watchSigner(signer)
	s.metrics.watchEvents(s.events)
	s.metrics.watchMessages(s.later)
	door, err := rpc.New(rpc.Config{
		Operations:     operations,
		Keys:           &vendedKeys{store: s.data.Store, roles: c.Roles, next: keyring{s.data.Store, c.AccountID}},
		AnyCredentials: s.options.Dev,
		Guard:          s.apiGuard(),
		Callers:        s.callers(),
		StrictErrors:   s.options.StrictErrors,
		Now:            time.Now,
		Log:            s.doorLog(),
		Observe:        s.metrics.observe,
		Refused:        acts.Refuse,
	})
	if err != nil {
		return err
	}
	if err := s.loadTexts(); err != nil {
		return err
	}
	s.mount(door, operations, issuer, service, identities)
	if s.Dev == nil {
		return nil
	}
	return s.prepareDev(ctx)
}

// loadTexts reads the operator's own texts of the pages, if there are any.
func (s *Server) loadTexts() (err error) {
	folder := s.options.Config.PageTexts
	if folder == "" {
		return nil
	}
	if s.texts, err = pages.LoadTexts(folder); err != nil {
		return s.options.Config.Wrong("page-texts", err)
	}
	return nil
}

// router makes the transports of messages.
func (s *Server) router() (*message.Router, error) {
	c := s.options.Config
	r := &message.Router{Now: time.Now}
	if s.Dev != nil {
		r.Inbox = s.Dev.Inbox
	}
	mail, err := operate.MailServer(c)
	if err != nil {
		return nil, err
	}
	if mail != nil {
		r.Email = mail
	}
	if c.SMSURL != "" {
		o, err := message.ParseSMS(c.SMSURL)
		if err != nil {
			return nil, c.Wrong("sms-url", err)
		}
		if r.SMS, err = message.NewWebhook(o, time.Now); err != nil {
			return nil, c.Wrong("sms-url", err)
		}
	}
	return r, nil
}

// listen opens the addresses, before anything is made: a second server on the same machine must not touch the data of the first.
func (s *Server) listen(ctx context.Context) error {
	c := s.options.Config
	var secure *tls.Config
	if c.TLSCert != "" {
		cert, err := newCertificate(c.TLSCert, c.TLSKey, s.log)
		if err != nil {
			return c.Wrong(operate.CertificateSetting(c, err), err)
		}
		secure = cert.config()
	}
	var lc net.ListenConfig
	var err error
	if s.listener, err = lc.Listen(ctx, "tcp", c.Listen); err != nil {
		return c.Wrong("listen", err)
	}
	if s.options.Dev && secure == nil {
		s.listener = listenForBoth(s.listener, s.devCertificate().config())
	}
	s.main = newHTTPServer(s.log)
	s.main.TLSConfig = secure
	if c.MetricsListen != "" {
		if s.secondAt, err = lc.Listen(ctx, "tcp", c.MetricsListen); err != nil {
			return c.Wrong("metrics-listen", err)
		}
		s.second = newHTTPServer(s.log)
	}
	return nil
}

// Image returns the database of a development server in memory, as another one can begin with it.
func (s *Server) Image(ctx context.Context) ([]byte, error) { return s.data.Image(ctx) }

// Handler returns what answers the requests on the main address.
func (s *Server) Handler() http.Handler { return s.main.Handler }

// Address returns the address that the server listens on: host:port.
func (s *Server) Address() string { return s.listener.Addr().String() }
