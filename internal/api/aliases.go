package api

import (
	"errors"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// saveWithAliases saves a user who may have gained an alias. An alias that somebody else holds is refused, unless force moves it:
// then the other user keeps the address, unverified.
func saveWithAliases(tx *store.Tx, p *pool.Pool, u *user.User, force bool) error {
	return withAliases(tx, p, u, force, tx.SaveUser)
}

// withAliases writes the user by write, as saveWithAliases describes.
func withAliases(tx *store.Tx, p *pool.Pool, u *user.User, force bool, write func(*pool.Pool, *user.User) error) error {
	for {
		err := write(p, u)
		var taken *store.NameTaken
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

// aliasExists turns a name that somebody else holds into the answer for an existing user's change.
func aliasExists(err error) error {
	var taken *store.NameTaken
	if errors.As(err, &taken) {
		return user.AliasExists(string(taken.Name.Kind))
	}
	return err
}
