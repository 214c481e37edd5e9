package store

import (
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestRecentKeepsWhatWasUsedLast compares with a list that is searched from the last used one on.
func TestRecentKeepsWhatWasUsedLast(t *testing.T) {
	t.Parallel()
	type item struct {
		id          string
		value, size int
	}
	rapid.Check(t, func(t *rapid.T) {
		const room = 20
		r := newRecent[int](room)
		var model []item
		without := func(id string) []item {
			return slices.DeleteFunc(slices.Clone(model), func(i item) bool { return i.id == id })
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			id, value, size := strconv.Itoa(rapid.IntRange(0, 9).Draw(t, "id")), rapid.Int().Draw(t, "value"), rapid.IntRange(0, 25).Draw(t, "size")
			at := slices.IndexFunc(model, func(i item) bool { return i.id == id })
			switch rapid.SampledFrom([]string{"put", "get", "renew", "drop"}).Draw(t, "step") {
			case "put":
				model = append(without(id), item{id, value, size})
				if size > room {
					model = without(id)
				}
				for sum(model, func(i item) int { return i.size }) > room {
					model = model[1:]
				}
				r.put(id, value, size)
			case "get":
				want := 0
				if at >= 0 {
					i := model[at]
					want, model = i.value, append(without(id), i)
				}
				if got := r.get(id); got != want {
					t.Fatalf("got %d, want %d", got, want)
				}
			case "renew":
				if at >= 0 {
					model[at].value = value
				}
				r.renew(id, value)
			case "drop":
				model = without(id)
				r.drop(id)
			}
			if len(r.entries) != len(model) || r.order.Len() != len(model) || r.taken != sum(model, func(i item) int { return i.size }) {
				t.Fatalf("%d entries, %d in order, %d taken; want %v", len(r.entries), r.order.Len(), r.taken, model)
			}
		}
	})
}

func sum[T any](all []T, of func(T) int) (n int) {
	for _, v := range all {
		n += of(v)
	}
	return n
}
