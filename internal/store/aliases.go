package store

import (
	"errors"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// WithAliases writes a user who may have gained an alias, by write (SaveUser or InsertUser). An alias that somebody else holds is
// refused with user.AliasExists. With force, an e-mail address or a phone number moves to this user (ForceAliasCreation is documented for
// these only): the other one keeps it, unverified. A username that is taken stays *NameTaken.
//
// A preferred_username that looks like an address never keeps the address from its owner: it is lost, with and without force. Such names
// are refused nowadays, but may have been stored.
func (tx *Tx) WithAliases(p *pool.Pool, u *user.User, force bool, write func(*pool.Pool, *user.User) error) error {
	for {
		err := write(p, u)
		var taken *NameTaken
		if !errors.As(err, &taken) || taken.Name.Kind == user.ByUsername || taken.Name.Kind == user.ByID {
			return err
		}
		address := taken.Name.Kind != user.ByPreferredUsername
		squatted := address && taken.HeldAs == user.ByPreferredUsername
		if !squatted && (!force || !address || !p.IsAlias(string(taken.HeldAs))) {
			return user.AliasExists(string(taken.Name.Kind))
		}
		other, err := tx.UserByID(p, taken.UserID)
		if err != nil {
			return err
		}
		other.LoseAlias(taken.HeldAs, u.Modified)
		if err := tx.SaveUser(p, other); err != nil {
			return err
		}
	}
}
