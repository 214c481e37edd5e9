package store

import (
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
