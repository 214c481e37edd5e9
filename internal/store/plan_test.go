package store

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// plans runs fn on a store whose statements are noted, and returns what SQLite plans for each of them.
func plans(t *testing.T, s *Store, fn func(tx *Tx) error) map[string]string {
	t.Helper()
	noted := make(map[string]string)
	err := s.View(t.Context(), func(tx *Tx) error {
		before := make(map[string]bool)
		for query := range tx.session.prepared {
			before[query] = true
		}
		if err := fn(tx); err != nil {
			return err
		}
		for query := range tx.session.prepared {
			if !before[query] && strings.HasPrefix(query, "select") {
				noted[query] = ""
			}
		}
		for query := range noted {
			steps, err := collect(tx.query("explain query plan "+query, slices.Repeat([]any{0}, strings.Count(query, "$"))...), func(r scanner) (step string, err error) {
				var id, parent, unused int64
				return step, r.Scan(&id, &parent, &unused, &step)
			})
			if err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
			noted[query] = strings.Join(steps, "; ")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return noted
}

// Each statement finds its place in an index and reads on in the order it answers in. A scan or a sort would make its cost depend on
// how many rows the database has.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	t.Parallel()
	for name, fn := range map[string]func(tx *Tx, p *pool.Pool) error{
		"a user by id":           func(tx *Tx, p *pool.Pool) error { _, err := tx.UserByID(p, "x"); return err },
		"a user by sign-in name": func(tx *Tx, p *pool.Pool) error { _, err := tx.UserBySignInName(p, "x"); return err },
		"a user who signs in":    func(tx *Tx, p *pool.Pool) error { _, _, err := tx.UserSigningIn(p, "x"); return err },
		"a user of an attempt":   func(tx *Tx, p *pool.Pool) error { _, _, _, err := tx.UserOfAttempt(p, "x", "y"); return err },
		"the end of a sign-in":   func(tx *Tx, p *pool.Pool) error { _, _, err := tx.FailuresAndGroups(p.ID, "x", "y"); return err },
		"the holder of a name":   func(tx *Tx, p *pool.Pool) error { _, err := tx.NameHolder(p, user.Name{}); return err },
		"metadata that is due":   func(tx *Tx, _ *pool.Pool) error { _, err := tx.DueProviders(time.Unix(1, 0), 60); return err },
		"members":                func(tx *Tx, p *pool.Pool) error { _, err := tx.Members(p, "g", "a", 60); return err },
		"groups of a user":       func(tx *Tx, p *pool.Pool) error { _, err := tx.UserGroups(p.ID, "x", "a", 60); return err },
		"groups":                 func(tx *Tx, p *pool.Pool) error { _, err := tx.Groups(p.ID, "a", 60); return err },
		"clients":                func(tx *Tx, p *pool.Pool) error { _, err := tx.Clients(p, "a", 60); return err },
		"a code":                 func(tx *Tx, p *pool.Pool) error { _, err := tx.Code(p, "x", user.SignUpCode); return err },
		"a counter":              func(tx *Tx, p *pool.Pool) error { _, err := tx.Counter(p.ID, "x", user.SignInFailure); return err },
		"a device":               func(tx *Tx, p *pool.Pool) error { _, err := tx.Device(p, "x", "y"); return err },
		"devices":                func(tx *Tx, p *pool.Pool) error { _, err := tx.Devices(p, "x", "a", 60); return err },
		"passkeys":               func(tx *Tx, p *pool.Pool) error { _, err := tx.Passkeys(p, "x", time.Time{}, "a", 20); return err },
		"a count of passkeys":    func(tx *Tx, p *pool.Pool) error { _, err := tx.CountPasskeys(p.ID, "x", "a"); return err },
		"a passkey registration": func(tx *Tx, p *pool.Pool) error { _, err := tx.PasskeyChallenge(p, "x"); return err },
		"sessions of a user":     func(tx *Tx, p *pool.Pool) error { _, err := tx.Sessions(p.ID, "x", time.Unix(0, 0)); return err },
		"browsers of a user":     func(tx *Tx, p *pool.Pool) error { _, err := tx.BrowserSessions(p, "x", time.Unix(0, 0)); return err },
		"a browser":              func(tx *Tx, p *pool.Pool) error { _, err := tx.BrowserSession(p, "x", time.Unix(0, 0)); return err },
		"use of a session":       func(tx *Tx, p *pool.Pool) error { _, _, err := tx.SessionUsed(p.ID, "x", "y"); return err },
		"an event":               func(tx *Tx, p *pool.Pool) error { _, _, err := tx.Event(p.ID, "x", "y"); return err },
		"events of a user":       func(tx *Tx, p *pool.Pool) error { _, err := tx.UserEvents(p.ID, "x", time.Time{}, "", 60); return err },
		"older events of a user": func(tx *Tx, p *pool.Pool) error {
			_, err := tx.UserEvents(p.ID, "x", time.Unix(1, 0), "y", 60)
			return err
		},
		"resource servers":       func(tx *Tx, p *pool.Pool) error { _, err := tx.ResourceServers(p, "a", 60); return err },
		"a domain":               func(tx *Tx, _ *pool.Pool) error { _, err := tx.Domain("a"); return err },
		"domains of a pool":      func(tx *Tx, p *pool.Pool) error { _, err := tx.PoolDomains(p.ID); return err },
		"a SAML key":             func(tx *Tx, p *pool.Pool) error { _, err := tx.SAMLKey(p, pool.SignsSAML); return err },
		"providers":              func(tx *Tx, p *pool.Pool) error { _, err := tx.Providers(p, "a", 60); return err },
		"an identifier":          func(tx *Tx, p *pool.Pool) error { _, err := tx.ProviderByIdentifier(p, "a"); return err },
		"a user by an account":   func(tx *Tx, p *pool.Pool) error { _, err := tx.UserByIdentity(p, "a", "b", "c"); return err },
		"attributes of links":    func(tx *Tx, p *pool.Pool) error { _, err := tx.LinkedAttributes(p.ID, "a", 5); return err },
		"a look":                 func(tx *Tx, p *pool.Pool) error { _, err := tx.UICustomization(p, "a"); return err },
		"a style":                func(tx *Tx, p *pool.Pool) error { _, err := tx.Branding(p, "a"); return err },
		"the style of a client":  func(tx *Tx, p *pool.Pool) error { _, err := tx.BrandingOf(p, "a"); return err },
		"terms by id":            func(tx *Tx, p *pool.Pool) error { _, err := tx.Terms(p, "a"); return err },
		"terms of a client":      func(tx *Tx, p *pool.Pool) error { _, err := tx.TermsOf(p, "a", "b"); return err },
		"terms":                  func(tx *Tx, p *pool.Pool) error { _, err := tx.PoolTerms(p, "a", 60); return err },
		"a revocation":           func(tx *Tx, p *pool.Pool) error { _, err := tx.OriginRevoked(p.ID, "x"); return err },
		"all users":              listing(user.Filter{}),
		"a sub":                  listing(user.Filter{Attribute: "sub", Value: "x"}),
		"a prefix of subs":       listing(user.Filter{Attribute: "sub", Value: "x", Prefix: true}),
		"a username":             listing(user.Filter{Attribute: "username", Value: "x"}),
		"a prefix of usernames":  listing(user.Filter{Attribute: "username", Value: "x", Prefix: true}),
		"an attribute":           listing(user.Filter{Attribute: "email", Value: "x"}),
		"a prefix of attributes": listing(user.Filter{Attribute: "phone_number", Value: "x", Prefix: true}),
		"a user status":          listing(user.Filter{Attribute: "cognito:user_status", Value: "CONFIRMED"}),
		"enabled users":          listing(user.Filter{Attribute: "status", Value: "Enabled"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openRows(t, testFile(t))
			p, _ := fill(t, s, 0)
			found := plans(t, s, func(tx *Tx) error {
				_ = fn(tx, p) // what it asks for is not there
				return nil
			})
			if len(found) == 0 {
				t.Error("no statement was noted")
			}
			for query, plan := range found {
				if strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "SEARCH") {
					t.Errorf("plan: %s\n%s", plan, query)
				}
			}
		})
	}
}

func listing(f user.Filter) func(*Tx, *pool.Pool) error {
	return func(tx *Tx, p *pool.Pool) error {
		_, err := tx.Users(p, user.Query{Filter: f, Limit: 60})
		return err
	}
}

// A page begins in the index where the page before ended, and does not read what lies before it.
func TestPagesBeginAtTheirCursor(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	for statement, want := range map[userQuery]string{
		listUsers:       "SEARCH u USING INDEX sqlite_autoindex_users_1 (pool_id=? AND user_id>?)",
		listBySub:       "SEARCH u USING INDEX sqlite_autoindex_users_1 (pool_id=? AND user_id>? AND user_id<?)",
		listByUsername:  "SEARCH u USING INDEX users_by_username (pool_id=? AND (username,user_id)>(?,?) AND username<?)",
		listByStatus:    "SEARCH u USING INDEX users_by_status (pool_id=? AND (status,user_id)>(?,?) AND status<?)",
		listByEnabled:   "SEARCH u USING INDEX users_by_enabled (pool_id=? AND enabled=? AND user_id>?)",
		listByAttribute: "SEARCH s USING PRIMARY KEY (pool_id=? AND attribute=? AND (value,user_id)>(?,?) AND value<?); SEARCH u USING INDEX sqlite_autoindex_users_1 (pool_id=? AND user_id=?)",
	} {
		query := statement.shown
		found := plans(t, s, func(tx *Tx) error {
			_, err := collect(tx.query(query, slices.Repeat([]any{0}, strings.Count(query, "$"))...), func(r scanner) (int, error) { return 0, nil })
			return err
		})
		if diff := cmp.Diff(want, found[query]); diff != "" {
			t.Errorf("plan (-want +got):\n%s", diff)
		}
	}
}

func TestUsersAreCountedInAnIndex(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	for _, plan := range plans(t, s, func(tx *Tx) error { _, err := tx.CountUsers("x"); return err }) {
		if !strings.Contains(plan, "USING COVERING INDEX") || !strings.Contains(plan, "(pool_id=?)") {
			t.Errorf("plan: %s", plan)
		}
	}
}

func TestSweepsSearchAnIndex(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	if err := s.Sweep(t.Context(), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	err := s.View(t.Context(), func(tx *Tx) error {
		for _, sw := range slices.Concat(expiring, []sweep{idle}, pooled) {
			for query, args := range map[string][]any{sw.find(): {nil}, sw.remove(2): {nil, sweepBatch}} {
				steps, err := collect(tx.query("explain query plan "+query, args...), func(r scanner) (step string, err error) {
					var id, parent, unused int64
					return step, r.Scan(&id, &parent, &unused, &step)
				})
				if err != nil {
					return err
				}
				if plan := strings.Join(steps, "; "); strings.Contains(plan, "SCAN") && sw.table != "signing_keys" { // those are few
					t.Errorf("plan: %s\n%s", plan, query)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The members of other groups are not read to find those of a deleted one.
func TestFormerMembersAreFoundByGroup(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	p := &pool.Pool{ID: "us-east-1_Groups"}
	for query, plan := range plans(t, s, func(tx *Tx) error { _, err := tx.Members(p, "g", "", 60); return err }) {
		if !strings.Contains(plan, "memberships_by_group (pool_id=? AND group_name=?") {
			t.Errorf("plan: %s\n%s", plan, query)
		}
	}
	err := s.View(t.Context(), func(tx *Tx) error {
		for query, args := range map[string][]any{
			formerMembers.find(): {"p", "g", 1}, formerMembers.remove(4): {"p", "g", 1, sweepBatch},
			formerMembersBetween.remove(6): {"p", "g", 1, "t", "u", sweepBatch}, nextFormerMembers: {"p", "g", 1, "t", 10},
		} {
			steps, err := collect(tx.query("explain query plan "+query, args...), func(r scanner) (step string, err error) {
				var id, parent, unused int64
				return step, r.Scan(&id, &parent, &unused, &step)
			})
			if err != nil {
				return err
			}
			if found := steps[len(steps)-1]; !strings.Contains(found, "memberships_by_group (pool_id=? AND group_name=?") {
				t.Errorf("plan: %q\n%s", steps, query)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Sweep knows every table with rows of a pool.
func TestSweepLeavesNoTableOut(t *testing.T) {
	t.Parallel()
	s := openRows(t, testFile(t))
	var tables []string
	err := s.View(t.Context(), func(tx *Tx) (err error) {
		tables, err = collect(tx.query(`select m.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name = 'pool_id'
			and m.name not in ('pools', 'deleted_pools', 'restores') order by m.name`), func(r scanner) (name string, err error) { return name, r.Scan(&name) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	swept := make(map[string]bool)
	for _, t := range pooled {
		swept[t.table] = true
	}
	for _, name := range tables {
		if !swept[name] {
			t.Errorf("rows of a deleted pool stay in %s", name)
		}
	}
	if len(tables) != len(pooled) {
		t.Errorf("%d tables have a pool_id, Sweep knows %d", len(tables), len(pooled))
	}
}
