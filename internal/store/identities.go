package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// IdentityTaken answers a save of a user with an account at a provider that leads to another user.
type IdentityTaken struct {
	Identity user.Identity
	UserID   string // whom it leads to
}

// Error leaves the account itself out: it may be an address.
func (e *IdentityTaken) Error() string {
	return fmt.Sprintf("an account at %s leads to user %s", e.Identity.Provider, e.UserID)
}

// UserByIdentity loads the user whom an account at a provider leads to: by pool.SubjectAttribute and the subject, or by another attribute
// that was linked before the account signed in. user.NotFound when there is none.
func (tx *Tx) UserByIdentity(p *pool.Pool, provider, attribute, value string) (*user.User, error) {
	return tx.oneUser(p, tx.users(userByIdentity, p.ID, provider, attribute, indexKey(value)))
}

var userByIdentity = loadUsers(`from identities i cross join users u
	where i.pool_id = $1 and i.provider = $2 and i.attribute = $3 and i.value = $4 and u.pool_id = i.pool_id and u.user_id = i.user_id`)

// LinkedAttributes lists the attributes by which accounts at a provider have been linked, the subject among them, at most limit. It looks
// each up in turn, so that it costs the same with any number of accounts.
func (tx *Tx) LinkedAttributes(poolID, provider string, limit int) (attributes []string, err error) {
	for after := ""; len(attributes) < limit; {
		err := tx.queryRow(`select attribute from identities where pool_id = $1 and provider = $2 and attribute > $3 order by attribute limit 1`,
			poolID, provider, after).Scan(&after)
		if errors.Is(err, sql.ErrNoRows) {
			break
		}
		if err != nil {
			return nil, err
		}
		attributes = append(attributes, after)
	}
	return attributes, nil
}

// changeIdentities brings the rows of a user from one list to another. It answers *IdentityTaken, and has changed nothing, when one of the
// accounts leads to another user.
func (tx *Tx) changeIdentities(poolID, userID string, before, after []user.Identity) error {
	var fresh []user.Identity
	for _, i := range after {
		if slices.ContainsFunc(before, i.Same) {
			continue
		}
		var holder string
		err := tx.queryRow(`select user_id from identities where pool_id = $1 and provider = $2 and attribute = $3 and value = $4`,
			poolID, i.Provider, i.Attribute, indexKey(i.Value)).Scan(&holder)
		switch {
		case err == nil && holder != userID:
			return &IdentityTaken{Identity: i, UserID: holder}
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		}
		fresh = append(fresh, i)
	}
	for _, i := range before {
		if slices.ContainsFunc(after, i.Same) {
			continue
		}
		_, err := tx.exec(`delete from identities where pool_id = $1 and provider = $2 and attribute = $3 and value = $4 and user_id = $5`,
			poolID, i.Provider, i.Attribute, indexKey(i.Value), userID)
		if err != nil {
			return fmt.Errorf("remove identity of user %s: %w", userID, err)
		}
	}
	for _, i := range fresh {
		// Of two transactions that insert the same account, PostgreSQL lets the later one wait here and then run again.
		_, err := tx.exec(`insert into identities (pool_id, provider, attribute, value, user_id) values ($1, $2, $3, $4, $5)`,
			poolID, i.Provider, i.Attribute, indexKey(i.Value), userID)
		if err != nil {
			return fmt.Errorf("add identity of user %s: %w", userID, err)
		}
	}
	return nil
}
