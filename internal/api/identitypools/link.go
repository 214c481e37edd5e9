package identitypools

import (
	"context"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// errNoGuests is the answer to guests where none are let in.
var errNoGuests = fault.New(fault.NotAuthorized, "Unauthenticated access is not supported for this identity pool.")

// errNoMatch is the answer to logins that are none of the identity's.
var errNoMatch = fault.New(fault.NotAuthorized, "Logins don't match. Please include at least one valid login for this identity or identity pool.")

// errNoDeveloper is the answer to a developer provider that the pool does not have. The text was observed.
var errNoDeveloper = fault.New(fault.InvalidParameter, "This identity pool does not support the specified developer provider")

// identity loads an identity whose pool exists.
func (s *Service) identity(ctx context.Context, id string) (i *identity.Identity, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		if i, err = tx.Identity(id); err != nil {
			return err
		}
		p, err := tx.IdentityPool(i.PoolID)
		if fault.Is(err, fault.ResourceNotFound) || err == nil && foreign(ctx, p) {
			return identity.NotFound(id)
		}
		return err
	})
	return i, err
}

func showIdentity(i *identity.Identity) *wire.IdentityDescription {
	return &wire.IdentityDescription{IdentityId: i.ID, Logins: i.Providers(), CreationDate: wire.At(i.Created), LastModifiedDate: wire.At(i.Modified)}
}

// identify returns the identity that verified logins lead to, and makes it where there is none: a new one each time for a guest. Logins
// that led to several identities lead to one afterwards.
func (s *Service) identify(ctx context.Context, p *identity.Pool, logins []identity.Login) (i *identity.Identity, err error) {
	if len(logins) == 0 && !p.Settings.Pool.AllowUnauthenticatedIdentities {
		return nil, errNoGuests
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		holders, err := s.holders(tx, p, logins)
		if err != nil {
			return err
		}
		if len(holders) > 0 {
			i = holders[0]
			return s.gather(tx, p, i, holders[1:], logins)
		}
		now := s.Now()
		i = &identity.Identity{ID: identity.NewID(p.Region), PoolID: p.ID, Created: now, Modified: now}
		if err := tx.InsertIdentity(i); err != nil {
			return err
		}
		return s.gather(tx, p, i, nil, logins)
	})
	return i, err
}

// named returns the identity that a caller names, and its pool.
func (s *Service) named(ctx context.Context, id string) (*identity.Pool, *identity.Identity, error) {
	i, err := s.identity(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.pool(ctx, i.PoolID)
	return p, i, err
}

// present returns the identity for a caller who names one and shows logins, and the verified logins that entitle the caller to it. A guest who
// shows a login becomes its owner's identity, under the id that is answered.
func (s *Service) present(
	ctx context.Context, operation string, p *identity.Pool, named *identity.Identity, raw map[string]string,
) (i *identity.Identity, logins []identity.Login, err error) {
	if logins, err = s.logins(ctx, p, operation, raw); err != nil {
		return nil, nil, err
	}
	if len(logins) == 0 {
		switch {
		case len(named.Logins) > 0 || named.Disabled:
			return nil, nil, identity.Forbidden(named.ID)
		case !p.Settings.Pool.AllowUnauthenticatedIdentities:
			return nil, nil, errNoGuests
		}
		return named, nil, nil
	}
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if i, err = tx.Identity(named.ID); err != nil {
			return err
		}
		holders, err := s.holders(tx, p, logins)
		if err != nil {
			return err
		}
		owned := slices.ContainsFunc(holders, func(h *identity.Identity) bool { return h.ID == i.ID })
		switch {
		case owned, len(i.Logins) == 0 && !i.Disabled && len(holders) == 0:
			others := slices.DeleteFunc(holders, func(h *identity.Identity) bool { return h.ID == i.ID })
			return s.gather(tx, p, i, others, logins)
		case len(holders) > 0 && len(i.Logins) == 0: // a guest, or an identity that is disabled
			guest := i
			i = holders[0]
			others := holders[1:]
			if !guest.Disabled {
				others = append(others, guest)
			}
			return s.gather(tx, p, i, others, logins)
		}
		return errNoMatch
	})
	return i, logins, err
}

// holders returns the identities that the logins lead to, the oldest first.
func (s *Service) holders(tx *store.Tx, p *identity.Pool, logins []identity.Login) ([]*identity.Identity, error) {
	var all []*identity.Identity
	for _, l := range logins {
		id, err := tx.LinkHolder(p.ID, identity.Link{Provider: l.Provider, Subject: l.Subject})
		if err != nil {
			return nil, err
		}
		if id == "" || slices.ContainsFunc(all, func(h *identity.Identity) bool { return h.ID == id }) {
			continue
		}
		h, err := tx.Identity(id)
		if err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	slices.SortStableFunc(all, func(a, b *identity.Identity) int { return a.Created.Compare(b.Created) })
	return all, nil
}

// gather lets all logins lead to one identity, and merges others into it.
func (s *Service) gather(tx *store.Tx, p *identity.Pool, into *identity.Identity, others []*identity.Identity, logins []identity.Login) error {
	for _, o := range others {
		if err := s.merge(tx, p, into, o); err != nil {
			return err
		}
	}
	changed := false
	for _, l := range logins {
		link := identity.Link{Provider: l.Provider, Subject: l.Subject}
		if slices.Contains(into.Logins, link) {
			continue
		}
		if l.Kind != identity.Developer && slices.ContainsFunc(into.Logins, func(o identity.Link) bool { return o.Provider == l.Provider }) {
			return fault.Newf(fault.ResourceConflict, "The identity has another login of %s.", l.Provider)
		}
		if len(into.Logins) >= identity.MaxLogins {
			return fault.Newf(fault.ResourceConflict, "An identity can have %d logins at the most.", identity.MaxLogins)
		}
		if err := tx.AddLink(p.ID, into.ID, link); err != nil {
			return err
		}
		into.Logins = append(into.Logins, link)
		changed = true
	}
	if !changed {
		return nil
	}
	into.Modified = s.Now()
	return tx.SaveIdentity(into)
}

// merge moves the logins of an identity to another one and disables it.
func (s *Service) merge(tx *store.Tx, p *identity.Pool, into, from *identity.Identity) error {
	if len(into.Logins)+len(from.Logins) > identity.MaxLogins {
		return fault.Newf(fault.ResourceConflict, "An identity can have %d logins at the most.", identity.MaxLogins)
	}
	for _, l := range from.Logins {
		if l.Provider != p.Settings.Pool.DeveloperProviderName && slices.ContainsFunc(into.Logins, func(o identity.Link) bool { return o.Provider == l.Provider }) {
			return fault.Newf(fault.ResourceConflict, "Both identities have a login of %s.", l.Provider)
		}
		if err := tx.AddLink(p.ID, into.ID, l); err != nil {
			return err
		}
		into.Logins = append(into.Logins, l)
	}
	now := s.Now()
	from.Disabled, from.Logins, from.Modified, into.Modified = true, nil, now, now
	if err := tx.SaveIdentity(from); err != nil {
		return err
	}
	return tx.SaveIdentity(into)
}

// unlink takes logins away from the identity that they lead to.
func (s *Service) unlink(tx *store.Tx, i *identity.Identity, logins ...identity.Link) error {
	if len(logins) == 0 {
		return nil
	}
	for _, l := range logins {
		if err := tx.RemoveLink(i.PoolID, l); err != nil {
			return err
		}
		i.Unlink(l, s.Now())
	}
	return tx.SaveIdentity(i)
}

// registerDeveloper links a developer's user to an identity that the caller names.
func (s *Service) registerDeveloper(ctx context.Context, p *identity.Pool, id string, logins []identity.Login, subject string) (i *identity.Identity, err error) {
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		if i, err = tx.Identity(id); err != nil {
			return err
		}
		if i.PoolID != p.ID {
			return identity.NotFound(id)
		}
		holder, err := tx.LinkHolder(p.ID, identity.Link{Provider: p.Settings.Pool.DeveloperProviderName, Subject: subject})
		if err != nil {
			return err
		}
		if holder != "" && holder != id {
			return fault.New(fault.DeveloperUserAlreadyRegistered, "The developer user identifier is registered with another identity.")
		}
		if i.Disabled {
			return identity.Forbidden(id)
		}
		holders, err := s.holders(tx, p, logins)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(holders, func(h *identity.Identity) bool { return h.ID == id })
		return s.gather(tx, p, i, others, logins)
	})
	return i, err
}
