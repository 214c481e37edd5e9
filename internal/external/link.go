package external

import (
	"slices"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// maxSameAddress is how many users may have an address for its owner to be found among them.
const maxSameAddress = 20

// linkByEmail links the account to the user of the pool's own whose address the provider vouches for, and returns the user; nil when there is
// none, or more than one. It asks for as much trust on both sides: the provider says that the address is verified, and here it is verified
// and, where addresses sign in, leads to this user now. A user with an account of the provider gets no second one: an address that the
// provider has given to somebody else does not take the user along. A disabled user is no reason to make another.
func (x *visitor) linkByEmail(tx *store.Tx, now time.Time) (*user.User, error) {
	if x.vouched == "" {
		return nil, nil
	}
	id, err := x.owner(tx)
	if err != nil || id == "" {
		return nil, err
	}
	u, err := tx.UserByID(x.Pool, id)
	if err != nil {
		return nil, err
	}
	if !u.Enabled {
		return nil, user.IsDisabled()
	}
	if u.Status != user.Confirmed || slices.ContainsFunc(u.Identities, func(i user.Identity) bool { return i.Provider == x.identity.Provider }) {
		return nil, nil
	}
	if err := u.Link(x.Pool, x.identity, now); err != nil {
		return nil, nil //nolint:nilerr // it has too many accounts, or could not be kept up to date: the account makes a user of its own
	}
	return u, x.bringUpToDate(tx, u, true, now)
}

// owner returns the id of the only user of the pool's own with the vouched address; "" when there is none.
func (x *visitor) owner(tx *store.Tx) (string, error) {
	same, err := tx.WithoutPasswords().Users(x.Pool, user.Query{Filter: user.Filter{Attribute: pool.Email, Value: x.vouched}, Limit: maxSameAddress + 1})
	if err != nil || len(same) > maxSameAddress {
		return "", err
	}
	name := user.Name{Kind: user.ByEmail, Value: x.Pool.Fold(x.vouched)}
	signsIn := x.Pool.IsAlias(pool.Email) || x.Pool.IsUsernameAttribute(pool.Email)
	var owners []string
	for _, u := range same {
		if u.External() || !u.Attributes.Verified(pool.Email) || x.Pool.Fold(u.Attributes[pool.Email]) != name.Value {
			continue
		}
		if signsIn {
			holder, err := tx.NameHolder(x.Pool, name)
			if err != nil {
				return "", err
			}
			if holder != u.ID {
				continue
			}
		}
		owners = append(owners, u.ID)
	}
	if len(owners) != 1 {
		return "", nil
	}
	return owners[0], nil
}
