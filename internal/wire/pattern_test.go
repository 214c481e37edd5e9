package wire

import (
	"slices"
	"strings"
	"testing"
)

// patterns returns every pattern that an input can meet.
func patterns() []*Pattern {
	var all []*Pattern
	seen := map[*Shape]bool{}
	var visit func(*Shape)
	visit = func(s *Shape) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		if s.Pattern != nil && !slices.Contains(all, s.Pattern) {
			all = append(all, s.Pattern)
		}
		visit(s.Key)
		visit(s.Elem)
		for i := range s.Members {
			visit(s.Members[i].Shape)
		}
	}
	for _, o := range Operations() {
		visit(o.Input)
	}
	return all
}

func TestShortcutsDecideAsTheExpressionsDo(t *testing.T) {
	t.Parallel()
	values := []string{
		"", "_", "a_", "_a", "a_b", "a_b_c", "a-_b", "a:b", "a:", ":b", "::", "us-east-1_Abc", "a b", "a\n", "\n", "a\x00", "\x7f", "é", "a_é", "é_a",
		"😀", "a\u2028", strings.Repeat("a", 300), "{####}", "x{####}y", "{##click##}", "code", "12345", "+1", "import-1", "a@b", "..", "arn:aws:x::1:y",
	}
	for c := range 256 {
		values = append(values, string(rune(c)), "a"+string(rune(c)), "a_"+string(rune(c)), "a:"+string(rune(c))+"0")
	}
	all := patterns()
	if len(all) < 40 {
		t.Fatalf("only %d patterns", len(all))
	}
	for _, p := range all {
		for _, v := range values {
			if got, want := p.Match(v), p.regexp().MatchString(v); got != want {
				t.Errorf("%s on %q: got %v, want %v", p.Text, v, got, want)
			}
		}
	}
}

func TestASCIIValuesNeedNoExpression(t *testing.T) {
	t.Parallel()
	for _, p := range []*Pattern{
		{form: oneClass, expr: "[a-z]+", head: asciiSet{0, 0x7fffffe00000000}},
		{form: twoClasses, expr: "[a-z]+_[a-z]+", separator: '_', head: asciiSet{0, 0x7fffffe00000000}, tail: asciiSet{0, 0x7fffffe00000000}},
	} {
		p.Match("abc")
		p.Match("a_b")
		if p.compiled != nil {
			t.Errorf("%s was compiled", p.expr)
		}
	}
}
