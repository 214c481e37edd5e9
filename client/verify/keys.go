package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	fetchTimeout = 5 * time.Second
	maxKeySet    = 256 << 10
	maxKeys      = 100

	// penalty is how long an issuer is left in peace after its keys were fetched: a token can name any key.
	penalty = 10 * time.Second
)

// keySet is the keys at one address, fetched when they are first needed, and again for a key that is not among them.
type keySet struct {
	url    string // "" for keys that were given
	http   *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu      sync.RWMutex
	keys    map[string]jose.JSONWebKey
	tried   time.Time // when they were last fetched, with or without success
	failure error     // of the last time
}

// key returns a key by its id. The error is ErrKey or ErrKeys.
func (s *keySet) key(ctx context.Context, id string) (jose.JSONWebKey, error) {
	key, found, fetch, failure := s.lookUp(id)
	if found {
		return key, nil
	}
	if fetch {
		if failure = s.fetchOnce(ctx, id); failure == nil {
			if key, found, _, _ = s.lookUp(id); found {
				return key, nil
			}
		}
	}
	if failure != nil {
		return jose.JSONWebKey{}, failure
	}
	return jose.JSONWebKey{}, ErrKey
}

// lookUp also tells whether fetching may help, and if not, what went wrong last time.
func (s *keySet) lookUp(id string) (key jose.JSONWebKey, found, fetch bool, failure error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	key, found = s.keys[id]
	fetch = s.url != "" && (s.tried.IsZero() || s.now().Sub(s.tried) >= penalty)
	return key, found, fetch, s.failure
}

// fetchOnce fetches the keys for all callers that wait. A caller that gives up does not stop it for the others.
func (s *keySet) fetchOnce(ctx context.Context, id string) error {
	done := s.flight.DoChan("", func() (any, error) {
		if _, found, fetch, failure := s.lookUp(id); found || !fetch { // somebody was faster
			return nil, failure
		}
		detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		keys, err := s.fetch(detached)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tried, s.failure = s.now(), err
		if err == nil {
			s.keys = keys
		}
		return nil, err
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r := <-done:
		return r.Err
	}
}

func (s *keySet) fetch(ctx context.Context) (map[string]jose.JSONWebKey, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := s.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: %s answers %s", ErrKeys, s.url, res.Status)
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, maxKeySet+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	return parseKeys(text)
}

// parseKeys reads a key set. Keys that sign no tokens are left out.
func parseKeys(text []byte) (map[string]jose.JSONWebKey, error) {
	if len(text) > maxKeySet {
		return nil, fmt.Errorf("%w: the set is longer than %d bytes", ErrKeys, maxKeySet)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil || set.Keys == nil {
		return nil, fmt.Errorf("%w: not a key set", ErrKeys)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("%w: more than %d keys", ErrKeys, maxKeys)
	}
	keys := make(map[string]jose.JSONWebKey)
	for _, raw := range set.Keys {
		var key jose.JSONWebKey
		if err := json.Unmarshal(raw, &key); err != nil {
			continue // of a kind that this library does not know
		}
		if usable(&key) != nil {
			continue
		}
		keys[key.KeyID] = key
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: the set has no key that signs tokens", ErrKeys)
	}
	return keys, nil
}

var errUnusable = errors.New("not a public key for signatures")

func usable(key *jose.JSONWebKey) error {
	if !key.IsPublic() || !key.Valid() || key.KeyID == "" || (key.Use != "" && key.Use != "sig") || len(algorithmsOf(key)) == 0 {
		return errUnusable
	}
	return nil
}
