package store

import (
	"slices"
	"testing"
)

// A table that is in neither list would be forgotten by copies of pools.
func TestEachTableOfAPoolLastsOrPasses(t *testing.T) {
	t.Parallel()
	known := slices.Concat(lasting, passing)
	for _, table := range pooledTables() {
		if n := len(slices.DeleteFunc(slices.Clone(known), func(name string) bool { return name != table })); n != 1 {
			t.Errorf("%s is listed %d times: does Contents copy it or leave it out?", table, n)
		}
	}
	if len(known) != len(pooled) {
		t.Errorf("%d tables are listed, there are %d", len(known), len(pooled))
	}
}
