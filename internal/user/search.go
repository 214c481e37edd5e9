package user

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cenote-id/cenote/internal/fault"
)

// Search is an extended filter: conditions on any attribute, joined by and, or and not, and an order. ParseSearch says what it looks like.
type Search struct {
	where match // nil lets every user through
	order *order
	index Filter // lets through every user that where does
}

// match decides about a user.
type match func(*User) bool

// order is the field that users are sorted by.
type order struct {
	field      field
	descending bool
}

// field reads what a condition looks at, in the form in which it is compared.
type field struct {
	name string
	read func(*User) string
	fold func(string) string // of the value in the filter
}

// maxDepth bounds the parentheses and nots around a condition. The length of a filter bounds the conditions.
const maxDepth = 8

// ParseSearch parses an extended filter, whose attributes known accepts:
//
//	search    = [ or ] [ "sort" "by" field [ "desc" ] ]
//	or        = and { "or" and }
//	and       = unit { "and" unit }
//	unit      = "not" unit | "(" or ")" | field operator value
//	operator  = "=" | "!=" | "^=" | "$=" | "*="
//
// The operators are: equals, differs, begins with, ends with, contains. A value is in double quotes, as in ParseFilter. An absent attribute
// differs from every value, and is the first when sorted by. Fields are the attributes and those of ParseFilter and, to sort by, created and
// modified. The error is a fault that tells where the text goes wrong.
func ParseSearch(text string, known func(attribute string) bool) (Search, error) {
	p := &searchParser{text: text, known: known}
	p.next()
	var s Search
	if !p.keyword("sort") && p.token != "" {
		n := p.or(0)
		s.where, s.index = n.match, n.index
	}
	if p.keyword("sort") {
		p.next()
		if !p.keyword("by") {
			p.expect(`"by"`)
		}
		p.next()
		s.order = &order{field: p.field(true)}
		if p.keyword("desc") {
			s.order.descending = true
			p.next()
		}
	}
	if p.token != "" {
		p.expect("the end")
	}
	return s, p.flaw
}

// searchParser reads an extended filter. After the first flaw it sees the end of the text.
type searchParser struct {
	text  string
	known func(string) bool
	at    int    // where the token begins
	end   int    // and ends
	token string // a word, an operator, a parenthesis, a value with its quotes; "" at the end
	flaw  error
}

// node is a part of a filter, and a condition that an index knows and that the part implies.
type node struct {
	match match
	index Filter
}

func (p *searchParser) fail(err error) {
	if p.flaw == nil {
		p.flaw = err
	}
	p.token, p.at, p.end = "", len(p.text), len(p.text)
}

func (p *searchParser) expect(what string) {
	p.fail(fault.Newf(fault.InvalidParameter, "Error while parsing filter: %s expected at character %d.", what, utf8.RuneCountInString(p.text[:p.at])+1))
}

const operators = "=!^$*"

// next reads the next token.
func (p *searchParser) next() {
	rest := strings.TrimLeft(p.text[p.end:], " \t\r\n")
	p.at = len(p.text) - len(rest)
	n := 0
	switch {
	case rest == "":
	case rest[0] == '"':
		for n = 1; n < len(rest) && rest[n] != '"'; n++ {
			if rest[n] == '\\' {
				n++
			}
		}
		if n >= len(rest) {
			p.expect("a closing quote")
			return
		}
		n++
	case rest[0] == '(' || rest[0] == ')':
		n = 1
	case strings.IndexByte(operators, rest[0]) >= 0:
		for n < len(rest) && strings.IndexByte(operators, rest[n]) >= 0 {
			n++
		}
	default:
		if n = strings.IndexAny(rest, " \t\r\n\"()"+operators); n < 0 {
			n = len(rest)
		}
	}
	p.end = p.at + n
	p.token = rest[:n]
}

// keyword reports whether the token is the word, in whatever case.
func (p *searchParser) keyword(word string) bool { return strings.EqualFold(p.token, word) }

func (p *searchParser) or(depth int) node {
	all := []node{p.and(depth)}
	for p.keyword("or") {
		p.next()
		all = append(all, p.and(depth))
	}
	if len(all) == 1 {
		return all[0]
	}
	return node{match: func(u *User) bool { return slices.ContainsFunc(all, func(n node) bool { return n.match(u) }) }}
}

func (p *searchParser) and(depth int) node {
	all := []node{p.unit(depth)}
	for p.keyword("and") {
		p.next()
		all = append(all, p.unit(depth))
	}
	joined := node{match: func(u *User) bool { return !slices.ContainsFunc(all, func(n node) bool { return !n.match(u) }) }}
	for _, n := range all { // equality lets the fewest through
		if joined.index.Attribute == "" || joined.index.Prefix && n.index.Attribute != "" && !n.index.Prefix {
			joined.index = n.index
		}
	}
	return joined
}

func (p *searchParser) unit(depth int) node {
	if depth > maxDepth {
		p.fail(fault.Newf(fault.InvalidParameter, "Error while parsing filter: more than %d levels of parentheses.", maxDepth))
	}
	switch {
	case p.keyword("not"):
		p.next()
		n := p.unit(depth + 1)
		return node{match: func(u *User) bool { return !n.match(u) }}
	case p.token == "(":
		p.next()
		n := p.or(depth + 1)
		if p.token != ")" {
			p.expect(`")"`)
		}
		p.next()
		return n
	}
	return p.condition()
}

func (p *searchParser) condition() node {
	f := p.field(false)
	operator := p.token
	test := map[string]func(have, want string) bool{
		"=": func(have, want string) bool { return have == want }, "!=": func(have, want string) bool { return have != want },
		"^=": strings.HasPrefix, "$=": strings.HasSuffix, "*=": strings.Contains,
	}[operator]
	if test == nil {
		p.expect("an operator (=, !=, ^=, $= or *=)")
	}
	p.next()
	if p.token == "" || p.token[0] != '"' {
		p.expect("a value in double quotes")
		return node{}
	}
	value, err := parseQuoted(p.token)
	if err != nil {
		p.fail(err)
		return node{}
	}
	p.next()
	n := node{match: func(u *User) bool {
		have := f.read(u)
		return have == "" && operator == "!=" || have != "" && test(have, f.fold(value))
	}}
	indexed := slices.Contains(searchable, f.name) || slices.Contains(searchableColumns, f.name)
	if indexed && (operator == "=" || operator == "^=") {
		n.index = Filter{Attribute: f.name, Prefix: operator == "^=", Value: value}
	}
	return n
}

// field reads the name of a field, in quotes or not, as ParseFilter does.
func (p *searchParser) field(sort bool) field {
	name := p.token
	if unquoted, err := parseQuoted(name); err == nil {
		name = unquoted
	}
	if name == "" || strings.ContainsAny(name[:1], operators+"()") {
		p.expect("an attribute")
		return field{}
	}
	same := func(s string) string { return s }
	f := field{name: name, read: func(u *User) string { return FoldValue(u.Attributes[name]) }, fold: FoldValue}
	switch {
	case name == "username":
		f.read, f.fold = func(u *User) string { return u.Username }, same
	case name == "sub":
		f.read, f.fold = func(u *User) string { return u.ID }, same
	case name == "cognito:user_status":
		f.read, f.fold = func(u *User) string { return string(u.Status) }, strings.ToUpper
	case name == "status":
		f.read, f.fold = func(u *User) string { return enabledText(u.Enabled) }, same
	case sort && name == "created":
		f.read = func(u *User) string { return timeText(u.Created.UnixMicro()) }
	case sort && name == "modified":
		f.read = func(u *User) string { return timeText(u.Modified.UnixMicro()) }
	case p.flaw == nil && !p.known(name):
		p.fail(fault.Newf(fault.InvalidParameter, "Invalid search attribute: %s", name))
	}
	p.next()
	return f
}

// timeText writes a time so that texts compare as times do.
func timeText(micros int64) string {
	text := strconv.FormatInt(micros, 10)
	return strings.Repeat("0", max(0, 19-len(text))) + text
}

// Index returns a filter that lets every user through whom the search finds, and is served by an index.
func (s Search) Index() Filter { return s.index }

// Matches reports whether the search finds the user.
func (s Search) Matches(u *User) bool { return s.where == nil || s.where(u) }

// Sorted reports whether the users found are in an order of the search, rather than in that of the index.
func (s Search) Sorted() bool { return s.order != nil }

// CursorOf returns the place of the user in the order.
func (s Search) CursorOf(u *User) Cursor {
	if s.order == nil {
		return s.index.CursorOf(u)
	}
	return Cursor{Value: s.order.field.read(u), ID: u.ID}
}

// Compare tells which of two places comes first in the order: below 0 for a, above 0 for b.
func (s Search) Compare(a, b Cursor) int {
	c := strings.Compare(a.Value, b.Value)
	if c == 0 {
		c = strings.Compare(a.ID, b.ID)
	}
	if s.order != nil && s.order.descending {
		return -c
	}
	return c
}
