package federate

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/outbound"
)

const (
	// registryLife is how old metadata of a registered provider gets before it is fetched again.
	registryLife = 5 * time.Hour
	// registryPause is the time until the next attempt after one that failed.
	registryPause = time.Minute
)

// Registry knows the metadata of the SAML providers that the operator has registered for identity pools, in place of IAM. Documents of files
// are read at the start; those of web addresses when they are needed, and again when they are old. What is known counts on while that fails.
type Registry struct {
	client  *http.Client
	now     func() time.Time
	entries map[string]*registered // by ARN
}

type registered struct {
	address string // empty: a file

	mu    sync.Mutex
	known *Metadata
	next  time.Time // when it is fetched again
}

// NewRegistry returns a registry of sources by ARN: paths of files and http or https addresses. The addresses are the operator's, so that they
// may be private. Its error names the ARN.
func NewRegistry(sources map[string]string, now func() time.Time) (*Registry, error) {
	r := &Registry{
		client: outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: callTime, MaxBody: maxAnswer, Redirects: 5}),
		now:    now, entries: map[string]*registered{},
	}
	for arn, source := range sources {
		if strings.HasPrefix(source, "https://") || strings.HasPrefix(source, "http://") {
			r.entries[arn] = &registered{address: source}
			continue
		}
		document, err := os.ReadFile(source) //nolint:gosec // a path of the operator's
		if err != nil {
			return nil, fmt.Errorf("metadata of %s: %w", arn, err)
		}
		m, err := ParseMetadata(document)
		if err != nil {
			return nil, fmt.Errorf("metadata of %s: %w", arn, err)
		}
		r.entries[arn] = &registered{known: m}
	}
	return r, nil
}

// Metadata returns what the provider says about itself; nil for one that is not registered.
func (r *Registry) Metadata(ctx context.Context, arn string) (*Metadata, error) {
	e := r.entries[arn]
	switch {
	case e == nil:
		return nil, nil
	case e.address == "":
		return e.known, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	now := r.now()
	if now.Before(e.next) && e.known != nil {
		return e.known, nil
	}
	m, err := fetchMetadata(ctx, r.client, e.address)
	if err != nil {
		e.next = now.Add(registryPause)
		if e.known != nil {
			return e.known, nil
		}
		return nil, err
	}
	e.known, e.next = m, now.Add(registryLife)
	return m, nil
}

// fetchMetadata reads the metadata that is at the address.
func fetchMetadata(ctx context.Context, client *http.Client, address string) (*Metadata, error) {
	document, err := get(ctx, client, address)
	if err != nil {
		return nil, err
	}
	return ParseMetadata(document)
}
