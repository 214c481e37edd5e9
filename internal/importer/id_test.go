package importer

import (
	"slices"
	"testing"

	"github.com/google/uuid"
)

// The ids of a file are random UUIDs of version 4 that come in the order of its lines and cover the whole range.
func TestIDsComeInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	const size, line = 100 << 20, 11
	var ids []string
	for from := int64(0); from+line <= size; from += size / 1000 {
		id := spreadID(span{from, from + line}, size)
		if u, err := uuid.Parse(id); err != nil || u.Version() != 4 || u.Variant() != uuid.RFC4122 {
			t.Fatalf("id %s: %v", id, err)
		}
		ids = append(ids, id)
	}
	if !slices.IsSorted(ids) {
		t.Error("the ids are not sorted")
	}
	if ids[0][:2] != "00" || ids[len(ids)-1][:1] != "f" {
		t.Errorf("the ids reach from %s to %s", ids[0], ids[len(ids)-1])
	}
	if a, b := spreadID(span{0, line}, size), spreadID(span{0, line}, size); a == b {
		t.Error("two ids of one line are equal")
	}
}
