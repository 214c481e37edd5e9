// Package external signs people in whom an identity provider of the pool has authenticated.
//
// Begin sends a browser to the provider. What has to be known when it comes back travels as the state, sealed for this browser and good for
// one return. Return reads what the provider says about the person; the person is found or made a user (person.go), and package signin ends
// the sign-in in a grant like any other. Who speaks which protocol is the concern of package federate. Start with Service.Begin.
package external

import (
	"context"
	"log/slog"
	"time"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/trigger"
)

// Service signs people in by identity providers. All fields are set at start and never change.
type Service struct {
	Store     *store.Store
	Authorize *authorize.Service
	SignIn    *signin.Machine
	Party     *federate.RelyingParty
	Resolver  *federate.Resolver // fetches the metadata of SAML providers again
	Keys      *token.KeyMaker
	// Extensions lets the details of providers count that the service does not know (pool.LinkVerifiedEmail, pool.AskMFA).
	Extensions bool
	// Reveal shows operators what providers say about people as it is, on a development server; else values are masked.
	Reveal   bool
	Triggers *trigger.Runner         // nil: no function is ever asked
	Base     func(*pool.Pool) string // address of the pool's endpoints, without a trailing slash
	Now      func() time.Time
	Log      *slog.Logger
}

// Provider returns the identity provider that a request leads to at once; nil when the person has to sign in, or to choose, on a page.
func (s *Service) Provider(ctx context.Context, r *authorize.Request) (*pool.Provider, error) {
	name := r.LeadsTo()
	if name == "" {
		return nil, nil
	}
	return s.provider(ctx, r.Pool, name)
}

func (s *Service) provider(ctx context.Context, p *pool.Pool, name string) (*pool.Provider, error) {
	v, err := s.stored(ctx, p, name)
	if fault.Is(err, fault.ResourceNotFound) {
		return nil, &authorize.Refusal{Code: authorize.InvalidRequest, Text: authorize.NoLogin}
	}
	return v, err
}

// stored reads a provider; pool.ProviderNotFound when there is none.
func (s *Service) stored(ctx context.Context, p *pool.Pool, name string) (v *pool.Provider, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		v, err = tx.Provider(p, name)
		return err
	})
	return v, err
}
