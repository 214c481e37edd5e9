// Package cenotetest starts a real server in a test.
//
// Start runs one in this process, as `cenote dev` would be, or as `cenote serve` where Options.Serve is set. StartBinary runs the built
// command as a process of its own, which can be killed. Both serve over real HTTP on a free port of loopback, keep their data in a folder
// of the test's own, and end with the test.
package cenotetest

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/cenotetest/prepared"
	"github.com/cenote-id/cenote/internal/clock"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/message"
	"github.com/cenote-id/cenote/internal/server"
	"github.com/cenote-id/cenote/internal/trigger"
)

// The root key of servers in tests. A development server takes any other one as well.
const (
	accessKeyID     = "CENOTESTROOT"
	secretAccessKey = "a secret that is no secret in a test"
)

// Options say which server to start. The zero value is a development server on SQLite.
type Options struct {
	Database  string            // a postgres:// URL; "" stands for SQLite in DataDir
	DataDir   string            // "" for a new folder; nodes of one database share it, because the master key is there
	Serve     bool              // as cenote serve: signatures are verified; no inbox, no pool
	AWSIssuer bool              // tokens name their issuer in the form of AWS
	Settings  map[string]string // more settings by their names, as flags give them: "smtp-url"
	Triggers  map[string]string // URLs of functions, by name or ARN
	Functions map[string]string // folders of functions, by name or ARN
	Log       *slog.Logger      // nil for warnings, among what the test says
}

// Server is a running server.
type Server struct {
	URL             string // without a trailing slash
	AccessKeyID     string
	SecretAccessKey string
	PoolID          string // of the ready pool; "" with Options.Serve
	ClientID        string // of its client; "" with Options.Serve
	DataDir         string
	Handler         http.Handler // what answers requests, for measurements without a network

	options Options
	listen  string
	clock   *clock.Clock
	inbox   *message.Inbox
	records *trigger.Records
	stop    context.CancelFunc
	stopped chan error
}

// EnvDatabase is the variable that makes servers without a database of their own use a new one on PostgreSQL: "postgres".
const EnvDatabase = "CENOTE_TEST_DATABASE"

// Start starts a server and returns when it answers. It ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Database == "" && o.Settings["database"] == "" && o.DataDir == "" && os.Getenv(EnvDatabase) == "postgres" {
		o.Database = pgtest.Start(t)
	}
	if o.DataDir == "" {
		o.DataDir = t.TempDir()
		if !o.Serve && o.Database == "" && o.Settings["database"] == "" && o.Settings["master-key-file"] == "" {
			prepare(t, o.DataDir)
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s := &Server{
		AccessKeyID: accessKeyID, SecretAccessKey: secretAccessKey, DataDir: o.DataDir,
		options: o, listen: FreeAddress(t), clock: clock.New(),
	}
	s.start(t)
	t.Cleanup(func() { s.Stop(t) })
	return s
}

// prepare puts the database of a development server that has started before into a folder, which saves most of the time of a start.
func prepare(t testing.TB, folder string) {
	t.Helper()
	image, err := prepared.Image()
	fatal(t, err)
	fatal(t, os.WriteFile(filepath.Join(folder, "cenote.db"), image, 0o600))
	fatal(t, os.WriteFile(filepath.Join(folder, "master.key"), []byte(prepared.MasterKey()+"\n"), 0o600))
}

func (s *Server) start(t testing.TB) {
	t.Helper()
	c, err := s.config()
	if err != nil {
		t.Fatalf("settings: %v", err)
	}
	o := server.Options{Config: c, Log: s.options.Log, Dev: !s.options.Serve, Clock: s.clock, StrictErrors: true, KeysOnDemand: true, Environ: os.Environ()}
	running, err := server.New(context.WithoutCancel(t.Context()), o)
	if err != nil {
		t.Fatalf("start server: %v", err)
	}
	s.URL, s.listen, s.Handler = running.URL, running.Address(), running.Handler()
	if running.Dev != nil {
		s.PoolID, s.ClientID, s.inbox = running.Dev.PoolID, running.Dev.ClientID, running.Dev.Inbox
		s.records = running.Dev.Triggers
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	stopped := make(chan error, 1)
	s.stop, s.stopped = stop, stopped
	go func() { stopped <- running.Run(ctx) }()
}

func (s *Server) config() (*config.Config, error) {
	flags := map[string]string{"listen": s.listen, "data-dir": s.DataDir, "shutdown-delay": "0s"}
	if s.options.Database != "" {
		flags["database"] = s.options.Database
	}
	if s.options.AWSIssuer {
		flags["aws-issuer"] = "true"
	}
	maps.Copy(flags, s.options.Settings)
	if len(s.options.Triggers)+len(s.options.Functions) > 0 {
		flags["config"] = filepath.Join(s.DataDir, "cenote.yaml")
		text, err := json.Marshal(map[string]any{"trigger-urls": s.options.Triggers, "functions": s.options.Functions}) // JSON is YAML
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(flags["config"], text, 0o600); err != nil {
			return nil, err
		}
	}
	env := map[string]string{"CENOTE_ROOT_ACCESS_KEY_ID": accessKeyID, "CENOTE_ROOT_SECRET_ACCESS_KEY": secretAccessKey}
	return config.Load(config.Sources{Flags: flags, Env: func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}})
}

// Stop stops the server as SIGTERM does and waits until it has ended. A second call does nothing.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.stop == nil {
		return
	}
	s.stop()
	s.stop = nil
	if err := <-s.stopped; err != nil {
		t.Errorf("the server stopped with: %v", err)
	}
	forget()
}

// Restart stops the server and starts it again, on the same data and address. Its clock goes on, and its inbox is as it was.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.Stop(t)
	s.start(t)
}

// SDK returns the official client for the server. It never retries, so that a test sees the first answer.
func (s *Server) SDK() *idp.Client { return Dial(s.URL, s.AccessKeyID, s.SecretAccessKey) }

// Messages returns what was sent to an address or phone number, newest first; to "" means to anybody.
func (s *Server) Messages(t testing.TB, to string) []message.Message {
	t.Helper()
	if s.inbox == nil {
		t.Fatal("a server that was started with Options.Serve has no inbox")
	}
	return s.inbox.Messages(to)
}

// Triggers returns what functions were asked, oldest first.
func (s *Server) Triggers(t testing.TB) []trigger.Record {
	t.Helper()
	if s.records == nil {
		t.Fatal("a server that was started with Options.Serve records no triggers")
	}
	all := s.records.All()
	slices.Reverse(all)
	return all
}

// Code returns the code in the newest message to an address or phone number. The message may still be on its way.
func (s *Server) Code(t testing.TB, to string) string {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found := s.Messages(t, to); len(found) > 0 {
			return strings.TrimSpace(found[0].Code)
		}
	}
	t.Fatalf("no message to %s", to)
	return ""
}

// Now returns the time that the server's codes and tokens live by.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Advance moves the server's clock forward.
func (s *Server) Advance(t testing.TB, d time.Duration) {
	t.Helper()
	if err := s.clock.Advance(d); err != nil {
		t.Fatal(err)
	}
}
