package store

import (
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
)

func testMaster(t *testing.T) *seal.Master {
	t.Helper()
	m, err := seal.NewMaster([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A clock that was an hour ahead has written; the next reader sees nothing later than its own present, and leaves nothing later behind.
func TestTimesInTheFutureLastForOneRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		ahead := openTest(t, Options{Database: database, Master: testMaster(t), Now: func() time.Time { return later }})
		s := openTest(t, Options{Database: database, Master: testMaster(t), Now: func() time.Time { return now }})
		p := &pool.Pool{ID: "us-east-1_Ahead"}
		failures := user.Counter{Count: 7, Since: later, Last: later}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(ahead.Update(t.Context(), func(tx *Tx) error {
			if err := tx.InsertPool(p); err != nil {
				return err
			}
			u := &user.User{PoolID: p.ID, ID: "u", Username: "ann", Status: user.Confirmed, SignedOut: later, Created: later, Modified: later}
			if err := tx.InsertUser(p, u); err != nil {
				return err
			}
			if _, err := tx.Rotate(p.ID, "jti", later, later.Add(time.Hour)); err != nil {
				return err
			}
			if err := tx.InsertSession(p.ID, user.Session{ID: "s", UserID: "u", Created: later, LastUsed: later, Expires: later.Add(time.Hour)}); err != nil {
				return err
			}
			code := &user.Code{Purpose: user.RecoveryCode, Hash: []byte{1}, Expires: later.Add(time.Hour)}
			if err := tx.SaveCode(p, "u", code); err != nil {
				return err
			}
			if err := tx.SaveEvents([]user.Event{{PoolID: p.ID, UserID: "u", ID: "e", Time: later, Expires: later.Add(time.Hour)}}); err != nil {
				return err
			}
			return tx.SaveCounter(p.ID, "u:u", user.SignInFailure, failures)
		}))
		must(s.Update(t.Context(), func(tx *Tx) error {
			n, err := tx.Counter(p.ID, "u:u", user.SignInFailure)
			if until := n.LockedUntil(now); until.Sub(now) > 5*time.Second {
				t.Errorf("seven failures lock for %s", until.Sub(now))
			}
			if err != nil {
				return err
			}
			u, err := tx.UserByID(p, "u")
			if err != nil {
				return err
			}
			if u.SignedOut.After(now) || u.Created.After(now) || u.Modified.After(now) {
				t.Errorf("the user is read as %+v", u)
			}
			if first, err := tx.Rotate(p.ID, "jti", now, later); err != nil || first.After(now) {
				t.Errorf("the first rotation was at %s, %v", first, err)
			}
			if used, _, err := tx.SessionUsed(p.ID, "u", "s"); err != nil || used.After(now) {
				t.Errorf("the session was used at %s, %v", used, err)
			}
			if all, err := tx.Sessions(p.ID, "u", now); err != nil || all[0].Created.After(now) {
				t.Errorf("sessions %+v, %v", all, err)
			}
			if c, err := tx.Code(p, "u", user.RecoveryCode); err != nil || c.Expires.After(now.Add(time.Hour)) {
				t.Errorf("the code %+v, %v", c, err)
			}
			_, err = tx.UserEvents(p.ID, "u", time.Time{}, "", 0)
			return err
		}))
		must(s.View(t.Context(), func(tx *Tx) error {
			at, where, err := tx.Latest()
			if at.After(now) {
				t.Errorf("the database still holds the time of %s: %s", where, at)
			}
			for _, query := range []string{
				`select last_used from sessions`, `select created from sessions`, `select at from rotated`, `select since from counters`,
				`select expires - 3600000000 from codes`,
			} {
				var n int64
				if err := tx.queryRow(query).Scan(&n); err != nil {
					return err
				}
				if fromMicros(n).After(now) {
					t.Errorf("%s answers %s", query, fromMicros(n))
				}
			}
			return err
		}))
	})
}
