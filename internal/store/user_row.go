package store

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// userDocuments are the columns of a user that are not plain values.
type userDocuments struct {
	attributes, pending string
	password            []byte // sealed; nil when the user has none
	factors             []byte // the same
	identities          string
}

// encodeUser returns the documents of the user, which replace the old ones.
func encodeUser(p *pool.Pool, u *user.User, old userDocuments) (doc userDocuments, err error) {
	attributes, err := wire.Encode(u.Attributes.Stored())
	if err != nil {
		return doc, err
	}
	pending, err := wire.Encode(u.Pending)
	if err != nil {
		return doc, err
	}
	doc = userDocuments{attributes: string(attributes), pending: string(pending)}
	if doc.password, err = encodePassword(p, u, old.password); err != nil {
		return doc, err
	}
	if doc.factors, err = encodeFactors(p, u, old.factors); err != nil {
		return doc, err
	}
	doc.identities, err = encodeIdentities(u, old.identities)
	return doc, err
}

// encodeIdentities returns the document of the user's accounts at providers, with what a newer version of cenote may have added to it.
func encodeIdentities(u *user.User, old string) (string, error) {
	if len(u.Identities) == 0 {
		return "[]", nil
	}
	doc, err := wire.EncodeStored(u.Identities, []byte(old), nil)
	return string(doc), err
}

// encodePassword returns the sealed password. One that has not changed stays as it is stored, with all that a newer version of cenote
// may have added to it; one that has changed leaves nothing of it.
func encodePassword(p *pool.Pool, u *user.User, old []byte) ([]byte, error) {
	if u.Password == nil {
		return nil, nil
	}
	if u.Password.Unopened {
		return old, nil
	}
	if old != nil {
		stored := &user.Password{}
		if err := openColumn(p, u.ID, "password", old, stored); err != nil {
			return nil, err
		}
		if reflect.DeepEqual(stored, u.Password) {
			return old, nil
		}
	}
	plain, err := wire.Encode(u.Password)
	if err != nil {
		return nil, err
	}
	return sealColumn(p, u.ID, "password", plain), nil
}

// encodeFactors returns the sealed factors, with those that this version of cenote does not know; nil when there are none.
func encodeFactors(p *pool.Pool, u *user.User, old []byte) (sealed []byte, err error) {
	var before []byte
	if old != nil {
		if before, err = p.Key.Open(old, p.ID, "users", u.ID, "factors"); err != nil {
			return nil, fmt.Errorf("load factors of user %s: %w", u.ID, err)
		}
	}
	plain, err := wire.EncodeStored(u.Factors, before, nil)
	if err != nil || string(plain) == "{}" {
		return nil, err
	}
	return sealColumn(p, u.ID, "factors", plain), nil
}

// sealColumn seals a value of a user's row, bound to its place.
func sealColumn(p *pool.Pool, userID, column string, plain []byte) []byte {
	return p.Key.Seal(plain, p.ID, "users", userID, column)
}

// openColumn reads what sealColumn made into value.
func openColumn(p *pool.Pool, userID, column string, sealed []byte, value any) error {
	plain, err := p.Key.Open(sealed, p.ID, "users", userID, column)
	if err == nil {
		err = wire.Unmarshal(plain, value)
	}
	if err != nil {
		return fmt.Errorf("load %s of user %s: %w", column, userID, err)
	}
	return nil
}

// userQuery is a statement that loads users. Whoever only shows users needs no passwords, which take as much room as the rest of a row and
// as much work: the second form reads no more of them than whether there is one.
type userQuery struct{ whole, shown string }

// loadUsers returns the statement that has the rest behind the columns of a user; scanUser reads its rows.
func loadUsers(rest string) userQuery {
	const columns = `select u.user_id, u.username, u.status, u.enabled, u.attributes, u.pending, u.factors, u.identities,
	u.sign_outs, u.signed_out, u.created, u.modified, `
	return userQuery{whole: columns + "u.password " + rest, shown: columns + "u.password is not null " + rest}
}

// WithoutPasswords returns the same transaction for reads of users whose passwords stay unopened. What is read by tx itself has them.
func (tx *Tx) WithoutPasswords() *Tx { return &Tx{transaction: tx.transaction, unopened: true} }

// users runs a statement that loads users.
func (tx *Tx) users(q userQuery, args ...any) *rows {
	if tx.unopened {
		return tx.query(q.shown, args...)
	}
	return tx.query(q.whole, args...)
}

// userRow is a row of a userQuery.
type userRow struct {
	id, username, status                   string
	enabled                                bool
	attributes, pending, identities        string
	factors, password                      []byte // sealed
	hasPassword                            bool   // in place of the password, where it stays unopened
	signOuts, signedOut, created, modified int64
}

// scanUser returns the function that reads a row of a userQuery, and what more the statement asks for.
func (tx *Tx) scanUser(p *pool.Pool, more ...any) func(scanner) (*user.User, error) {
	row := new(userRow)
	into := []any{
		&row.id, &row.username, &row.status, &row.enabled, &row.attributes, &row.pending, &row.factors, &row.identities,
		&row.signOuts, &row.signedOut, &row.created, &row.modified,
	}
	if tx.unopened {
		into = append(into, &row.hasPassword)
	} else {
		into = append(into, &row.password)
	}
	into = append(into, more...)
	return func(r scanner) (*user.User, error) {
		if err := r.Scan(into...); err != nil {
			return nil, err
		}
		return tx.userOf(p, row)
	}
}

// userOf returns the user of a row.
func (tx *Tx) userOf(p *pool.Pool, row *userRow) (u *user.User, err error) {
	tx.present(usersAhead, []*int64{&row.signedOut, &row.created, &row.modified}, p.ID, row.id)
	u = &user.User{
		PoolID: p.ID, ID: row.id, Username: row.username, Status: user.Status(row.status), Enabled: row.enabled, Pending: user.Attributes{},
		SignOuts: uint32(row.signOuts), SignedOut: fromMicros(row.signedOut), Created: fromMicros(row.created), Modified: fromMicros(row.modified),
	}
	if u.Attributes, err = wire.UnmarshalTexts(row.attributes); err != nil {
		return nil, fmt.Errorf("load user %s: %w", u.ID, err)
	}
	if len(row.pending) > len("{}") { // rarely
		if err := wire.Unmarshal([]byte(row.pending), &u.Pending); err != nil {
			return nil, fmt.Errorf("load user %s: %w", u.ID, err)
		}
	}
	switch {
	case row.hasPassword:
		u.Password = &user.Password{Unopened: true}
	case row.password != nil:
		u.Password = &user.Password{}
		if err := openColumn(p, u.ID, "password", row.password, u.Password); err != nil {
			return nil, err
		}
	}
	if row.factors != nil {
		if err := openColumn(p, u.ID, "factors", row.factors, &u.Factors); err != nil {
			return nil, err
		}
	}
	if len(row.identities) > len("[]") { // rarely
		if err := readIdentities(u, []byte(row.identities)); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// readIdentities gives the user what encodeIdentities returned, and the attribute that shows it.
func readIdentities(u *user.User, doc []byte) error {
	var list []user.Identity
	if err := wire.Unmarshal(doc, &list); err != nil {
		return fmt.Errorf("load identities of user %s: %w", u.ID, err)
	}
	u.SetIdentities(list)
	return nil
}

// oneUser reads the only row of a userQuery, or answers user.NotFound.
func (tx *Tx) oneUser(p *pool.Pool, r *rows, more ...any) (*user.User, error) {
	u, err := tx.scanUser(p, more...)(row{rows: r})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, user.NotFound()
	}
	return u, err
}
