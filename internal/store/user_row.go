package store

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// userDocuments are the columns of a user that are not plain values.
type userDocuments struct {
	attributes, pending string
	password            []byte // sealed; nil when the user has none
}

func encodeUser(p *pool.Pool, u *user.User) (doc userDocuments, err error) {
	attributes, err := wire.Encode(u.Attributes)
	if err != nil {
		return doc, err
	}
	pending, err := wire.Encode(u.Pending)
	if err != nil {
		return doc, err
	}
	doc = userDocuments{attributes: string(attributes), pending: string(pending)}
	if u.Password == nil {
		return doc, nil
	}
	plain, err := wire.Encode(u.Password)
	if err != nil {
		return doc, err
	}
	doc.password = p.Key.Seal(plain, p.ID, "users", u.ID, "password")
	return doc, nil
}

// scanUser returns the function that reads a row of selectUser.
func scanUser(p *pool.Pool) func(scanner) (*user.User, error) {
	return func(r scanner) (*user.User, error) {
		u := &user.User{PoolID: p.ID, Attributes: user.Attributes{}, Pending: user.Attributes{}}
		var status string
		var attributes, pending, password []byte
		var signOuts, signedOut, created, modified int64
		err := r.Scan(&u.ID, &u.Username, &status, &u.Enabled, &attributes, &pending, &password, &signOuts, &signedOut, &created, &modified)
		if err != nil {
			return nil, err
		}
		u.Status, u.SignOuts, u.SignedOut = user.Status(status), uint32(signOuts), fromMicros(signedOut)
		u.Created, u.Modified = fromMicros(created), fromMicros(modified)
		if err := wire.Unmarshal(attributes, &u.Attributes); err != nil {
			return nil, fmt.Errorf("load user %s: %w", u.ID, err)
		}
		if len(pending) > len("{}") { // rarely
			if err := wire.Unmarshal(pending, &u.Pending); err != nil {
				return nil, fmt.Errorf("load user %s: %w", u.ID, err)
			}
		}
		if password == nil {
			return u, nil
		}
		plain, err := p.Key.Open(password, p.ID, "users", u.ID, "password")
		if err != nil {
			return nil, fmt.Errorf("open password of user %s: %w", u.ID, err)
		}
		u.Password = &user.Password{}
		if err := wire.Unmarshal(plain, u.Password); err != nil {
			return nil, fmt.Errorf("load user %s: %w", u.ID, err)
		}
		return u, nil
	}
}

// oneUser reads the only row of selectUser, or answers user.NotFound.
func oneUser(p *pool.Pool, r row) (*user.User, error) {
	u, err := scanUser(p)(r)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, user.NotFound()
	}
	return u, err
}
