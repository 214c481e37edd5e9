package main

import (
	"bytes"
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/cenote-id/cenote/internal/model"
)

// printPattern writes the variable of a shape's pattern, once for each text, and returns its name.
//
// Most patterns are one repeated character class, and most values are ASCII. For those the class is reduced here to a set of 128
// bits, so that the server decides without a regular expression and compiles one only when it sees the first other value.
func printPattern(b *bytes.Buffer, shapeVar string, shape *model.Shape, patterns map[string]string) (string, error) {
	if v := patterns[shape.Pattern]; v != "" {
		return v, nil
	}
	text := shape.GoPattern
	if text == "" {
		text = fromJava(shape.Pattern)
	}
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return "", err
	}
	name := strings.Replace(shapeVar, "shape", "pattern", 1)
	if name == shapeVar {
		name = strings.Replace(shapeVar, "identityShape", "identityPattern", 1)
	}
	patterns[shape.Pattern] = name
	fmt.Fprintf(b, "var %s = Pattern{Text: %q, expr: %q%s}\n\n", name, shape.Pattern, text, shortcut(re))
	return name, nil
}

// shortcut returns the fields that describe a simple pattern, or "".
func shortcut(re *syntax.Regexp) string {
	if set, ok := repeated(re); ok {
		return fmt.Sprintf(", form: oneClass, optional: %v, head: asciiSet{%s}", re.Op == syntax.OpStar, set)
	}
	// class+ separator class+, where the separator cannot be in the second class: its last occurrence divides the value.
	if re.Op != syntax.OpConcat || len(re.Sub) != 3 || re.Sub[1].Op != syntax.OpLiteral || len(re.Sub[1].Rune) != 1 {
		return ""
	}
	sep := re.Sub[1].Rune[0]
	head, ok1 := repeated(re.Sub[0])
	tail, ok2 := repeated(re.Sub[2])
	if !ok1 || !ok2 || re.Sub[0].Op != syntax.OpPlus || re.Sub[2].Op != syntax.OpPlus || sep > 127 || tail.has(sep) {
		return ""
	}
	return fmt.Sprintf(", form: twoClasses, separator: %q, head: asciiSet{%s}, tail: asciiSet{%s}", sep, head, tail)
}

// ascii is a set of ASCII characters.
type ascii [2]uint64

func (a ascii) String() string  { return fmt.Sprintf("%#x, %#x", a[0], a[1]) }
func (a ascii) has(r rune) bool { return a[r>>6]>>(r&63)&1 == 1 }
func (a *ascii) add(lo, hi rune) {
	for r := lo; r <= min(hi, 127); r++ {
		a[r>>6] |= 1 << (r & 63)
	}
}

// repeated returns the ASCII part of the class when the expression is nothing but a repeated class.
func repeated(re *syntax.Regexp) (set ascii, ok bool) {
	if re.Op != syntax.OpPlus && re.Op != syntax.OpStar {
		return set, false
	}
	switch sub := re.Sub[0]; sub.Op {
	case syntax.OpCharClass:
		for i := 0; i < len(sub.Rune); i += 2 {
			set.add(sub.Rune[i], sub.Rune[i+1])
		}
		return set, true
	case syntax.OpAnyChar:
		set.add(0, 127)
		return set, true
	default:
		return set, false
	}
}

// fromJava rewrites a pattern of the service, which is matched by Java, for Go. The two differ in what \s, \S and the dot mean;
// anchors at the ends say nothing, since the whole value must match.
func fromJava(pattern string) string {
	const space = `\t\n\v\f\r `
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "^"), "$")
	pattern = strings.ReplaceAll(pattern, `[\S]`, `[^`+space+`]`)
	dotAll := strings.HasPrefix(pattern, "(?s)")
	var b strings.Builder
	inClass := false
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && inClass && pattern[i+1] == 's':
			b.WriteString(space)
			i++
			continue
		case c == '\\':
			b.WriteByte(c)
			i++
			c = pattern[i]
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '.' && !inClass && !dotAll:
			b.WriteString(`[^\n\r\x{85}\x{2028}\x{2029}]`)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
