package trail

import (
	"reflect"

	"github.com/cenote-id/cenote/internal/wire"
)

// changes returns what differs between two states of the same thing, without secrets. Nil is the state of what does not exist.
func changes(before, after any) (was, is any, err error) {
	if was, err = shown(before); err != nil {
		return nil, nil, err
	}
	if is, err = shown(after); err != nil {
		return nil, nil, err
	}
	was, is = differ(was, is)
	return was, is, nil
}

func shown(v any) (any, error) {
	if v == nil {
		return nil, nil
	}
	return wire.Public(v)
}

// differ leaves out what is the same. When something was changed follows from the time of the act.
func differ(was, is any) (any, any) {
	before, ok := was.(map[string]any)
	after, also := is.(map[string]any)
	if !ok || !also {
		if reflect.DeepEqual(was, is) {
			return nil, nil
		}
		return was, is
	}
	gone, come := map[string]any{}, map[string]any{}
	for name, value := range before {
		b, a := differ(value, after[name])
		if name == "LastModifiedDate" {
			continue
		}
		if b != nil {
			gone[name] = b
		}
		if a != nil {
			come[name] = a
		}
	}
	for name, value := range after {
		if _, known := before[name]; !known && name != "LastModifiedDate" {
			come[name] = value
		}
	}
	return unlessEmpty(gone), unlessEmpty(come)
}

func unlessEmpty(m map[string]any) any {
	if len(m) == 0 {
		return nil
	}
	return m
}
