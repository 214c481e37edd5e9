package store

import "container/list"

// recent keeps the values that were used last, as many as fit into so many bytes. It is not safe for concurrent use.
type recent[V any] struct {
	room, taken int
	entries     map[string]*list.Element
	order       list.List // of *kept[V], the last used first
}

// kept is a value with the room that it takes.
type kept[V any] struct {
	id    string
	value V
	size  int
}

func newRecent[V any](room int) *recent[V] {
	return &recent[V]{room: room, entries: make(map[string]*list.Element)}
}

// get returns a value, or the zero one, and counts as a use.
func (r *recent[V]) get(id string) (v V) {
	at, found := r.entries[id]
	if !found {
		return v
	}
	r.order.MoveToFront(at)
	return at.Value.(*kept[V]).value
}

// put keeps a value in place of the one with the same id. Those that were not used for longest make room, and a value larger than all the
// room is not kept.
func (r *recent[V]) put(id string, v V, size int) {
	r.drop(id)
	if size > r.room {
		return
	}
	for r.taken+size > r.room {
		r.drop(r.order.Back().Value.(*kept[V]).id)
	}
	r.entries[id] = r.order.PushFront(&kept[V]{id, v, size})
	r.taken += size
}

// renew replaces a value by one of the same size, if it is still there.
func (r *recent[V]) renew(id string, v V) {
	if at, found := r.entries[id]; found {
		at.Value.(*kept[V]).value = v
	}
}

func (r *recent[V]) drop(id string) {
	at, found := r.entries[id]
	if !found {
		return
	}
	r.taken -= at.Value.(*kept[V]).size
	r.order.Remove(at)
	delete(r.entries, id)
}
