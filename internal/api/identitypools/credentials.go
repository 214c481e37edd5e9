package identitypools

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
)

// vendedLife is how long credentials of this server's own live.
const vendedLife = time.Hour

// credentials returns credentials of a role: from the STS, which gets an OpenID token of the identity (or the one that a developer's user
// showed, as it is), or of this server's own where there is no STS.
func (s *Service) credentials(ctx context.Context, p *identity.Pool, i *identity.Identity, logins []identity.Login, role, shown string) (identity.Credentials, error) {
	if s.STS == nil {
		return s.vend(ctx, i, role)
	}
	if shown == "" {
		var err error
		if shown, err = s.openIDToken(ctx, p, i, logins, p.Tags(logins), openIDLife); err != nil {
			return identity.Credentials{}, err
		}
	}
	return s.STS.AssumeRole(ctx, role, shown)
}

// vend makes credentials that the API of this server accepts, for as much as the operator lets the role do (setting roles).
func (s *Service) vend(ctx context.Context, i *identity.Identity, role string) (identity.Credentials, error) {
	c := identity.Credentials{
		AccessKeyID: "ASIA" + rand.Text()[:16], SecretKey: (rand.Text() + rand.Text())[:40], SessionToken: rand.Text() + rand.Text(),
		Expires: s.Now().Add(vendedLife).Truncate(time.Second),
	}
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.InsertVendedKey(store.VendedKey{
			ID: c.AccessKeyID, Secret: c.SecretKey, SessionToken: c.SessionToken, RoleARN: role, IdentityID: i.ID, Expires: c.Expires,
		})
	})
	return c, err
}
