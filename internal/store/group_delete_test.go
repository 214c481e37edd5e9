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
