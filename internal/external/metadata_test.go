package external

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/standin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// publisher publishes metadata of which a test decides, and counts who asks.
type publisher struct {
	mu       sync.Mutex
	document string // empty: the server has a fault
	asked    int
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.asked++; p.document == "" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = io.WriteString(w, p.document)
}

// publish replaces the document and returns how often the one before was asked for.
func (p *publisher) publish(document string) (asked int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, p.asked, p.document = p.asked, 0, document
	return asked
}

// newMetadata returns metadata with a new certificate.
func newMetadata(t *testing.T) string {
	t.Helper()
	w := httptest.NewRecorder()
	standin.New("https://idp.example.com", time.Now).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, standin.Path+"saml/metadata", nil))
	return w.Body.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMetadataIsFetchedAgainBySchedule(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "cenote.db") }, "postgres": func(t *testing.T) string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fetchAgain(t, database(t))
		})
	}
}

// newService returns a service with a database and a pool.
func newService(t *testing.T, database string) (*Service, *pool.Pool) {
	t.Helper()
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret)
	master, err := seal.NewMaster(secret)
	must(t, err)
	opened, err := store.Open(t.Context(), store.Options{Database: database, Master: master, Now: time.Now})
	must(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	p, err := pool.New(&wire.CreateUserPoolInput{PoolName: "shop"}, "us-east-1", "000000000000", time.Now())
	must(t, err)
	must(t, opened.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertPool(p) }))
	return &Service{Store: opened, Now: time.Now, Log: slog.New(slog.DiscardHandler)}, p
}

func fetchAgain(t *testing.T, database string) {
	t.Helper()
	now := new(time.Time)
	*now = time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC)
	s, p := newService(t, database)
	s.Now = func() time.Time { return *now }
	s.Resolver = federate.NewResolver(outbound.Private, s.Now)

	first, second := newMetadata(t), newMetadata(t)
	source := &publisher{document: first}
	server := httptest.NewServer(source)
	t.Cleanup(server.Close)
	for name, details := range map[string]map[string]string{"Corp": {"MetadataURL": server.URL}, "Given": {"MetadataFile": first}} {
		v, err := pool.NewProvider(p, &wire.CreateIdentityProviderInput{UserPoolId: p.ID, ProviderName: name, ProviderType: "SAML", ProviderDetails: details}, *now)
		must(t, err)
		must(t, s.Resolver.Complete(t.Context(), v))
		must(t, s.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertProvider(p, v) }))
	}
	read := func(name string) (v *pool.Provider) {
		t.Helper()
		must(t, s.Store.View(t.Context(), func(tx *store.Tx) (err error) { v, err = tx.Provider(p, name); return err }))
		return v
	}
	// round lets time pass and runs the schedule.
	round := func(pass time.Duration, asked int, document, fault string) {
		t.Helper()
		*now = now.Add(pass)
		must(t, s.RefreshMetadata(t.Context()))
		source.mu.Lock()
		n := source.asked
		source.asked = 0
		source.mu.Unlock()
		if v := read("Corp"); n != asked || v.Metadata != document || !strings.Contains(v.Fault, fault) || (fault == "") != (v.Fault == "") {
			t.Errorf("after %s: asked %d times, want %d; the new document: %v, want %v; fault %q, want %q", pass, n, asked, v.Metadata == second, document == second, v.Fault, fault)
		}
		if v := read("Given"); !v.Due.IsZero() || v.Metadata != first {
			t.Errorf("a document that was given is due %s", v.Due)
		}
	}
	source.publish(second)
	round(4*time.Hour, 0, first, "")
	round(61*time.Minute, 1, second, "")
	round(time.Minute, 0, second, "")
	// What is known counts on while there is nothing better, and the provider is not asked all the time.
	source.publish("")
	round(5*time.Hour, 1, second, "Error retrieving metadata")
	for broken, fault := range map[string]string{"<!DOCTYPE x>" + first: "document type", "<html/>": "EntityDescriptor", strings.ReplaceAll(first, "IDPSSO", "SPSSO"): "IDPSSODescriptor"} {
		source.publish(broken)
		round(10*time.Minute, 0, second, "e")
		round(6*time.Minute, 1, second, fault)
	}
	if _, err := s.metadata(t.Context(), p, read("Corp")); err != nil {
		t.Errorf("in the meantime: %v", err)
	}
	// Two nodes ask once.
	source.publish(first)
	*now = now.Add(16 * time.Minute)
	var nodes sync.WaitGroup
	for range 2 {
		nodes.Go(func() {
			if err := s.RefreshMetadata(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
	if n := source.publish(second); n != 1 {
		t.Errorf("two nodes asked %d times", n)
	}
	// A provider that was changed or deleted while its metadata was fetched stays as it is.
	stale := read("Corp")
	*now = now.Add(5 * time.Hour)
	changed := read("Corp")
	changed.Settings.AttributeMapping = map[string]string{"email": "mail"}
	must(t, s.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveProvider(p, changed) }))
	if _, err := s.refresh(t.Context(), p, stale); err != nil {
		t.Error(err)
	}
	if v := read("Corp"); v.Settings.AttributeMapping["email"] != "mail" || v.Metadata != first {
		t.Errorf("the change is lost: %v", v.Settings.AttributeMapping)
	}
	must(t, s.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.DeleteProvider(p.ID, "Corp") }))
	if _, err := s.refresh(t.Context(), p, stale); err != nil {
		t.Error(err)
	}
}
