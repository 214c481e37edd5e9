package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
)

// A large group is gone at once for whoever reads, and no transaction removes more than a batch of its memberships.
func TestALargeGroupIsDeletedInBatches(t *testing.T) {
	t.Parallel()
	const members = 3*sweepBatch + 10
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		now := time.Unix(1e9, 0)
		s := openTest(t, Options{Database: database, Master: testMaster(t), Now: func() time.Time { return now }})
		p := &pool.Pool{ID: "us-east-1_Groups"}
		group := pool.Group{PoolID: p.ID, Name: "g", Created: now, Modified: now}
		update := func(fn func(tx *Tx) error) {
			t.Helper()
			if err := s.Update(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		// state returns the rows in memberships, the members, and the groups of the first of them.
		state := func() (rows int, found []string, groups int) {
			t.Helper()
			err := s.View(t.Context(), func(tx *Tx) error {
				found = nil
				all, err := tx.Members(p, "g", "", 0)
				for _, u := range all {
					found = append(found, u.ID)
				}
				of, err2 := tx.UserGroups(p.ID, "u000", "", 0)
				groups = len(of)
				return errors.Join(err, err2, tx.queryRow(`select count(*) from memberships`).Scan(&rows))
			})
			if err != nil {
				t.Fatal(err)
			}
			return rows, found, groups
		}
		update(func(tx *Tx) error {
			if err := errors.Join(tx.InsertPool(p), tx.InsertGroup(group)); err != nil {
				return err
			}
			for i := range members {
				id := fmt.Sprintf("u%03d", i)
				if err := errors.Join(tx.InsertUser(p, user.New(p, id, id, user.Confirmed, now)), tx.AddMember(p.ID, "g", id, now)); err != nil {
					return err
				}
			}
			return nil
		})
		for round := range 2 { // the second time, rows of the first are still there
			if rows, found, groups := state(); len(found) != members-round*(members-2) || groups != 1 {
				t.Fatalf("round %d: %d rows, %d members, %d groups", round, rows, len(found), groups)
			}
			before, _, _ := state()
			update(func(tx *Tx) error { return tx.DeleteGroup(p.ID, "g") })
			rows, found, groups := state()
			if removed := before - rows; removed > sweepBatch || len(found) > 0 || groups != 0 {
				t.Errorf("round %d: %d rows were removed at once; %d members and %d groups are seen", round, removed, len(found), groups)
			}
			update(func(tx *Tx) error { return tx.InsertGroup(group) })
			if _, found, groups := state(); len(found) > 0 || groups != 0 {
				t.Errorf("round %d: a new group of the name has %d members; a user has %d groups", round, len(found), groups)
			}
			update(func(tx *Tx) error {
				return errors.Join(tx.AddMember(p.ID, "g", "u000", now), tx.AddMember(p.ID, "g", "u700", now), tx.AddMember(p.ID, "g", "u700", now))
			})
			if _, found, _ := state(); !cmp.Equal([]string{"u000", "u700"}, found) {
				t.Errorf("round %d: the members of the new group are %v", round, found)
			}
		}
		if err := s.Sweep(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if rows, found, groups := state(); rows != 2 || len(found) != 2 || groups != 1 {
			t.Errorf("after the sweep: %d rows, %d members, %d groups; want those of the new group", rows, len(found), groups)
		}
		var left int
		err := s.View(t.Context(), func(tx *Tx) error { return tx.queryRow(`select count(*) from deleted_groups`).Scan(&left) })
		if err != nil || left != 0 {
			t.Errorf("%d deleted groups are remembered after the sweep, %v", left, err)
		}
	})
}

// The memberships of several deleted groups are removed together: those of every pool, of groups that share some members or none, and never those of
// a group that has the name now.
func TestLargeGroupsAreSweptTogether(t *testing.T) {
	t.Parallel()
	const groups = 5
	eachDatabase(t, func(t *testing.T, database string, _ tokens) {
		now := time.Unix(1e9, 0)
		s := openTest(t, Options{Database: database, Master: testMaster(t), Now: func() time.Time { return now }})
		name := func(g int) string { return fmt.Sprint("g", g) }
		id := func(i int) string { return fmt.Sprintf("u%04d", i) }
		update := func(fn func(tx *Tx) error) {
			t.Helper()
			if err := s.Update(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		pools := []string{"us-east-1_One", "us-east-1_Other"}
		for _, poolID := range pools {
			update(func(tx *Tx) error {
				err := tx.InsertPool(&pool.Pool{ID: poolID})
				for g := range groups {
					err = errors.Join(err, tx.InsertGroup(pool.Group{PoolID: poolID, Name: name(g), Created: now, Modified: now}))
					for i := range sweepBatch + 100*g { // the last one has no member with the first
						err = errors.Join(err, tx.AddMember(poolID, name(g), id(i+g*g*100), now))
					}
				}
				return err
			})
			update(func(tx *Tx) (err error) {
				for g := range groups {
					err = errors.Join(err, tx.DeleteGroup(poolID, name(g)))
				}
				return err
			})
			update(func(tx *Tx) error {
				return errors.Join(tx.InsertGroup(pool.Group{PoolID: poolID, Name: name(2), Created: now, Modified: now}), tx.AddMember(poolID, name(2), id(900), now))
			})
		}
		count := func(query string) (n int) {
			t.Helper()
			if err := s.View(t.Context(), func(tx *Tx) error { return tx.queryRow(query).Scan(&n) }); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(`select count(*) from deleted_groups`); n != groups*len(pools) {
			t.Fatalf("%d groups are left to the sweep, want %d", n, groups*len(pools))
		}
		if err := s.Sweep(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		if n := count(`select count(*) from memberships`); n != len(pools) {
			t.Errorf("%d memberships are left, want the one of the new group in each pool", n)
		}
		if n := count(`select count(*) from memberships m join pool_groups g on g.pool_id = m.pool_id and g.group_name = m.group_name
			and g.generation = m.generation where m.user_id = 'u0900'`); n != len(pools) {
			t.Errorf("%d new members are left, want %d", n, len(pools))
		}
		if n := count(`select count(*) from deleted_groups`); n != 0 {
			t.Errorf("%d deleted groups are remembered after the sweep", n)
		}
	})
}
