package wire

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Sealer turns a secret of a stored document into what may lie in a database, and back. The path names the member that holds it:
// "IdentityProvider.ProviderDetails".
type Sealer interface {
	Seal(plain []byte, path string) []byte
	Open(sealed []byte, path string) ([]byte, error)
}

// EncodeStored returns the JSON of a document to store, a structure, and is read by DecodeStored.
//
// Members whose field is tagged store:"sealed" are sealed one by one; in the shapes of the model those are the sensitive ones. A nil
// Sealer is for documents that are sealed as a whole.
//
// Old is the document that this one replaces, or nil. A newer version of the program may have written it: its members that v does not
// have are kept, so that a node one version behind destroys nothing when it changes something else. In a list, an element keeps them
// as long as the rest of it stays the same.
func EncodeStored(v any, old []byte, s Sealer) ([]byte, error) {
	fresh, err := Encode(v)
	if err != nil {
		return nil, err
	}
	doc, err := (&storage{sealer: s}).write(reflect.TypeOf(v), fresh, old, "")
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return doc, nil
}

// DecodeStored reads what EncodeStored wrote into the pointer v. Members that v does not have are ignored.
func DecodeStored(doc []byte, v any, s Sealer) error {
	t := reflect.TypeOf(v).Elem()
	if layoutOf(t).sealed {
		var err error
		st := &storage{sealer: s}
		if doc, err = st.each(t, doc, "", st.openValue); err != nil {
			return fmt.Errorf("decode %T: %w", v, err)
		}
	}
	return Unmarshal(doc, v)
}

// SealsMembers reports whether documents of the type of v have members that are sealed one by one.
func SealsMembers(v any) bool { return layoutOf(target(reflect.TypeOf(v))).sealed }

// ResealStored replaces each secret of a document that EncodeStored wrote, of the type of v, by what the function makes of the sealed bytes; the
// rest stays as it is. A secret in the clear is not touched.
func ResealStored(doc []byte, v any, reseal func(sealed []byte, path string) ([]byte, error)) ([]byte, error) {
	doc, err := (&storage{}).each(reflect.TypeOf(v), doc, "", func(value jsontext.Value, path string) (jsontext.Value, error) {
		sealed, err := sealedBytes(value)
		if err != nil || sealed == nil {
			return value, err
		}
		if sealed, err = reseal(sealed, path); err != nil {
			return nil, fmt.Errorf("seal %s again: %w", path, err)
		}
		return json.Marshal(map[string][]byte{sealedName: sealed})
	})
	if err != nil {
		return nil, fmt.Errorf("seal %T again: %w", v, err)
	}
	return doc, nil
}

// storage walks over the raw JSON of a document and its Go type together.
type storage struct{ sealer Sealer }

var errNoSealer = errors.New("a secret, and nothing to seal it with")

// sealedName is the only member of the object that stands for a sealed value.
const sealedName = "$sealed"

// write returns the fresh JSON of a value of the type with its secrets sealed, and with the members of old that the type does not know.
func (st *storage) write(t reflect.Type, fresh, old jsontext.Value, path string) (jsontext.Value, error) {
	t = target(t)
	l := layoutOf(t)
	if !l.sealed && len(old) == 0 {
		return fresh, nil
	}
	switch kind := fresh.Kind(); {
	case l.leaf:
		return fresh, nil
	case t.Kind() == reflect.Struct && kind == '{':
		return st.writeStruct(l, fresh, old, path)
	case t.Kind() == reflect.Slice && kind == '[':
		return st.writeList(t.Elem(), fresh, old, path)
	case t.Kind() == reflect.Map && kind == '{':
		return st.writeMap(t.Elem(), fresh, old, path)
	}
	return fresh, nil
}

func (st *storage) writeStruct(l *layout, fresh, old jsontext.Value, path string) (jsontext.Value, error) {
	members, err := object(fresh)
	if err != nil {
		return nil, err
	}
	before, err := object(old)
	if err != nil {
		return nil, err
	}
	for i := range members {
		m := &members[i]
		f := l.fields[m.name]
		if f.sealed {
			if st.sealer == nil {
				return nil, errNoSealer
			}
			m.value, err = json.Marshal(map[string][]byte{sealedName: st.sealer.Seal(m.value, join(path, m.name))})
		} else {
			m.value, err = st.write(f.Type, m.value, find(before, m.name), join(path, m.name))
		}
		if err != nil {
			return nil, err
		}
	}
	for _, m := range before {
		if _, known := l.fields[m.name]; !known {
			members = append(members, m)
		}
	}
	return text(members), nil
}

func (st *storage) writeList(elem reflect.Type, fresh, old jsontext.Value, path string) (jsontext.Value, error) {
	items, err := array(fresh)
	if err != nil {
		return nil, err
	}
	before, err := array(old)
	if err != nil {
		return nil, err
	}
	twins, err := byKnown(elem, before)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		var same jsontext.Value
		if len(twins) > 0 {
			says, err := known(elem, item)
			if err != nil {
				return nil, err
			}
			same = twins[string(says)]
		}
		if items[i], err = st.write(elem, item, same, path); err != nil {
			return nil, err
		}
	}
	return list(items), nil
}

func (st *storage) writeMap(elem reflect.Type, fresh, old jsontext.Value, path string) (jsontext.Value, error) {
	members, err := object(fresh)
	if err != nil {
		return nil, err
	}
	before, err := object(old)
	if err != nil {
		return nil, err
	}
	for i, m := range members {
		if members[i].value, err = st.write(elem, m.value, find(before, m.name), path); err != nil {
			return nil, err
		}
	}
	return text(members), nil
}

// each returns the JSON of a value of the type with each of its secrets replaced by what the function makes of it, given its path.
func (st *storage) each(t reflect.Type, doc jsontext.Value, path string, secret func(jsontext.Value, string) (jsontext.Value, error)) (jsontext.Value, error) {
	t = target(t)
	l := layoutOf(t)
	if !l.sealed {
		return doc, nil
	}
	if t.Kind() == reflect.Slice {
		items, err := array(doc)
		for i := 0; i < len(items) && err == nil; i++ {
			items[i], err = st.each(t.Elem(), items[i], path, secret)
		}
		return list(items), err
	}
	members, err := object(doc)
	for i := 0; i < len(members) && err == nil; i++ {
		m := &members[i]
		switch f := l.fields[m.name]; {
		case t.Kind() == reflect.Map:
			m.value, err = st.each(t.Elem(), m.value, path, secret)
		case f.Type == nil:
		case f.sealed:
			m.value, err = secret(m.value, join(path, m.name))
		default:
			m.value, err = st.each(f.Type, m.value, join(path, m.name), secret)
		}
	}
	return text(members), err
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// openValue opens a sealed value. One in the clear was stored before its member became a secret.
func (st *storage) openValue(value jsontext.Value, path string) (jsontext.Value, error) {
	sealed, err := sealedBytes(value)
	if err != nil || sealed == nil {
		return value, err
	}
	if st.sealer == nil {
		return nil, errNoSealer
	}
	plain, err := st.sealer.Open(sealed, path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return plain, nil
}

// sealedBytes returns what a member that is a secret holds; nil for a value in the clear.
func sealedBytes(value jsontext.Value) (sealed []byte, err error) {
	members, err := object(value)
	if err != nil || len(members) != 1 || members[0].name != sealedName {
		return nil, nil //nolint:nilerror // a value that is no object is no sealed one
	}
	err = json.Unmarshal(members[0].value, &sealed)
	return sealed, err
}

// byKnown returns the elements of a list by what the type knows of them, the first where several say the same.
func byKnown(t reflect.Type, items []jsontext.Value) (map[string]jsontext.Value, error) {
	twins := make(map[string]jsontext.Value, len(items))
	for _, item := range items {
		says, err := known(t, item)
		if err != nil {
			return nil, err
		}
		if _, ok := twins[string(says)]; !ok {
			twins[string(says)] = item
		}
	}
	return twins, nil
}

// known returns what the type knows of a value, in one spelling and without its secrets.
func known(t reflect.Type, value jsontext.Value) (jsontext.Value, error) {
	t = target(t)
	l := layoutOf(t)
	out := value.Clone()
	switch {
	case l.leaf:
	case t.Kind() == reflect.Slice && value.Kind() == '[':
		items, err := array(value)
		if err != nil {
			return nil, err
		}
		for i := range items {
			if items[i], err = known(t.Elem(), items[i]); err != nil {
				return nil, err
			}
		}
		return list(items), nil
	case value.Kind() == '{':
		members, err := object(value)
		if err != nil {
			return nil, err
		}
		var kept []member
		for _, m := range members {
			elem := l.fields[m.name].Type
			if t.Kind() == reflect.Map {
				elem = t.Elem()
			}
			if elem == nil || l.fields[m.name].sealed {
				continue
			}
			if m.value, err = known(elem, m.value); err != nil {
				return nil, err
			}
			kept = append(kept, m)
		}
		out = text(kept)
	}
	return out, out.Canonicalize()
}
