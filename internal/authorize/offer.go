package authorize

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// Offer is what the sign-in page of a client offers.
type Offer struct {
	Own     bool     // the pool's own users sign in here
	Buttons []string // identity providers, by name

	identifiers []string // of the providers that an e-mail address leads to; empty: the page asks for none
}

// Empty reports whether nobody can sign in to the client.
func (o *Offer) Empty() bool { return !o.Own && len(o.Buttons) == 0 && !o.AsksEmail() }

// AsksEmail reports whether the page asks for an e-mail address, whose domain chooses the provider.
func (o *Offer) AsksEmail() bool { return len(o.identifiers) > 0 }

// Identifier returns the identifier of the provider that an e-mail address, or a domain alone, leads to. Domains have no case, so one that
// differs by case serves where none is the same.
func (o *Offer) Identifier(address string) (identifier string, ok bool) {
	domain := address[strings.LastIndexByte(address, '@')+1:]
	if slices.Contains(o.identifiers, domain) {
		return domain, true
	}
	i := slices.IndexFunc(o.identifiers, func(identifier string) bool { return strings.EqualFold(identifier, domain) })
	if i < 0 {
		return "", false
	}
	return o.identifiers[i], true
}

// newOffer returns the offer of a client in a pool with the identity providers. Where the client has several SAML providers and all of them
// have identifiers, an e-mail address leads to them; otherwise each has a button (documented for both kinds of sign-in pages).
func newOffer(c *pool.Client, providers []wire.IdentityProviderType) *Offer {
	o := &Offer{Own: c.Supports(pool.CognitoProvider)}
	var saml []string
	named := true // all SAML providers so far have identifiers
	for _, name := range c.Settings.SupportedIdentityProviders {
		i := slices.IndexFunc(providers, func(v wire.IdentityProviderType) bool { return v.ProviderName == name })
		if i < 0 {
			continue
		}
		o.Buttons = append(o.Buttons, name)
		if v := providers[i]; v.ProviderType == "SAML" {
			saml = append(saml, name)
			named = named && len(v.IdpIdentifiers) > 0
			o.identifiers = append(o.identifiers, v.IdpIdentifiers...)
		}
	}
	if !named || len(saml) < 2 {
		o.identifiers = nil
		return o
	}
	o.Buttons = slices.DeleteFunc(o.Buttons, func(name string) bool { return slices.Contains(saml, name) })
	return o
}

// offerLife is how long a change of a provider may take to reach the sign-in page (documented). maxOffers bounds how many offers are kept; full,
// they are thrown away.
const (
	offerLife = time.Minute
	maxOffers = 1024
)

// offers keeps the offers of clients: a pool may have hundreds of providers.
type offers struct {
	mu   sync.Mutex
	made map[offerOf]keptOffer
}

type offerOf struct {
	client  string
	version int64
}

type keptOffer struct {
	*Offer
	made time.Time
}

// Offer returns what the sign-in page of a client offers.
func (s *Service) Offer(ctx context.Context, p *pool.Pool, c *pool.Client) (*Offer, error) {
	of, now := offerOf{c.ID, c.Version}, s.Now()
	s.offers.mu.Lock()
	kept, ok := s.offers.made[of]
	s.offers.mu.Unlock()
	if ok && !now.Before(kept.made) && now.Sub(kept.made) < offerLife {
		return kept.Offer, nil
	}
	var providers []wire.IdentityProviderType
	if slices.ContainsFunc(c.Settings.SupportedIdentityProviders, func(name string) bool { return name != pool.CognitoProvider }) {
		err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
			providers, err = tx.ProviderSettings(p)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	o := newOffer(c, providers)
	s.offers.mu.Lock()
	defer s.offers.mu.Unlock()
	if len(s.offers.made) >= maxOffers {
		clear(s.offers.made)
	}
	if s.offers.made == nil {
		s.offers.made = map[offerOf]keptOffer{}
	}
	s.offers.made[of] = keptOffer{o, now}
	return o, nil
}
