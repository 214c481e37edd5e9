// Package storetest is the suite that every database under the store must pass.
//
// A store that has not passed it is not a store. Engine holds what is true of any data: commits, rollbacks, isolation, order.
// The other functions hold one noun each. All take an opener and ask it for a fresh, empty store for each case.
package storetest

import (
	"fmt"
	"testing"

	"github.com/cenote-id/cenote/internal/store"
)

// Opener returns a fresh, empty store that is closed when the test ends.
type Opener func(t *testing.T) *store.Store

// set keeps one meta value in an Update of its own.
func set(t *testing.T, s *store.Store, name, value string) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(name, value) }); err != nil {
		t.Fatalf("set %s: %v", name, err)
	}
}

// names lists the meta names with the prefix in a View of its own.
func names(t *testing.T, s *store.Store, prefix string) []string {
	t.Helper()
	var got []string
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		got, err = tx.MetaNames(prefix)
		return err
	})
	if err != nil {
		t.Fatalf("list names: %v", err)
	}
	return got
}

// number reads a meta value that is a number; no value is 0.
func number(tx *store.Tx, name string) (n int, err error) {
	value, found, err := tx.Meta(name)
	if err != nil || !found {
		return 0, err
	}
	_, err = fmt.Sscan(value, &n)
	return n, err
}
