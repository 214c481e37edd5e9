package store

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// NameTaken answers a save of a user with a sign-in name that another user has.
type NameTaken struct {
	Name   user.Name
	UserID string        // who has it
	HeldAs user.NameKind // what it is to that user
}

// Error leaves the name itself out: it may be an address.
func (e *NameTaken) Error() string {
	return fmt.Sprintf("a sign-in name of kind %s is taken by user %s", e.Name.Kind, e.UserID)
}

// NameHolder returns the id of the user to whom the folded name leads, or "" when it is free.
func (tx *Tx) NameHolder(p *pool.Pool, n user.Name) (userID string, err error) {
	userID, _, err = tx.holder(p.ID, indexKey(n.Value))
	return userID, err
}

// holder returns the user to whom a name leads and what it is to that user: names and ids are one space, in which an id comes first.
func (tx *Tx) holder(poolID, key string) (userID string, kind user.NameKind, err error) {
	if id := strings.ToLower(key); user.IsID(id) {
		err = tx.queryRow(`select user_id from users where pool_id = $1 and user_id = $2`, poolID, id).Scan(&userID)
		if !errors.Is(err, sql.ErrNoRows) {
			return userID, user.ByID, err
		}
	}
	err = tx.queryRow(`select user_id, kind from sign_in_names where pool_id = $1 and name = $2`, poolID, key).Scan(&userID, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return userID, kind, err
}

// nameRows are the rows of a user in sign_in_names by their key. A user whose address is also its username has one row for both.
type nameRows map[string]user.Name

func namesOf(p *pool.Pool, u *user.User) nameRows {
	rows := nameRows{}
	for _, n := range u.Names(p) {
		key := indexKey(n.Value)
		if _, ok := rows[key]; !ok {
			rows[key] = n
		}
	}
	return rows
}

// without returns the rows that the other set does not have in the same form.
func (rows nameRows) without(other nameRows) nameRows {
	rest := nameRows{}
	for key, n := range rows {
		if other[key] != n {
			rest[key] = n
		}
	}
	return rest
}

// checkFree answers *NameTaken when a name is another user's. The primary key would say so too, but only by ending the transaction.
func (tx *Tx) checkFree(poolID, userID string, rows nameRows) error {
	for _, key := range slices.Sorted(maps.Keys(rows)) { // of two that are taken, the same one is told each time
		n := rows[key]
		switch holder, kind, err := tx.holder(poolID, key); {
		case err != nil:
			return err
		case holder != "" && holder != userID:
			return &NameTaken{Name: n, UserID: holder, HeldAs: kind}
		}
	}
	return nil
}

// changeNames brings the rows of a user from one set to another; checkFree has passed the new ones.
func (tx *Tx) changeNames(poolID, userID string, before, after nameRows) error {
	for key := range before {
		if _, ok := after[key]; ok {
			continue
		}
		if _, err := tx.exec(`delete from sign_in_names where pool_id = $1 and name = $2 and user_id = $3`, poolID, key, userID); err != nil {
			return fmt.Errorf("remove sign-in name of user %s: %w", userID, err)
		}
	}
	for key, n := range after.without(before) {
		// Of two transactions that insert the same name, PostgreSQL lets the later one wait here and then run again.
		changed, err := tx.exec(`insert into sign_in_names (pool_id, name, kind, user_id) values ($1, $2, $3, $4)
			on conflict (pool_id, name) do update set kind = excluded.kind where sign_in_names.user_id = excluded.user_id`,
			poolID, key, string(n.Kind), userID)
		if err != nil {
			return fmt.Errorf("add sign-in name of user %s: %w", userID, err)
		}
		if changed == 0 {
			return fmt.Errorf("add sign-in name of user %s: taken by another user meanwhile", userID)
		}
	}
	return nil
}
