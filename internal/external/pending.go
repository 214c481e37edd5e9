package external

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// pendingLife is how long a person may take at a provider (documented).
const pendingLife = 5 * time.Minute

// purpose is what a person is sent to a provider for.
type purpose string

const (
	toSignIn  purpose = "visit to a provider"
	toSignOut purpose = "sign-out at a provider"
)

// pending is a visit to a provider under way. It travels as the state, so that no node has to remember it.
type pending struct {
	ID       string    `json:"i"` // also what the provider has to say again: the nonce, or the id of a SAML request
	Query    string    `json:"q"` // the authorization request, or that to sign out
	Provider string    `json:"p"`
	Began    time.Time `json:"b"`
}

func (s *Service) newPending(query string, v *pool.Provider) pending {
	return pending{ID: "_" + rand.Text(), Query: query, Provider: v.Name, Began: s.Now()}
}

// errState is the answer to a state that is not of this browser, has been used, or is too old. The text is the service's (observed).
var errState = &authorize.Refusal{Code: authorize.InvalidRequest, Text: "Invalid state"}

// stateContext binds a state to the pool, to what it is for and to the browser that began.
func stateContext(p *pool.Pool, to purpose, browser string) []string {
	return []string{p.ID, string(to), browser}
}

// seal returns the state: the pool's id, by which the main address finds the pool, and the rest sealed.
func (w pending) seal(p *pool.Pool, to purpose, browser string) (string, error) {
	plain, err := json.Marshal(w)
	if err != nil {
		return "", err
	}
	return p.ID + "." + base64.RawURLEncoding.EncodeToString(p.Key.Seal(plain, stateContext(p, to, browser)...)), nil
}

// isState reports whether a text has the form of a state, of whichever pool.
func isState(text string) bool {
	_, sealed, ok := strings.Cut(text, ".")
	_, err := base64.RawURLEncoding.Strict().DecodeString(sealed)
	return ok && err == nil
}

// open returns what a state of this browser stands for. poolID is the pool of the host; empty on the main address.
func (s *Service) open(ctx context.Context, poolID, state string, to purpose, browser string) (*pending, *pool.Pool, error) {
	id, text, _ := strings.Cut(state, ".")
	if browser == "" || poolID != "" && id != poolID {
		return nil, nil, errState
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, nil, errState
	}
	p, err := s.Store.Pool(ctx, id)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, nil, errState
	}
	if err != nil {
		return nil, nil, err
	}
	plain, err := p.Key.Open(sealed, stateContext(p, to, browser)...)
	if err != nil {
		return nil, nil, errState
	}
	w := &pending{}
	if err := wire.Unmarshal(plain, w); err != nil {
		return nil, nil, err
	}
	return w, p, nil
}

// use uses a state up.
func (s *Service) use(ctx context.Context, w *pending, p *pool.Pool) error {
	if s.Now().Sub(w.Began) > pendingLife {
		return errState
	}
	first := false
	err := s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		first, err = tx.Consume(p.ID, "visit "+w.ID, w.Began.Add(pendingLife))
		return err
	})
	if err == nil && !first {
		return errState
	}
	return err
}

// resume uses a state up and returns the request that it belongs to, with the provider. Both are read again: either may have changed.
func (s *Service) resume(ctx context.Context, w *pending, p *pool.Pool) (*authorize.Request, *pool.Provider, error) {
	if err := s.use(ctx, w, p); err != nil {
		return nil, nil, err
	}
	q, err := url.ParseQuery(w.Query)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.Authorize.Request(ctx, p.ID, q)
	if err != nil {
		return nil, nil, err
	}
	if !r.Client.Supports(w.Provider) {
		return nil, nil, &authorize.Refusal{Code: authorize.InvalidRequest, Text: authorize.NoLogin}
	}
	v, err := s.provider(ctx, p, w.Provider)
	return r, v, err
}
