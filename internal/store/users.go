package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// errPhantom keeps a user who does not exist from coming into being.
var errPhantom = errors.New("a phantom is never stored")

// InsertUser stores a new user with the names it signs in with and the values it is searched by. It answers *NameTaken, and
// has changed nothing, when one of the names is another user's; *IdentityTaken when one of the accounts at providers is.
func (tx *Tx) InsertUser(p *pool.Pool, u *user.User) error {
	if u.Phantom {
		return errPhantom
	}
	names := namesOf(p, u)
	if err := tx.checkFree(p.ID, u.ID, names); err != nil {
		return err
	}
	if err := tx.checkFree(p.ID, u.ID, nameRows{u.ID: {Kind: user.ByID, Value: u.ID}}); err != nil {
		return err
	}
	if err := tx.changeIdentities(p.ID, u.ID, nil, u.Identities); err != nil {
		return err
	}
	doc, err := encodeUser(p, u, userDocuments{})
	if err != nil {
		return err
	}
	_, err = tx.exec(`insert into users (pool_id, user_id, username, status, enabled, attributes, pending, password, sign_outs, signed_out,
		created, modified, factors, identities) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		p.ID, u.ID, u.Username, string(u.Status), u.Enabled, doc.attributes, doc.pending, doc.password, int64(u.SignOuts),
		micros(u.SignedOut), micros(u.Created), micros(u.Modified), doc.factors, doc.identities)
	if err != nil {
		return fmt.Errorf("insert user %s: %w", u.ID, err)
	}
	if err := tx.changeNames(p.ID, u.ID, nil, names); err != nil {
		return err
	}
	return tx.changeSearch(p.ID, u.ID, nil, searchRows(u.Attributes))
}

// SaveUser stores a user that was loaded in this transaction. It answers *NameTaken, and has changed nothing, when the user now
// has a name that is another user's, *IdentityTaken for such an account at a provider, and user.NotFound when the user is gone. The username never changes.
func (tx *Tx) SaveUser(p *pool.Pool, u *user.User) error {
	before, old, err := tx.storedUser(p, u.ID)
	if err != nil {
		return err
	}
	doc, err := encodeUser(p, u, old)
	if err != nil {
		return err
	}
	if old.identities != doc.identities {
		if err := tx.changeIdentities(p.ID, u.ID, before.Identities, u.Identities); err != nil {
			return err
		}
	}
	if old.attributes != doc.attributes || old.identities != doc.identities { // they make names and values to search by
		names := namesOf(p, u)
		if err := tx.checkFree(p.ID, u.ID, names.without(namesOf(p, before))); err != nil {
			return err
		}
		if err := tx.changeNames(p.ID, u.ID, namesOf(p, before), names); err != nil {
			return err
		}
		if err := tx.changeSearch(p.ID, u.ID, searchRows(before.Attributes), searchRows(u.Attributes)); err != nil {
			return err
		}
	}
	_, err = tx.exec(`update users set status = $3, enabled = $4, attributes = $5, pending = $6, password = $7, sign_outs = $8,
		signed_out = $9, created = $10, modified = $11, factors = $12, identities = $13 where pool_id = $1 and user_id = $2`,
		p.ID, u.ID, string(u.Status), u.Enabled, doc.attributes, doc.pending, doc.password, int64(u.SignOuts),
		micros(u.SignedOut), micros(u.Created), micros(u.Modified), doc.factors, doc.identities)
	if err != nil {
		return fmt.Errorf("save user %s: %w", u.ID, err)
	}
	return nil
}

// DeleteUser removes a user and all that belongs to it; user.NotFound when it is gone.
func (tx *Tx) DeleteUser(p *pool.Pool, u *user.User) error {
	before, _, err := tx.storedUser(p, u.ID)
	if err != nil {
		return err
	}
	if err := tx.changeSearch(p.ID, u.ID, searchRows(before.Attributes), nil); err != nil {
		return err
	}
	for _, statement := range []string{
		`delete from sign_in_names where pool_id = $1 and user_id = $2`,
		`delete from identities where pool_id = $1 and user_id = $2`,
		`delete from memberships where pool_id = $1 and user_id = $2`,
		`delete from codes where pool_id = $1 and user_id = $2`,
		`delete from challenges where pool_id = $1 and user_id = $2`,
		`delete from sessions where pool_id = $1 and user_id = $2`,
		`delete from browser_sessions where pool_id = $1 and user_id = $2`,
		`delete from auth_events where pool_id = $1 and user_id = $2`,
		`delete from devices where pool_id = $1 and user_id = $2`,
		`delete from passkeys where pool_id = $1 and user_id = $2`,
		`delete from passkey_challenges where pool_id = $1 and user_id = $2`,
		`delete from users where pool_id = $1 and user_id = $2`,
	} {
		if _, err := tx.exec(statement, p.ID, u.ID); err != nil {
			return fmt.Errorf("delete user %s: %w", u.ID, err)
		}
	}
	return tx.deleteCounters(p.ID, "u:"+u.ID)
}

// The statements that load one user.
var (
	userByID = loadUsers(`from users u where u.pool_id = $1 and u.user_id = $2`)

	userOfToken = loadUsers(`, exists (select 1 from revoked_origins o where o.pool_id = $1 and o.origin_jti = $3)
		from users u where u.pool_id = $1 and u.user_id = $2`)

	userOfRefresh = loadUsers(`, exists (select 1 from revoked_origins o where o.pool_id = $1 and o.origin_jti = $3)
			or exists (select 1 from rotated r where r.pool_id = $1 and r.jti = $4)
		from users u where u.pool_id = $1 and u.user_id = $2`)

	userBySignInName = loadUsers(`from sign_in_names n cross join users u
		where n.pool_id = $1 and n.name = $2 and u.pool_id = n.pool_id and u.user_id = n.user_id`)
)

// UserByID loads a user by its sub; user.NotFound when there is none.
func (tx *Tx) UserByID(p *pool.Pool, id string) (*user.User, error) {
	return tx.oneUser(p, tx.users(userByID, p.ID, id))
}

// UserOfToken loads a user by its sub, and whether the origin of a token was revoked, in one statement; user.NotFound when there is none.
func (tx *Tx) UserOfToken(p *pool.Pool, id, originJTI string) (u *user.User, revoked bool, err error) {
	u, err = tx.oneUser(p, tx.users(userOfToken, p.ID, id, originJTI), &revoked)
	return u, revoked, err
}

// UserOfRefresh loads a user by its sub, and whether the refresh token jti was replaced or its origin revoked, in one statement; user.NotFound when
// there is none. An empty jti was never replaced.
func (tx *Tx) UserOfRefresh(p *pool.Pool, id, originJTI, jti string) (u *user.User, dead bool, err error) {
	u, err = tx.oneUser(p, tx.users(userOfRefresh, p.ID, id, originJTI, jti), &dead)
	return u, dead, err
}

// UserBySignInName loads the user who signs in with the name, a username or an alias as it was typed; user.NotFound when there is
// none.
func (tx *Tx) UserBySignInName(p *pool.Pool, name string) (*user.User, error) {
	return tx.oneUser(p, tx.users(userBySignInName, p.ID, indexKey(p.Fold(name))))
}

// UserByName loads the user whose sub the name is, or who signs in with it; user.NotFound when there is none. A name that has the form of
// an id is one first, so that nobody can stand between an administrator and the owner of a sub.
func (tx *Tx) UserByName(p *pool.Pool, name string) (*user.User, error) {
	if id := p.Fold(name); user.IsID(id) {
		if u, err := tx.UserByID(p, id); !fault.Is(err, fault.UserNotFound) {
			return u, err
		}
	}
	return tx.UserBySignInName(p, name)
}

// CountUsers counts the users of a pool.
func (tx *Tx) CountUsers(poolID string) (n int64, err error) {
	return n, tx.queryRow(`select count(*) from users where pool_id = $1`, poolID).Scan(&n)
}

// storedUser loads what the stored names and search values of a user follow from, and its documents as they are stored.
func (tx *Tx) storedUser(p *pool.Pool, id string) (u *user.User, doc userDocuments, err error) {
	u = &user.User{PoolID: p.ID, ID: id, Attributes: user.Attributes{}}
	err = tx.queryRow(`select username, attributes, password, factors, identities from users where pool_id = $1 and user_id = $2`, p.ID, id).
		Scan(&u.Username, &doc.attributes, &doc.password, &doc.factors, &doc.identities)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, doc, user.NotFound()
	}
	if err != nil {
		return nil, doc, err
	}
	if err := wire.Unmarshal([]byte(doc.attributes), &u.Attributes); err != nil {
		return nil, doc, err
	}
	return u, doc, readIdentities(u, []byte(doc.identities))
}
