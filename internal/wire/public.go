package wire

import (
	"crypto/sha256"
	"fmt"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// longestShown is how many bytes a text may have that Public shows.
const longestShown = 512

// Public returns what may be kept of a value where secrets do not belong: a tree of map[string]any, []any and scalars for its JSON.
//
// Members whose field is tagged store:"sealed" (in the shapes of the model, the sensitive ones) read "[hidden]", and so do the values of
// ClientMetadata and ValidationData, in which applications may put anything. Long texts and documents are replaced by their size. Two
// trees are equal, by reflect.DeepEqual, exactly when what they stand for is. Lists of names and values become maps.
func Public(v any) (any, error) {
	data, err := Encode(v)
	if err != nil {
		return nil, err
	}
	return public(reflect.TypeOf(v), data)
}

// concealed stands for a value that is not shown.
type concealed struct {
	label string
	sum   [sha256.Size]byte
}

// MarshalText returns what is shown instead.
func (c concealed) MarshalText() ([]byte, error) { return []byte(c.label), nil }

func conceal(value jsontext.Value, label string) concealed {
	return concealed{label, sha256.Sum256(value)}
}

func public(t reflect.Type, data jsontext.Value) (any, error) {
	t = target(t)
	switch kind := data.Kind(); {
	case t == reflect.TypeFor[Document]():
		return conceal(data, sized(len(data))), nil
	case t.Kind() == reflect.Struct && kind == '{', t.Kind() == reflect.Map && kind == '{':
		return publicObject(t, data)
	case t.Kind() == reflect.Slice && kind == '[':
		return publicList(t.Elem(), data)
	}
	var scalar any
	if err := json.Unmarshal(data, &scalar); err != nil {
		return nil, err
	}
	if text, ok := scalar.(string); ok && len(text) > longestShown {
		return conceal(data, sized(len(text))), nil
	}
	return scalar, nil
}

func sized(n int) string { return fmt.Sprintf("[%d bytes]", n) }

func publicObject(t reflect.Type, data jsontext.Value) (any, error) {
	members, err := object(data)
	if err != nil {
		return nil, err
	}
	shown := make(map[string]any, len(members))
	for _, m := range members {
		f := field{Type: t}
		if t.Kind() == reflect.Map {
			f.Type = t.Elem()
		} else {
			f = layoutOf(t).fields[m.name]
		}
		if f.sealed || m.name == "ClientMetadata" || m.name == "ValidationData" {
			shown[m.name] = conceal(m.value, hidden)
			continue
		}
		if shown[m.name], err = public(f.Type, m.value); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

func publicList(elem reflect.Type, data jsontext.Value) (any, error) {
	items, err := array(data)
	if err != nil {
		return nil, err
	}
	if elem == reflect.TypeFor[AttributeType]() {
		return publicAttributes(items)
	}
	shown := make([]any, len(items))
	for i, item := range items {
		if shown[i], err = public(elem, item); err != nil {
			return nil, err
		}
	}
	return shown, nil
}

// publicAttributes returns the names of attributes, with what stands for their values.
func publicAttributes(items []jsontext.Value) (any, error) {
	shown := make(map[string]any, len(items))
	for _, item := range items {
		var a AttributeType
		if err := json.Unmarshal(item, &a); err != nil {
			return nil, err
		}
		shown[a.Name] = conceal(jsontext.Value(a.Value), hidden)
	}
	return shown, nil
}
