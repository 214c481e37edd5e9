package store

import (
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// The statements of sign-ins, which read all that they always need at once.
var (
	userSigningIn = loadUsers(`, coalesce(c.count, 0), coalesce(c.since, 0), coalesce(c.last, 0)
		from sign_in_names n cross join users u
		left join counters c on c.pool_id = u.pool_id and c.subject = 'u:' || u.user_id and c.action = $3
		where n.pool_id = $1 and n.name = $2 and u.pool_id = n.pool_id and u.user_id = n.user_id`)

	userOfAttempt = loadUsers(`, coalesce(c.count, 0), coalesce(c.since, 0), coalesce(c.last, 0),
		exists (select 1 from consumed o where o.pool_id = $1 and o.id = $4)
		from users u
		left join counters c on c.pool_id = u.pool_id and c.subject = 'u:' || u.user_id and c.action = $3
		where u.pool_id = $1 and u.user_id = $2`)

	// A row for each group, and one without a group (all empty) for a user who has none or a membership whose group is gone.
	failuresAndGroups = `select coalesce(c.count, 0), coalesce(c.since, 0), coalesce(c.last, 0), coalesce(g.pool_id, ''), coalesce(g.group_name, ''),
		coalesce(g.description, ''), coalesce(g.role_arn, ''), g.precedence, coalesce(g.created, 0), coalesce(g.modified, 0)
		from users u
		left join counters c on c.pool_id = u.pool_id and c.subject = $3 and c.action = $4
		left join memberships m on m.pool_id = u.pool_id and m.user_id = u.user_id
		left join pool_groups g on g.pool_id = m.pool_id and g.group_name = m.group_name and g.generation = m.generation
		where u.pool_id = $1 and u.user_id = $2 order by m.group_name`
)

// UserSigningIn loads the user who signs in with the name, as UserBySignInName does, and the failures of earlier sign-ins.
func (tx *Tx) UserSigningIn(p *pool.Pool, name string) (*user.User, user.Counter, error) {
	var n counterRow
	u, err := tx.oneUser(p, tx.users(userSigningIn, p.ID, indexKey(p.Fold(name)), string(user.SignInFailure)), &n.count, &n.since, &n.last)
	if err != nil {
		return nil, user.Counter{}, err
	}
	return u, tx.counterOf(p.ID, user.Subject(u.ID), user.SignInFailure, n), nil
}

// UserOfAttempt loads a user by its sub, the failures of earlier sign-ins, and whether the attempt was consumed; user.NotFound when there is
// no such user.
func (tx *Tx) UserOfAttempt(p *pool.Pool, id, attemptID string) (u *user.User, failures user.Counter, spent bool, err error) {
	var n counterRow
	u, err = tx.oneUser(p, tx.users(userOfAttempt, p.ID, id, string(user.SignInFailure), attemptID), &n.count, &n.since, &n.last, &spent)
	if err != nil {
		return nil, user.Counter{}, false, err
	}
	return u, tx.counterOf(p.ID, user.Subject(u.ID), user.SignInFailure, n), spent, nil
}

// FailuresAndGroups loads what the end of a sign-in rests on: the subject's failures of earlier sign-ins, and all groups of the user by name. Of a user
// who is gone there are none.
func (tx *Tx) FailuresAndGroups(poolID, subject, userID string) (user.Counter, []pool.Group, error) {
	var n counterRow
	groups, err := collect(tx.query(failuresAndGroups, poolID, userID, subject, string(user.SignInFailure)), func(r scanner) (pool.Group, error) {
		return scanGroupBehind(r, &n.count, &n.since, &n.last)
	})
	if err != nil {
		return user.Counter{}, nil, err
	}
	groups = slices.DeleteFunc(groups, func(g pool.Group) bool { return g.PoolID == "" })
	return tx.counterOf(poolID, subject, user.SignInFailure, n), groups, nil
}
