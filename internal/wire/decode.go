package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cenote-id/cenote/internal/fault"
)

// Decode reads a request body into a new input of the operation, as NewInput makes it.
//
// The error is always a *fault.Error: Serialization when the body is not JSON of the right types, otherwise InvalidParameter with
// every constraint that the input breaks, in the service's words. Members that the model does not know are ignored, null is
// absence, and a name that occurs twice or text that is not UTF-8 is malformed.
func (o *Operation) Decode(body []byte) (any, error) {
	in := o.NewInput()
	d := decoder{json: jsontext.NewDecoder(bytes.NewBuffer(body))}
	switch d.json.PeekKind() {
	case '{':
	case '[':
		return nil, errList
	default:
		return nil, d.malformed()
	}
	if err := d.structure(o.Input, reflect.ValueOf(in).Elem()); err != nil {
		return nil, err
	}
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, d.malformed()
	}
	if len(d.violations) > 0 {
		return nil, o.violation(d.invalid())
	}
	return in, nil
}

// maxNesting is how deep values may be nested that the model does not describe.
const maxNesting = 64

// maxElements bounds lists and maps, also those for which the model has no limit: reading one costs more than its bytes. No list or map of
// the model is allowed more.
const maxElements = 500

var (
	errList      = fault.New(fault.Serialization, "Start of list found where not expected")
	errStructure = fault.New(fault.Serialization, "Start of structure or map found where not expected.")
	errScalar    = fault.New(fault.Serialization, "Unexpected field type")
)

// decoder walks once over the raw JSON and the shape together: it fills the Go value and collects violations on the way.
// A wrong type ends the walk, a violation does not; so types are always judged before constraints, as the service does.
type decoder struct {
	json       *jsontext.Decoder
	path       []step
	hidden     int // how many sensitive shapes the walk is inside of
	violations []violation
	further    int // violations that were only counted
}

// value reads the next value, which is not null.
func (d *decoder) value(s *Shape, into reflect.Value) error {
	if s.Sensitive {
		d.hidden++
		defer func() { d.hidden-- }()
	}
	switch s.Kind {
	case Structure:
		return d.structure(s, into)
	case List:
		return d.list(s, into)
	case Map:
		return d.mapping(s, into)
	}
	text, size, err := d.scalar(s, into)
	if err != nil {
		return err
	}
	for _, rule := range s.broken(text, size) {
		d.violate(text, rule)
	}
	return nil
}

func (d *decoder) structure(s *Shape, into reflect.Value) error {
	if err := d.open(s, '{'); err != nil {
		return err
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	var seen uint64
	last := -1
	for d.json.PeekKind() == '"' {
		name, err := d.name()
		if err != nil {
			return err
		}
		i := s.index(name, last+1)
		if i < 0 {
			if _, err := d.raw(); err != nil {
				return err
			}
			continue
		}
		last = i
		if d.json.PeekKind() == 'n' {
			if _, err := d.json.ReadToken(); err != nil {
				return d.malformed()
			}
			continue
		}
		seen |= 1 << i
		if err := d.member(&s.Members[i], i, into.Field(i)); err != nil {
			return err
		}
	}
	if _, err := d.json.ReadToken(); err != nil { // the closing brace
		return d.malformed()
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.Required && seen>>i&1 == 0 {
			d.missing(m, i)
		}
	}
	return nil
}

// member reads the value of a structure's member, which is not null.
func (d *decoder) member(m *Member, order int, into reflect.Value) error {
	before := len(d.violations)
	d.path = append(d.path, step{kind: memberStep, name: m.Name, order: order})
	if err := d.value(m.Shape, into); err != nil {
		return err
	}
	d.path = d.path[:len(d.path)-1]
	if m.Blank && into.IsZero() {
		d.violations = d.violations[:before]
	}
	return nil
}

// list reads a list without its nulls. What is wrong with scalar elements is said once, of the list.
func (d *decoder) list(s *Shape, into reflect.Value) error {
	if err := d.open(s, '['); err != nil {
		return err
	}
	into.Set(reflect.MakeSlice(into.Type(), 0, 4))
	n, good := 0, true
	for d.more(']') {
		if d.json.PeekKind() == 'n' {
			if _, err := d.json.ReadToken(); err != nil {
				return d.malformed()
			}
			continue
		}
		if n == maxElements {
			return d.tooMany()
		}
		into.Grow(1)
		into.SetLen(n + 1)
		ok, err := d.element(s.Elem, into.Index(n), step{kind: itemStep, order: n})
		if err != nil {
			return err
		}
		good = good && ok
		n++
	}
	if _, err := d.json.ReadToken(); err != nil { // the closing bracket
		return d.malformed()
	}
	rules := s.broken("", int64(n))
	if !good {
		rules = append(rules, "Member must satisfy constraint: "+bracketed(s.Elem.constraints()))
	}
	for _, rule := range rules {
		d.violateWhole(s, into, rule)
	}
	return nil
}

// mapping reads a map without the entries that are null. What is wrong with keys and scalar values is said once, of the map.
func (d *decoder) mapping(s *Shape, into reflect.Value) error {
	if err := d.open(s, '{'); err != nil {
		return err
	}
	into.Set(reflect.MakeMap(into.Type()))
	key, value := reflect.New(into.Type().Key()).Elem(), reflect.New(into.Type().Elem()).Elem()
	n, goodKeys, goodValues := 0, true, true
	for d.more('}') {
		name, err := d.name()
		if err != nil {
			return err
		}
		key.SetString(string(name))
		value.SetZero()
		if d.json.PeekKind() == 'n' {
			if _, err := d.json.ReadToken(); err != nil {
				return d.malformed()
			}
			continue
		}
		if n == maxElements {
			return d.tooMany()
		}
		ok, err := d.element(s.Elem, value, step{kind: entryStep, name: key.String(), order: n})
		if err != nil {
			return err
		}
		into.SetMapIndex(key, value)
		goodKeys = goodKeys && s.Key.broken(key.String(), utf16Length(key.String())) == nil
		goodValues = goodValues && ok
		n++
	}
	if _, err := d.json.ReadToken(); err != nil { // the closing brace
		return d.malformed()
	}
	rules := s.broken("", int64(n))
	if !goodKeys {
		rules = append(rules, "Map keys must satisfy constraint: "+bracketed(s.Key.constraints()))
	}
	if !goodValues {
		rules = append(rules, "Map value must satisfy constraint: "+bracketed(s.Elem.constraints()))
	}
	for _, rule := range rules {
		d.violateWhole(s, into, rule)
	}
	return nil
}

// element reads an element of a list or a map. It reports whether a scalar keeps its constraints; deeper violations are recorded.
func (d *decoder) element(s *Shape, into reflect.Value, at step) (ok bool, err error) {
	if s.scalar() {
		text, size, err := d.scalar(s, into)
		return err == nil && s.broken(text, size) == nil, err
	}
	d.path = append(d.path, at)
	if err := d.value(s, into); err != nil {
		return false, err
	}
	d.path = d.path[:len(d.path)-1]
	return true, nil
}

// open reads the first token of a structure, map or list.
func (d *decoder) open(s *Shape, first jsontext.Kind) error {
	if d.json.PeekKind() != first {
		return d.mismatch(s)
	}
	if _, err := d.json.ReadToken(); err != nil {
		return d.malformed()
	}
	return nil
}

// tooMany ends the walk at the list or map at the path and tells only that. Nothing behind is read.
func (d *decoder) tooMany() error {
	d.violations, d.further = nil, 0
	d.record("Value", (&Shape{Kind: List, Max: maxElements}).maxRule())
	return d.invalid()
}

// more reports whether another element comes before the closing token. It is false also when the JSON ends or breaks there;
// reading the closing token then tells.
func (d *decoder) more(closing jsontext.Kind) bool {
	kind := d.json.PeekKind()
	return kind != closing && kind != 0
}

// name reads a member's name. It is good until the next read.
func (d *decoder) name() ([]byte, error) {
	raw, err := d.json.ReadValue()
	if err != nil {
		return nil, d.malformed()
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1], nil
	}
	name, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return nil, d.malformed()
	}
	return name, nil
}

// raw reads any value whole. It is good until the next read.
func (d *decoder) raw() ([]byte, error) {
	raw, err := d.json.ReadValue()
	if err != nil || nesting(raw) > maxNesting {
		return nil, d.malformed()
	}
	return raw, nil
}

// nesting returns how deep the lists and objects of a JSON value go.
func nesting(value []byte) int {
	depth, deepest, text := 0, 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// malformed is the answer to a body that is not the JSON of an object. The log learns where, and nothing of what was there.
func (d *decoder) malformed() error {
	return fault.New(fault.Serialization, "").Because(fmt.Errorf("malformed JSON after byte %d", d.json.InputOffset()))
}

// mismatch is the answer to a value of another type than the shape's.
func (d *decoder) mismatch(s *Shape) error {
	switch kind := d.json.PeekKind(); kind {
	case '{':
		return errStructure
	case '[':
		return errList
	case '"', '0', 't', 'f':
		if !s.scalar() {
			return errScalar
		}
		return notConvertible(kind, s)
	default:
		return d.malformed()
	}
}
