package store

import (
	"reflect"
	"unsafe"
)

// sizeOf returns about how many bytes of the heap a value keeps alive: what it points to, what that points to, and so on, each once. What the
// allocator adds is not counted.
func sizeOf[V any](v V) int {
	s := sizer{seen: make(map[unsafe.Pointer]bool)}
	s.add(reflect.ValueOf(v))
	return s.bytes
}

type sizer struct {
	bytes int
	seen  map[unsafe.Pointer]bool
}

// add counts what is behind the value, but not the value's own bytes: those are part of something counted already.
func (s *sizer) add(v reflect.Value) {
	switch v.Kind() { //nolint:exhaustive // the other kinds lead nowhere
	case reflect.Pointer:
		if !v.IsNil() && s.first(v.UnsafePointer(), int(v.Type().Elem().Size())) {
			s.add(v.Elem())
		}
	case reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Elem().Kind() != reflect.Pointer {
			s.bytes += int(v.Elem().Type().Size())
		}
		s.add(v.Elem())
	case reflect.String:
		if v.Len() > 0 {
			s.first(unsafe.Pointer(unsafe.StringData(v.String())), v.Len())
		}
	case reflect.Slice:
		if v.Cap() > 0 && s.first(v.UnsafePointer(), v.Cap()*int(v.Type().Elem().Size())) && points(v.Type().Elem()) {
			for i := range v.Len() {
				s.add(v.Index(i))
			}
		}
	case reflect.Array:
		if points(v.Type().Elem()) {
			for i := range v.Len() {
				s.add(v.Index(i))
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			s.add(v.Field(i))
		}
	case reflect.Map:
		const control = 2 // bytes of the table for each entry, and some that are free
		s.bytes += v.Len() * int(v.Type().Key().Size()+v.Type().Elem().Size()+control)
		for entries := v.MapRange(); entries.Next(); {
			s.add(entries.Key())
			s.add(entries.Value())
		}
	}
}

// first counts the bytes at an address, and reports whether they were met for the first time.
func (s *sizer) first(at unsafe.Pointer, bytes int) bool {
	if s.seen[at] {
		return false
	}
	s.seen[at] = true
	s.bytes += bytes
	return true
}

// points reports whether values of the type lead anywhere: they are neither booleans nor numbers.
func points(t reflect.Type) bool { return t.Kind() > reflect.Complex128 }
