package wire

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// Pattern is a regular expression that a whole value must match. Text is the model's, as messages repeat it.
//
// Values are nearly always ASCII and patterns nearly always one repeated character class, so those are decided by a set of bits.
// The regular expression is compiled when the first other value arrives: most are never needed, and start stays fast.
type Pattern struct {
	Text string

	expr       string // the same in Go's syntax
	form       form
	optional   bool // oneClass: the empty string matches
	separator  byte // twoClasses
	head, tail asciiSet
	compile    sync.Once
	compiled   *regexp.Regexp
}

// form says which shortcut a pattern has.
type form uint8

const (
	noForm     form = iota
	oneClass        // head repeated
	twoClasses      // head repeated, the separator, tail repeated; the separator is not in tail
)

// asciiSet is a set of ASCII characters.
type asciiSet [2]uint64

func (a *asciiSet) has(c byte) bool { return a[c>>6&1]>>(c&63)&1 == 1 }

// all reports whether the text consists of characters of the set.
func (a *asciiSet) all(text string) bool {
	for i := range len(text) {
		if !a.has(text[i]) {
			return false
		}
	}
	return true
}

// Match reports whether the whole value matches.
func (p *Pattern) Match(value string) bool {
	if p.form != noForm && ascii(value) {
		if p.form == oneClass {
			return p.head.all(value) && (p.optional || value != "")
		}
		i := strings.LastIndexByte(value, p.separator)
		return i > 0 && i < len(value)-1 && p.head.all(value[:i]) && p.tail.all(value[i+1:])
	}
	return p.regexp().MatchString(value)
}

func (p *Pattern) regexp() *regexp.Regexp {
	p.compile.Do(func() { p.compiled = regexp.MustCompile("^(?:" + p.expr + ")$") })
	return p.compiled
}

func ascii(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
