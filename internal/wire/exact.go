package wire

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// Fold returns the form of a member's name that all names have in common which a reader without regard to case takes for one: by Unicode's
// simple folding, so that "ſub" (U+017F) is "sub".
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, name)
}

var errInexact = errors.New("a member's name occurs twice, or differs from a known one by case alone")

// CheckExact refuses a JSON document that readers could take for different things: where a name occurs twice in an object, in any case,
// or is one of the known names but for its case. It stands before libraries that decode without regard to case; what we decode ourselves
// goes through Unmarshal, which compares names exactly.
func CheckExact(data []byte, known ...string) error {
	exact := make(map[string]string, len(known))
	for _, name := range known {
		exact[Fold(name)] = name
	}
	d := jsontext.NewDecoder(bytes.NewReader(data))
	var objects []map[string]bool // names seen in each object that is open; nil for a list
	for {
		token, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("malformed JSON")
		}
		switch token.Kind() {
		case '{':
			objects = append(objects, map[string]bool{})
			continue
		case '[':
			objects = append(objects, nil)
			continue
		case '}', ']':
			objects = objects[:len(objects)-1]
			continue
		default: // a name or a value
		}
		kind, length := d.StackIndex(d.StackDepth())
		if kind != '{' || length%2 == 0 { // not in an object, or the value of a member
			continue
		}
		name := token.String()
		folded, seen := Fold(name), objects[len(objects)-1]
		if want, ok := exact[folded]; ok && want != name || seen[folded] {
			return errInexact
		}
		seen[folded] = true
	}
}
