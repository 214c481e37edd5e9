package store

import (
	"reflect"
	"sync"

	"github.com/cenote-id/cenote/internal/wire"
)

// schemas has cached pools share one copy of the schema that they have in common: most pools have the default one, of twenty attributes and
// 3 kB.
type schemas struct {
	mu   sync.Mutex
	held [8][]wire.SchemaAttributeType
	next int // the one that gives way
}

// share returns an equal schema that another pool has, if a copy is at hand; else the same one, which later pools may share.
func (s *schemas) share(schema []wire.SchemaAttributeType) []wire.SchemaAttributeType {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, held := range s.held {
		if reflect.DeepEqual(held, schema) {
			return held
		}
	}
	s.held[s.next] = schema
	s.next = (s.next + 1) % len(s.held)
	return schema
}

// shares reports whether the schema is one of those that are shared.
func (s *schemas) shares(schema []wire.SchemaAttributeType) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, held := range s.held {
		if len(held) > 0 && len(schema) > 0 && &held[0] == &schema[0] {
			return true
		}
	}
	return false
}
