package wire

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// member is one member of a JSON object.
type member struct {
	name  string
	value jsontext.Value
}

func find(members []member, name string) jsontext.Value {
	for _, m := range members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// object reads the members of a JSON object in their order; none of what is no object.
func object(raw jsontext.Value) (members []member, err error) {
	if raw.Kind() != '{' {
		return nil, nil
	}
	err = elements(raw, func(d *jsontext.Decoder) error {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		m := member{name: name.String()}
		value, err := d.ReadValue()
		m.value = value.Clone()
		members = append(members, m)
		return err
	})
	return members, err
}

// array reads the elements of a JSON array; none of what is no array.
func array(raw jsontext.Value) (items []jsontext.Value, err error) {
	if raw.Kind() != '[' {
		return nil, nil
	}
	err = elements(raw, func(d *jsontext.Decoder) error {
		value, err := d.ReadValue()
		items = append(items, value.Clone())
		return err
	})
	return items, err
}

func elements(raw jsontext.Value, read func(*jsontext.Decoder) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(raw))
	_, err := d.ReadToken()
	for err == nil && d.PeekKind() != '}' && d.PeekKind() != ']' {
		err = read(d)
	}
	return err
}

// text writes a JSON object.
func text(members []member) jsontext.Value {
	b := jsontext.Value{'{'}
	for i, m := range members {
		if i > 0 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, m.name) // names have been read, so they are good text
		b = append(append(b, ':'), m.value...)
	}
	return append(b, '}')
}

// list writes a JSON array.
func list(items []jsontext.Value) jsontext.Value {
	b := jsontext.Value{'['}
	for i, item := range items {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, item...)
	}
	return append(b, ']')
}
