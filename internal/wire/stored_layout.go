package wire

import (
	"encoding"
	"reflect"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// layout is what a document needs to know of a Go type.
type layout struct {
	leaf   bool // no part of it is walked into
	sealed bool // it holds a secret, at any depth
	fields map[string]field
}

type field struct {
	reflect.Type
	sealed bool
}

var layouts sync.Map // reflect.Type -> *layout

// layoutOf returns the layout of a type. Shapes are trees: none contains itself.
func layoutOf(t reflect.Type) *layout {
	t = target(t)
	if l, ok := layouts.Load(t); ok {
		return l.(*layout)
	}
	l := &layout{}
	switch {
	case ownSpelling(t):
		l.leaf = true
	case t.Kind() == reflect.Struct:
		l.fields = make(map[string]field)
		for _, f := range reflect.VisibleFields(t) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || !f.IsExported() || name == "-" {
				continue
			}
			if name == "" {
				name = f.Name
			}
			sealed := f.Tag.Get("store") == "sealed"
			l.fields[name] = field{f.Type, sealed}
			l.sealed = l.sealed || sealed || layoutOf(f.Type).sealed
		}
	case t.Kind() == reflect.Map, t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8:
		l.sealed = layoutOf(t.Elem()).sealed
	default:
		l.leaf = true
	}
	layouts.Store(t, l)
	return l
}

// target returns the type behind a pointer.
func target(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// ownSpelling reports whether the type spells its JSON itself, as times do.
func ownSpelling(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	for _, i := range []reflect.Type{
		reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler](),
	} {
		if p.Implements(i) {
			return true
		}
	}
	return false
}
