package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func actsAreFilteredAndSwept(t *testing.T, b *bed) {
	pools := []string{b.newPool(t, wire.UserPoolType{}).ID, b.newPool(t, wire.UserPoolType{}).ID}
	const many = 600 // more than one batch of a sweep
	id := func(i int) string { return fmt.Sprintf("%s-%03d", pools[0], i) }
	b.update(t, func(tx *store.Tx) error {
		for i := range many {
			a := store.Act{
				ID: id(i), At: noon.Add(time.Duration(i/2) * time.Second), Actor: fmt.Sprint("key", i%3), Operation: fmt.Sprint("Do", i%4), PoolID: pools[i%2],
				UserID: fmt.Sprint("sub", i%5), Username: fmt.Sprint("name", i%5), Outcome: "OK", Detail: "{}",
			}
			if i%100 == 7 {
				a.Outcome = "UserNotFoundException"
			}
			if err := tx.SaveAct(a); err != nil {
				return err
			}
		}
		return nil
	})
	list := func(q store.ActQuery) (ids []string) {
		b.view(t, func(tx *store.Tx) error {
			ids = nil
			acts, err := tx.Acts(q)
			for _, a := range acts {
				if a.PoolID == pools[0] || a.PoolID == pools[1] { // others use the database, too
					ids = append(ids, a.ID)
				}
			}
			return err
		})
		return ids
	}
	for _, tc := range []struct {
		name string
		q    store.ActQuery
		want []string
	}{
		{"the newest", store.ActQuery{PoolID: pools[1], Limit: 2}, []string{id(599), id(597)}},
		{"those behind one of the same time", store.ActQuery{Until: noon.Add(299 * time.Second), UntilID: id(599), Since: noon.Add(299 * time.Second)}, []string{id(598)}},
		{"by actor, user and operation", store.ActQuery{Actor: "key1", User: "sub1", Operation: "Do1", Until: noon.Add(40 * time.Second)}, []string{id(61), id(1)}},
		{"by name", store.ActQuery{PoolID: pools[0], User: "name4", Until: noon.Add(8 * time.Second)}, []string{id(14), id(4)}},
		{"failures", store.ActQuery{PoolID: pools[1], Failed: true, Limit: 3}, []string{id(507), id(407), id(307)}},
	} {
		if diff := cmp.Diff(tc.want, list(tc.q)); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
	if err := b.SweepActs(t.Context(), noon.Add(298*time.Second)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{id(599), id(598), id(597), id(596)}, list(store.ActQuery{})); diff != "" {
		t.Errorf("after a sweep: %s", diff)
	}
}

// witness adds a fact to every change.
type witness struct {
	name                     string
	before, after, committed int
	made                     map[string]string
}

func (w *witness) Before(*store.Tx) error { w.before++; return nil }

func (w *witness) After(tx *store.Tx, made map[string]string) error {
	w.after++
	w.made = made
	return tx.SetMeta(w.name, "seen")
}

func (w *witness) Committed() { w.committed++ }

func changesAreWitnessed(t *testing.T, b *bed) {
	w := &witness{name: "test.witness"}
	ctx := store.WithWitness(t.Context(), w)
	seen := func() (found bool) {
		b.view(t, func(tx *store.Tx) (err error) { _, found, err = tx.Meta(w.name); return err })
		return found
	}
	failed := errors.New("no")
	try := func(ctx context.Context, fn func(*store.Tx) error) error { return b.Update(ctx, fn) }
	if err := try(ctx, func(tx *store.Tx) error { return errors.Join(tx.SetMeta("test.other", "1"), failed) }); !errors.Is(err, failed) || seen() || w.committed > 0 {
		t.Errorf("a change that failed: %v, seen: %v, committed: %d", err, seen(), w.committed)
	}
	if err := try(ctx, func(tx *store.Tx) error { _, _, err := tx.Meta("test.other"); return err }); err != nil || seen() || w.after > 0 {
		t.Errorf("what changes nothing: %v, seen: %v, after: %d", err, seen(), w.after)
	}
	p := &pool.Pool{ID: "eu-west-1_" + letters(9)}
	if err := try(ctx, func(tx *store.Tx) error { return tx.InsertPool(p) }); err != nil || !seen() || w.committed != 1 || w.made["UserPoolId"] != p.ID {
		t.Errorf("a change: %v, seen: %v, committed: %d, made: %v", err, seen(), w.committed, w.made)
	}
}
