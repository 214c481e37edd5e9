package wire

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/fault"
)

// violation is one broken constraint: its sentence, and where it belongs among the others. The service lists them by member;
// the order here is that of the model, whatever order the client wrote.
type violation struct {
	order []int
	text  string
}

// step is one part of the way from the input to a value.
type step struct {
	kind  stepKind
	name  string // member: its name; entry: its key
	order int    // member: its position in the model; item and entry: in the input
}

type stepKind uint8

const (
	memberStep stepKind = iota
	itemStep            // of a list
	entryStep           // of a map
)

const (
	maxViolations = 50  // sentences in one message; more are only counted
	maxShown      = 512 // bytes of a value that are repeated
)

// hidden stands for what must not be printed.
const hidden = "[hidden]"

// violate records that the scalar at the path breaks a rule.
func (d *decoder) violate(value, rule string) {
	d.record("Value '"+shorten(value)+"'", rule)
}

// violateWhole records that the list or map at the path breaks a rule. Its elements are shown when they are plain texts.
func (d *decoder) violateWhole(s *Shape, whole reflect.Value, rule string) {
	if s.Elem.Sensitive || s.Key != nil && s.Key.Sensitive || !s.Elem.scalar() && whole.Len() > 0 {
		d.record("Value", rule)
		return
	}
	var parts []string
	switch v := whole.Interface().(type) {
	case []string:
		parts = v[:min(len(v), maxShown)]
	case map[string]string:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+"="+v[key])
		}
	}
	list := shorten(strings.Join(parts, ", "))
	if s.Kind == Map {
		d.record("Value '{"+list+"}'", rule)
		return
	}
	d.record("Value '["+list+"]'", rule)
}

// missing records that the structure at the path lacks a required member.
func (d *decoder) missing(m *Member, order int) {
	d.path = append(d.path, step{kind: memberStep, name: m.Name, order: order})
	value := "Value null"
	if m.Shape.Sensitive {
		value = "Value"
	}
	d.record(value, "Member must not be null")
	d.path = d.path[:len(d.path)-1]
}

func (d *decoder) record(value, rule string) {
	if len(d.violations) == maxViolations {
		d.further++
		return
	}
	if d.hidden > 0 {
		value = "Value"
	}
	v := violation{text: value + " at '" + d.place() + "' failed to satisfy constraint: " + rule}
	for _, s := range d.path {
		v.order = append(v.order, s.order)
	}
	d.violations = append(d.violations, v)
}

// place spells the path as the service does: "userAttributes.1.member.name".
func (d *decoder) place() string {
	var b strings.Builder
	for i, s := range d.path {
		if i > 0 {
			b.WriteByte('.')
		}
		switch s.kind {
		case memberStep:
			b.WriteString(strings.ToLower(s.name[:1]) + s.name[1:])
		case itemStep:
			fmt.Fprintf(&b, "%d.member", s.order+1)
		case entryStep:
			b.WriteString(shorten(s.name) + ".member")
		}
	}
	return b.String()
}

// invalid returns the fault that tells all violations.
func (d *decoder) invalid() error {
	slices.SortStableFunc(d.violations, func(a, b violation) int { return slices.Compare(a.order, b.order) })
	var b strings.Builder
	n := len(d.violations) + d.further
	plural := "s"
	if n == 1 {
		plural = ""
	}
	fmt.Fprintf(&b, "%d validation error%s detected: ", n, plural)
	for i, v := range d.violations {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(v.text)
	}
	return fault.New(fault.InvalidParameter, b.String())
}

// shorten cuts a long value, between characters.
func shorten(value string) string {
	if len(value) <= maxShown {
		return value
	}
	end := maxShown
	for !utf8.RuneStart(value[end]) {
		end--
	}
	return value[:end] + "..."
}

func bracketed(rules []string) string { return "[" + strings.Join(rules, ", ") + "]" }
