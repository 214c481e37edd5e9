package notify

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Pretend shows where a code would go that is not sent, for clients that hide who exists: to the first of the contacts that the user has,
// verified ones before others, else to any. A user without one shows those of the phantom of the name. So a name shows the same addresses
// whatever is asked for, be it somebody's or nobody's.
func Pretend(p *pool.Pool, u *user.User, name string, contacts []pool.Contact) *wire.CodeDeliveryDetailsType {
	contacts = slices.Concat(contacts, user.Contacts())
	for _, u := range []*user.User{u, user.Phantom(p, name)} {
		verified := func(c pool.Contact) bool { return u.Reachable(c) }
		known := func(c pool.Contact) bool { return u.Attributes[c] != "" }
		for _, has := range []func(pool.Contact) bool{verified, known} {
			if i := slices.IndexFunc(contacts, has); i >= 0 {
				return Details(contacts[i], u.Attributes[contacts[i]])
			}
		}
	}
	return nil // no phantom is without a contact
}
