package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/user"
)

// onBoth runs a benchmark on a store of each database that holds a pool with n users.
func onBoth(b *testing.B, n int, run func(b *testing.B, s *Store, p *pool.Pool, users []*user.User)) {
	for name, database := range map[string]func() string{
		"SQLite":     func() string { return testFile(b) },
		"PostgreSQL": func() string { return pgtest.Start(b) },
	} {
		b.Run(name, func(b *testing.B) {
			s := openRows(b, database())
			p, users := fill(b, s, n)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, s, p, users)
		})
	}
}

func openRows(tb testing.TB, database string) *Store {
	tb.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		tb.Fatal(err)
	}
	return openTest(tb, Options{Database: database, Master: master})
}

// fill makes a pool with e-mail aliases and n users with a password and the usual attributes.
func fill(tb testing.TB, s *Store, n int) (*pool.Pool, []*user.User) {
	tb.Helper()
	p := &pool.Pool{ID: "eu-west-1_Abcdefghi"}
	p.Settings.AliasAttributes = []string{"email"}
	if err := s.Update(tb.Context(), func(tx *Tx) error { return tx.InsertPool(p) }); err != nil {
		tb.Fatal(err)
	}
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	pw := user.NewPassword(p, "x", "secret") // the same for all: to make one costs a modular power
	var users []*user.User
	for len(users) < n {
		batch := make([]*user.User, min(500, n-len(users)))
		for i := range batch {
			batch[i] = benchUser(p, len(users)+i, at)
			batch[i].Password = pw
		}
		err := s.Update(context.WithoutCancel(tb.Context()), func(tx *Tx) error {
			for _, u := range batch {
				if err := tx.InsertUser(p, u); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			tb.Fatal(err)
		}
		users = append(users, batch...)
	}
	return p, users
}

func benchUser(p *pool.Pool, i int, at time.Time) *user.User {
	u := user.New(p, uuid.NewString(), fmt.Sprintf("user%06d", i), user.Confirmed, at.Add(time.Duration(i)*time.Second))
	u.Attributes["email"] = fmt.Sprintf("user%06d@example.com", i)
	u.Attributes["email_verified"] = "true"
	u.Attributes["name"] = fmt.Sprintf("Person %d", i)
	return u
}

// What a sign-in reads, among 10,000 users: a typed name to the whole user, password opened.
//
//	go test -run '^$' -bench UserBySignInName ./internal/store
func BenchmarkUserBySignInName(b *testing.B) {
	onBoth(b, 10_000, func(b *testing.B, s *Store, p *pool.Pool, users []*user.User) {
		for i := 0; b.Loop(); i++ {
			name := users[i*7919%len(users)].Attributes["email"]
			err := s.View(b.Context(), func(tx *Tx) error {
				_, err := tx.UserBySignInName(p, name)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The work of one save inside a transaction, without the commit: 100 saves share one.
func BenchmarkSaveUser(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(u *user.User, i int)
	}{
		{"status", func(u *user.User, i int) { u.SignOuts++ }},
		{"email", func(u *user.User, i int) { u.Attributes["email"] = fmt.Sprintf("new%d.%s@example.com", i, u.Username) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			onBoth(b, 10_000, func(b *testing.B, s *Store, p *pool.Pool, users []*user.User) {
				for i := 0; i < b.N; {
					n := min(100, b.N-i)
					err := s.Update(b.Context(), func(tx *Tx) error {
						for k := range n {
							u := users[(i+k)*7919%len(users)]
							c.change(u, i+k)
							if err := tx.SaveUser(p, u); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						b.Fatal(err)
					}
					i += n
				}
			})
		})
	}
}

// The work of one insertion inside a transaction, without the commit: 100 share one.
func BenchmarkInsertUser(b *testing.B) {
	onBoth(b, 10_000, func(b *testing.B, s *Store, p *pool.Pool, users []*user.User) {
		at, pw := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), users[0].Password
		for i := 0; i < b.N; {
			n := min(100, b.N-i)
			err := s.Update(b.Context(), func(tx *Tx) error {
				for k := range n {
					u := benchUser(p, 1_000_000+i+k, at)
					u.Password = pw
					if err := tx.InsertUser(p, u); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
			i += n
		}
	})
}

// Pages of 60 and a search, on SQLite and PostgreSQL, with 1,000 and with 100,000 users.
//
//	go test -run '^$' -bench ListUsers1000 -benchtime 1000x ./internal/store
func BenchmarkListUsers1000(b *testing.B)   { benchList(b, 1_000) }
func BenchmarkListUsers100000(b *testing.B) { benchList(b, 100_000) }

// queries are pages of 60 that begin at a user, and a search for it.
var queries = []struct {
	name  string
	query func(u *user.User) user.Query
}{
	{"page", func(u *user.User) user.Query { return user.Query{After: user.Cursor{ID: u.ID}} }},
	{"email equals", search("email", func(u *user.User) (string, bool) { return u.Attributes["email"], false })},
	{"email begins", search("email", func(u *user.User) (string, bool) { return u.Attributes["email"][:8], true })},
	{"username begins", search("username", func(u *user.User) (string, bool) { return u.Username[:8], true })},
	{"user status", search("cognito:user_status", func(u *user.User) (string, bool) { return "CONFIRMED", false })},
	{"enabled", search("status", func(u *user.User) (string, bool) { return "Enabled", false })},
}

func search(attribute string, value func(u *user.User) (text string, prefix bool)) func(u *user.User) user.Query {
	return func(u *user.User) user.Query {
		f := user.Filter{Attribute: attribute}
		f.Value, f.Prefix = value(u)
		q := user.Query{Filter: f}
		if attribute == "cognito:user_status" || attribute == "status" { // somewhere in the middle
			q.After = f.CursorOf(u)
		}
		return q
	}
}

func listOnce(b *testing.B, s *Store, p *pool.Pool, q user.Query) {
	q.Limit = 60
	err := s.Read(b.Context(), func(tx *Tx) error {
		_, err := tx.WithoutPasswords().Users(p, q)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

func benchList(b *testing.B, n int) {
	onBoth(b, n, func(b *testing.B, s *Store, p *pool.Pool, users []*user.User) {
		for _, c := range queries {
			b.Run(c.name, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					listOnce(b, s, p, c.query(users[i*7919%len(users)]))
				}
			})
		}
		b.Run("count", func(b *testing.B) {
			for b.Loop() {
				err := s.View(b.Context(), func(tx *Tx) error {
					_, err := tx.CountUsers(p.ID)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// How much dearer a page and a search are with 100,000 users than with 1,000, both asked in turn so that the machine's other work
// weighs on both alike.
//
//	go test -run '^$' -bench ListUsersGrowth -benchtime 2000x ./internal/store
func BenchmarkListUsersGrowth(b *testing.B) {
	onBoth(b, 1_000, func(b *testing.B, small *Store, p *pool.Pool, few []*user.User) {
		database := testFile(b)
		if strings.HasSuffix(b.Name(), "PostgreSQL") {
			database = pgtest.Start(b)
		}
		large := openRows(b, database)
		p2, many := fill(b, large, 100_000)
		for _, c := range queries {
			b.Run(c.name, func(b *testing.B) {
				var spent [2]time.Duration
				for i := 0; b.Loop(); i++ {
					start := time.Now()
					listOnce(b, small, p, c.query(few[i*7919%len(few)]))
					middle := time.Now()
					listOnce(b, large, p2, c.query(many[i*7919%len(many)]))
					spent[0] += middle.Sub(start)
					spent[1] += time.Since(middle)
				}
				b.ReportMetric(float64(spent[1])/float64(spent[0]), "ratio")
			})
		}
	})
}
