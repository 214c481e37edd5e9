package hostile_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// mutation is another value for one place of a request.
type mutation struct {
	what  string
	value any
	// want is the exception that the service model alone demands; "" where it depends on what the value means.
	want fault.Code
}

// absent stands for a member that is left out.
type absent struct{}

// place is a value in a request: the member names, list positions and map keys that lead to it, and what the model says of it.
type place struct {
	path     []any
	shape    *wire.Shape
	required bool
	blank    bool // the empty string is absence
}

func (p place) String() string {
	var b strings.Builder
	for _, step := range p.path {
		fmt.Fprintf(&b, "/%v", step)
	}
	return b.String()
}

// name is the last member name on the way.
func (p place) name() string {
	for _, step := range slices.Backward(p.path) {
		if s, ok := step.(string); ok {
			return s
		}
	}
	return ""
}

// places lists every place that the shape of a request knows, also those that the request does not use. Of lists it names the first
// element, of maps the keys that the request has.
func places(s *wire.Shape, value any, path []any) []place {
	var all []place
	add := func(step any, m wire.Member, value any) {
		p := append(slices.Clone(path), step)
		inner := m.Shape
		all = append(all, place{p, inner, m.Required, m.Blank})
		all = append(all, places(inner, value, p)...)
	}
	switch s.Kind {
	case wire.Structure:
		o, _ := value.(object)
		for _, m := range s.Members {
			add(m.Name, m, o[m.Name])
		}
	case wire.List:
		var first any
		if list, ok := value.([]any); ok && len(list) > 0 {
			first = list[0]
		}
		add(0, wire.Member{Shape: s.Elem}, first)
	case wire.Map:
		o, _ := value.(object)
		if len(o) == 0 {
			o = object{"k": nil}
		}
		for key, v := range o {
			add(key, wire.Member{Shape: s.Elem}, v)
		}
	default: // nothing is inside
	}
	return all
}

// put returns a copy of a value with another value at the path. What is missing on the way is made.
func put(in any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0].(type) {
	case int:
		list, _ := in.([]any)
		list = slices.Clone(list)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[step] = put(list[step], path[1:], value)
		return list
	default:
		o, _ := in.(object)
		name := step.(string)
		if _, leave := value.(absent); leave && len(path) == 1 {
			c := object{}
			for n, v := range o {
				if n != name {
					c[n] = v
				}
			}
			return c
		}
		return o.with(name, put(o[name], path[1:], value))
	}
}

// The values of other types than each kind has.
var otherTypes = map[wire.Kind][]any{
	wire.String:    {1, true, object{}, []any{}},
	wire.Integer:   {"1", true, object{}, []any{}, 1.5, raw("1e400"), raw("9223372036854775808")},
	wire.Long:      {"1", true, object{}, []any{}, 1.5, raw("1e400"), raw("9223372036854775808")},
	wire.Boolean:   {"true", 1, object{}, []any{}},
	wire.Timestamp: {"1", true, object{}, []any{}},
	wire.Blob:      {1, true, object{}, []any{}, "no base64!"},
	wire.List:      {"x", 1, true, object{}},
	wire.Map:       {"x", 1, true, []any{}},
	wire.Structure: {"x", 1, true, []any{}},
}

// malformedTexts are no JSON strings, though they look like it.
var malformedTexts = []raw{`"\ud800"`, `"\udc00\ud800"`, "\"\xff\xfe\"", "\"\xc0\xaf\"", "\"\x01\"", "\"a\x00b\"", `"\q"`, `"\u12"`, `'a'`, `NaN`, `01`, `"a`}

// hostileTexts are strings that have broken a program somewhere.
var hostileTexts = []string{
	"", " ", "\x00", "a\x00b", "\x01\x1b[31m\x7f", "a\r\nX-Evil: 1", "\u202egnp.exe", "a\u200bb\ufeff", "😀", "e\u0301", "\u212a\u0130\u0131\u017f",
	"' OR '1'='1", "'; drop table users; --", `"\$1 %s %00 ?`, "{{.}} ${7*7} #{7*7}", "{####}{username}", "../../etc/passwd",
	"<script>alert(1)</script>", "*", "%_", strings.Repeat("a", 50_000), strings.Repeat("😀", 12_000),
}

// fewHostileTexts stand for all of them deep inside of settings, of which there are hundreds, and in what is only passed on.
var fewHostileTexts = []string{"", "\x00", "a\r\nX-Evil: 1", "😀", "'; drop table users; --"}

// passedOn are members that no operation judges.
var passedOn = []string{"AnalyticsMetadata", "UserContextData", "ContextData", "ClientMetadata", "ValidationData"}

// mutations returns the values to try at a place.
func mutations(p place, strangers map[string][]string) []mutation {
	var all []mutation
	add := func(what string, value any, want fault.Code) { all = append(all, mutation{what, value, want}) }
	gone := fault.Code("")
	if p.required {
		gone = fault.InvalidParameter
	}
	add("null", nil, gone)
	if _, member := p.path[len(p.path)-1].(string); member {
		add("left out", absent{}, gone)
	}
	for _, v := range otherTypes[p.shape.Kind] {
		add(fmt.Sprintf("a %T", v), v, fault.Serialization)
	}
	switch p.shape.Kind {
	case wire.String:
		return append(all, textMutations(p, strangers[p.name()])...)
	case wire.Integer, wire.Long:
		for _, n := range []int64{p.shape.Min - 1, p.shape.Max + 1, -1, 0, math.MaxInt32, math.MinInt32} {
			want := fault.Code("")
			if p.shape.HasMin && n < p.shape.Min || p.shape.HasMax && n > p.shape.Max {
				want = fault.InvalidParameter
			}
			add("a number", n, want)
		}
	case wire.List:
		want := fault.Code("")
		if p.shape.HasMin && p.shape.Min > 0 {
			want = fault.InvalidParameter
		}
		add("an empty list", []any{}, want)
		add("a list of null", []any{nil}, want)
		if p.shape.Elem.Kind == wire.String {
			add("a list of lists", []any{[]any{}}, fault.Serialization)
			add("a long list", many("a", max(p.shape.Max+1, 1000)), fault.InvalidParameter)
		}
	case wire.Map:
		add("an empty map", object{}, "")
		if p.shape.Elem.Kind == wire.String {
			add("a map of numbers", object{"k": 1}, fault.Serialization)
			add("a name twice", raw(`{"k":"a","k":"b"}`), fault.Serialization)
			add("hostile keys", object{"": "", "\x00": "\x00", "'--": "'--", strings.Repeat("k", 5000): "v", "\u202e": "\u202e"}, "")
			big := object{}
			for i := range 2000 {
				big[fmt.Sprint("k", i)] = "v"
			}
			add("many keys", big, fault.InvalidParameter)
		}
	case wire.Structure:
		add("an empty structure", object{}, "")
	default: // other types are all that there is to try
	}
	return all
}

// textMutations are those of a string; strangers are values for the place that belong to somebody else or to nobody.
func textMutations(p place, strangers []string) []mutation {
	var all []mutation
	texts := fewHostileTexts
	if len(p.path) <= 2 && !slices.Contains(passedOn, p.path[0].(string)) {
		texts = slices.Concat(hostileTexts, strangers)
		for _, text := range malformedTexts {
			all = append(all, mutation{"malformed text", text, fault.Serialization})
		}
	}
	if p.shape.HasMax && p.shape.Max < 200_000 {
		texts = append(slices.Clone(texts), strings.Repeat("a", int(p.shape.Max)+1))
	}
	if p.shape.HasMin && p.shape.Min > 1 {
		texts = append(slices.Clone(texts), strings.Repeat("a", int(p.shape.Min)-1))
	}
	for _, text := range texts {
		all = append(all, mutation{"the text " + fmt.Sprintf("%.20q", text), text, wants(breaks(p.shape, text) && (text != "" || !p.blank), fault.InvalidParameter)})
	}
	return all
}

// breaks reports whether a text breaks a constraint of its shape. A text inside of a list or map does so as well.
func breaks(s *wire.Shape, text string) bool {
	n := int64(len(utf16.Encode([]rune(text))))
	return s.HasMax && n > s.Max || s.HasMin && n < s.Min || s.Pattern != nil && !s.Pattern.Match(text) || s.Enum != nil && !slices.Contains(s.Enum, text)
}

func wants(yes bool, code fault.Code) fault.Code {
	if yes {
		return code
	}
	return ""
}

func many(item any, n int64) []any { return slices.Repeat([]any{item}, int(n)) }

// malformedBodies are no requests at all, whatever the operation.
var malformedBodies = []raw{
	"", " ", "null", `"x"`, "1", "true", "[]", "[{}]", "{", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{a:1}`, "{}{}", "{}x", "\xef\xbb\xbf{}", "\x00", "\xff", "<xml/>",
	`{"Zzz":1,"Zzz":2}`, `{"Zzz":"\ud800"}`, "{\"Zzz\":\"\xff\"}",
	raw(strings.Repeat("[", 500_000)), raw(strings.Repeat(`{"a":`, 100_000)), raw(`{"Zzz":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}"),
	raw(`{"Zzz":"` + strings.Repeat("a", 2<<20) + `"}`),
}
