package notify

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Pretend shows where a code for the name would go if there were such a user, for clients that hide who exists: to the first of the
// contacts that the phantom of the name has, else to any.
func Pretend(p *pool.Pool, name string, contacts []pool.Contact) *wire.CodeDeliveryDetailsType {
	u := user.Phantom(p, name)
	has := func(c pool.Contact) bool { return u.Attributes[c] != "" }
	if i := slices.IndexFunc(contacts, has); i >= 0 {
		return Details(contacts[i], u.Attributes[contacts[i]])
	}
	all := user.Contacts()
	i := slices.IndexFunc(all, has)
	return Details(all[i], u.Attributes[all[i]])
}
