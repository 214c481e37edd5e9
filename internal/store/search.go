package store

import (
	"fmt"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// The statements of Users, one for each index. Each begins at a place in its index and reads on from there, so that its cost does
// not depend on how many users there are. A comparison of (value, id) pairs begins a page after the cursor.
var (
	listUsers = loadUsers(`from users u
		where u.pool_id = $1 and u.user_id > $2
		order by u.user_id limit cast($3 as bigint)`)

	listBySub = loadUsers(`from users u
		where u.pool_id = $1 and u.user_id >= $2 and u.user_id < $3
		order by u.user_id limit cast($4 as bigint)`)

	listByUsername = loadUsers(`from users u
		where u.pool_id = $1 and (u.username, u.user_id) > ($2, $3) and u.username < $4
		order by u.username, u.user_id limit cast($5 as bigint)`)

	listByStatus = loadUsers(`from users u
		where u.pool_id = $1 and (u.status, u.user_id) > ($2, $3) and u.status < $4
		order by u.status, u.user_id limit cast($5 as bigint)`)

	listByEnabled = loadUsers(`from users u
		where u.pool_id = $1 and u.enabled = $2 and u.user_id > $3
		order by u.user_id limit cast($4 as bigint)`)

	listByAttribute = loadUsers(`from user_search s cross join users u
		where s.pool_id = $1 and s.attribute = $2 and (s.value, s.user_id) > ($3, $4) and s.value < $5
			and u.pool_id = s.pool_id and u.user_id = s.user_id
		order by s.value, s.user_id limit cast($6 as bigint)`)
)

// Users lists the users that the filter lets through, those after the cursor, at most q.Limit of them. The order is that of the
// index: by value, then by id. Values of attributes are compared without regard to case, as is cognito:user_status.
func (tx *Tx) Users(p *pool.Pool, q user.Query) ([]*user.User, error) {
	f, limit := q.Filter, rowLimit(q.Limit)
	switch f.Attribute {
	case "":
		return collect(tx.users(listUsers, p.ID, q.After.ID, limit), tx.scanUser(p))
	case "sub":
		return tx.usersBySub(p, q)
	case "username":
		from, to := searchRange(f.Value, f.Prefix)
		return collect(tx.users(listByUsername, p.ID, later(from, q.After.Value), q.After.ID, to, limit), tx.scanUser(p))
	case "cognito:user_status":
		from, to := searchRange(strings.ToUpper(f.Value), f.Prefix)
		return collect(tx.users(listByStatus, p.ID, later(from, q.After.Value), q.After.ID, to, limit), tx.scanUser(p))
	case "status":
		return tx.usersByEnabled(p, q)
	}
	from, to := searchRange(indexKey(user.FoldValue(f.Value)), f.Prefix)
	return collect(tx.users(listByAttribute, p.ID, f.Attribute, later(from, indexKey(q.After.Value)), q.After.ID, to, limit), tx.scanUser(p))
}

// usersBySub asks for one row more, because the first of a later page is the last of the page before.
func (tx *Tx) usersBySub(p *pool.Pool, q user.Query) ([]*user.User, error) {
	from, to := searchRange(q.Filter.Value, q.Filter.Prefix)
	limit := rowLimit(q.Limit)
	if q.After.ID != "" && q.Limit > 0 {
		limit++
	}
	users, err := collect(tx.users(listBySub, p.ID, max(from, q.After.ID), to, limit), tx.scanUser(p))
	if len(users) > 0 && users[0].ID == q.After.ID {
		users = users[1:]
	}
	if q.Limit > 0 && len(users) > q.Limit {
		users = users[:q.Limit]
	}
	return users, err
}

// usersByEnabled knows two values, Enabled and Disabled; with a prefix that both begin with, there is nothing to filter.
func (tx *Tx) usersByEnabled(p *pool.Pool, q user.Query) ([]*user.User, error) {
	matches := func(value string) bool {
		return value == q.Filter.Value || q.Filter.Prefix && strings.HasPrefix(value, q.Filter.Value)
	}
	enabled, disabled := matches("Enabled"), matches("Disabled")
	switch {
	case enabled && disabled:
		return collect(tx.users(listUsers, p.ID, q.After.ID, rowLimit(q.Limit)), tx.scanUser(p))
	case enabled || disabled:
		return collect(tx.users(listByEnabled, p.ID, enabled, q.After.ID, rowLimit(q.Limit)), tx.scanUser(p))
	}
	return nil, nil
}

// searchRange returns the bounds, from <= value and value < to, of the values that begin with the text or equal it. Null characters are
// not stored, so that nothing lies between a text and the text with \x01 behind it.
func searchRange(text string, prefix bool) (from, to string) {
	if prefix {
		return prefixRange(text)
	}
	return text, text + "\x01"
}

// later returns the lower bound of a page: the filter's own or, after the first page, the cursor's.
func later(from, cursor string) string { return max(from, cursor) }

// searchRows are the values a user is searched by, by attribute, as they are indexed.
func searchRows(a user.Attributes) map[string]string {
	rows := make(map[string]string)
	for _, name := range user.Searchable() {
		if v := a[name]; v != "" {
			rows[name] = indexKey(user.FoldValue(v))
		}
	}
	return rows
}

// changeSearch brings the index rows of a user from one set to another.
func (tx *Tx) changeSearch(poolID, userID string, before, after map[string]string) error {
	for name, value := range before {
		if after[name] == value {
			continue
		}
		if _, err := tx.exec(`delete from user_search where pool_id = $1 and attribute = $2 and value = $3 and user_id = $4`,
			poolID, name, value, userID); err != nil {
			return fmt.Errorf("remove %s of user %s from the index: %w", name, userID, err)
		}
	}
	var added strings.Builder
	args := []any{poolID, userID}
	for name, value := range after {
		if before[name] == value {
			continue
		}
		if added.Len() > 0 {
			added.WriteString(", ")
		}
		fmt.Fprintf(&added, "($1, $%d, $%d, $2)", len(args)+1, len(args)+2)
		args = append(args, name, value)
	}
	if added.Len() == 0 {
		return nil
	}
	if _, err := tx.exec(`insert into user_search (pool_id, attribute, value, user_id) values `+added.String()+`
		on conflict (pool_id, attribute, value, user_id) do nothing`, args...); err != nil {
		return fmt.Errorf("add user %s to the index: %w", userID, err)
	}
	return nil
}
