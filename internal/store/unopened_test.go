package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// A user that was read to be shown has a password that nobody has opened: it matches nothing, and a save leaves it as it is stored.
func TestAnUnopenedPasswordIsKeptAsItIs(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database, Master: testMaster(t)})
		p := &pool.Pool{ID: "us-east-1_Sealed"}
		column := func(tx *Tx) (sealed []byte, err error) {
			return sealed, tx.queryRow(`select password from users where user_id = 'u'`).Scan(&sealed)
		}
		err := s.Update(t.Context(), func(tx *Tx) error {
			if err := tx.InsertPool(p); err != nil {
				return err
			}
			u := user.New(p, "u", "ann", user.Confirmed, time.Unix(1e9, 0))
			u.Password = user.NewPassword(p, "ann", "secret")
			if err := tx.InsertUser(p, u); err != nil {
				return err
			}
			before, err := column(tx)
			if err != nil {
				return err
			}
			u, err = tx.WithoutPasswords().UserByName(p, "ann")
			if err != nil {
				return err
			}
			if u.Password == nil || !u.Password.Unopened || u.PasswordMatches(p, "secret") {
				t.Errorf("the password is read as %+v", u.Password)
			}
			if again, err := tx.UserByName(p, "ann"); err != nil || !again.PasswordMatches(p, "secret") {
				t.Errorf("the transaction itself then reads %+v, error %v", again, err)
			}
			u.Disable(time.Unix(2e9, 0))
			if err := tx.SaveUser(p, u); err != nil {
				return err
			}
			after, err := column(tx)
			if !bytes.Equal(before, after) {
				t.Error("the stored password has changed")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Read(t.Context(), func(tx *Tx) error {
			u, revoked, err := tx.UserOfToken(p, "u", "origin")
			if err == nil && (revoked || u.Enabled || !u.PasswordMatches(p, "secret")) {
				t.Errorf("the user is read as %+v, revoked: %v", u, revoked)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Update(t.Context(), func(tx *Tx) error { return tx.RevokeOrigin(p.ID, "origin", time.Now().Add(time.Hour)) }); err != nil {
			t.Fatal(err)
		}
		err = s.Read(t.Context(), func(tx *Tx) error {
			_, revoked, err := tx.UserOfToken(p, "u", "origin")
			if !revoked {
				t.Error("a revoked origin is not reported")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestARefreshTokenIsDeadOnceReplacedOrRevoked(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		s := openTest(t, Options{Database: database, Master: testMaster(t)})
		p, other := &pool.Pool{ID: "us-east-1_Tokens"}, &pool.Pool{ID: "us-east-1_Others"}
		until := time.Now().Add(time.Hour)
		err := s.Update(t.Context(), func(tx *Tx) error {
			_, rotated := tx.Rotate(p.ID, "replaced", time.Now(), until)
			_, elsewhere := tx.Rotate(other.ID, "elsewhere", time.Now(), until)
			u := user.New(p, "u", "ann", user.Confirmed, time.Unix(1e9, 0))
			return errors.Join(tx.InsertPool(p), tx.InsertPool(other), tx.InsertUser(p, u), rotated, elsewhere, tx.RevokeOrigin(p.ID, "revoked", until))
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Read(t.Context(), func(tx *Tx) error {
			for _, c := range []struct {
				origin, jti string
				dead        bool
			}{{"origin", "jti", false}, {"origin", "", false}, {"origin", "elsewhere", false}, {"origin", "replaced", true}, {"revoked", "jti", true}, {"revoked", "", true}} {
				u, dead, err := tx.UserOfRefresh(p, "u", c.origin, c.jti)
				if err != nil || dead != c.dead || u.Username != "ann" {
					t.Errorf("token %q of %q: %+v, dead: %v, error %v", c.jti, c.origin, u, dead, err)
				}
			}
			_, _, err := tx.UserOfRefresh(p, "nobody", "origin", "jti")
			if !fault.Is(err, fault.UserNotFound) {
				t.Errorf("nobody's token: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
