package store

import (
	"strings"
	"unicode/utf8"
)

// longestText is more characters than any text has that is searched by prefix.
const longestText = 4096

// prefixRange returns the bounds of the texts that begin with prefix: from <= text and text < to, in byte order.
//
// It is the portable form of "like 'prefix%'", which differs in case between the databases. The upper bound counts in code points,
// because PostgreSQL refuses bytes that are not UTF-8.
func prefixRange(prefix string) (from, to string) {
	for s := prefix; s != ""; {
		last, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		if last == utf8.MaxRune {
			continue // nothing follows it at this place, so the place before it must grow
		}
		next := last + 1
		if next == 0xD800 {
			next = 0xE000 // surrogates are not characters
		}
		return prefix, s + string(next)
	}
	// No prefix, or only the last character there is: every text from there on begins with it, so the bound is beyond them all.
	return prefix, strings.Repeat(string(utf8.MaxRune), longestText)
}
