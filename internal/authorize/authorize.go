// Package authorize is the OAuth 2.0 side of a pool: what an application may ask for, the authorization code it gets when a user has
// signed in by the pages, what it exchanges the code for, and the browsers in which users stay signed in.
//
// A sign-in itself is none of its concern: package signin ends one in a grant, and Finish turns the grant into the answer to the
// application. It knows no HTTP beyond the addresses that browsers are sent to. Start with Service.Request and Service.Finish.
package authorize

import (
	"context"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

// Service answers applications. Its exported fields are set at start and never change.
type Service struct {
	Store  *store.Store
	SignIn *signin.Machine
	Tokens *token.Issuer
	Now    func() time.Time

	AccountPages bool // users have pages of their own (AccountPath)

	offers offers
}

// client returns a client of the pool; any pool's when poolID is empty. A client that does not exist is nil, and so is one whose id is a text
// that no client can have.
func (s *Service) client(ctx context.Context, poolID, id string) (*pool.Pool, *pool.Client, error) {
	if id == "" {
		return nil, nil, nil
	}
	p, c, err := s.Store.Client(ctx, id)
	switch {
	case fault.Is(err, fault.ResourceNotFound), fault.Is(err, fault.InvalidParameter):
		return nil, nil, nil
	case err != nil:
		return nil, nil, err
	case poolID != "" && p.ID != poolID:
		return nil, nil, nil
	}
	return p, c, nil
}

// Client returns the client that authenticates with the secret; it has none if it is public. poolID is the pool of the host that was
// asked, or empty.
func (s *Service) Client(ctx context.Context, poolID, id, secret string) (*pool.Pool, *pool.Client, error) {
	p, c, err := s.client(ctx, poolID, id)
	if err != nil {
		return nil, nil, err
	}
	if c == nil {
		return nil, nil, &Refusal{Code: InvalidClient}
	}
	if len(c.Secrets) == 0 && secret == "" {
		return p, c, nil
	}
	if !c.HasSecret(secret) {
		return nil, nil, &Refusal{Code: InvalidClient, Text: "invalid_client_secret"}
	}
	return p, c, nil
}

// refused turns a fault of a sign-in or of its tokens into a refusal with the words that the service has for it. Other errors stay what
// they are.
func refused(err error, code string) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	return &Refusal{Code: code, Text: f.Message, cause: err}
}
