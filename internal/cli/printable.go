package cli

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// harmful reports whether a terminal obeys a character instead of showing it, or shows what is around it in another order.
func harmful(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// printable writes what a terminal would obey as an escape, such as \x1b: users choose their names and attributes, and servers their
// answers.
func printable(text string) string {
	if !strings.ContainsFunc(text, harmful) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if harmful(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// printableJSON does so in JSON, whose encoder leaves some of these characters in texts as they are. The meaning stays the same.
func printableJSON(text []byte) []byte {
	if !bytes.ContainsFunc(text, func(r rune) bool { return r != '\n' && harmful(r) }) {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		if r != '\n' && harmful(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.Bytes()
}
