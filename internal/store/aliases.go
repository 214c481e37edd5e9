package store

import (
	"errors"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// WithAliases writes a user who may have gained an alias, by write (SaveUser or InsertUser). An alias that somebody else holds is
// refused with user.AliasExists, or moves to this user with force: then the other one keeps the address, unverified. A username that is
// taken stays *NameTaken.
func (tx *Tx) WithAliases(p *pool.Pool, u *user.User, force bool, write func(*pool.Pool, *user.User) error) error {
	for {
		err := write(p, u)
		var taken *NameTaken
		if !errors.As(err, &taken) || taken.Name.Kind == user.ByUsername {
			return err
		}
		if !force || !p.IsAlias(string(taken.Name.Kind)) {
			return user.AliasExists(string(taken.Name.Kind))
		}
		other, err := tx.UserByID(p, taken.UserID)
		if err != nil {
			return err
		}
		other.LoseAlias(string(taken.Name.Kind))
		if err := tx.SaveUser(p, other); err != nil {
			return err
		}
	}
}
