package user

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
)

// Query asks for users of a pool, in the order of the filter's index.
type Query struct {
	Filter Filter
	After  Cursor
	Limit  int
}

// Cursor is the place in a list after which a page begins; the zero Cursor is the beginning.
type Cursor struct {
	Value string // of the filtered attribute, as it is indexed
	ID    string
}

// Filter is a condition on one attribute; the zero Filter lets every user through.
type Filter struct {
	Attribute string
	Prefix    bool // the value begins with Value; else it equals Value
	Value     string
}

// ParseFilter parses the filter of ListUsers: an attribute, = or ^=, and a value in double quotes in which a backslash escapes
// quotes and backslashes. Anything else, two conditions included, is an error, never a filter that lets all users through.
func ParseFilter(text string) (Filter, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Filter{}, nil
	}
	i := strings.IndexByte(text, '=')
	if i < 0 {
		return Filter{}, errFilter()
	}
	name, prefix := strings.CutSuffix(text[:i], "^")
	f := Filter{Attribute: strings.TrimSpace(name), Prefix: prefix}
	if unquoted, err := parseQuoted(f.Attribute); err == nil { // "name" = "x" is taken too, as in the documentation's examples
		f.Attribute = unquoted
	}
	if f.Attribute == "" || strings.ContainsAny(f.Attribute, " \t\"^") {
		return Filter{}, errFilter()
	}
	value, err := parseQuoted(strings.TrimSpace(text[i+1:]))
	if err != nil {
		return Filter{}, err
	}
	f.Value = value
	if !slices.Contains(searchable, f.Attribute) && !slices.Contains(searchableColumns, f.Attribute) {
		return Filter{}, fault.Newf(fault.InvalidParameter, "Invalid search attribute: %s", f.Attribute)
	}
	return f, nil
}

// searchableColumns are what ListUsers can search beside attributes.
var searchableColumns = []string{"username", "sub", "cognito:user_status", "status"}

// parseQuoted returns the text between the quotes that begin and end it.
func parseQuoted(text string) (string, error) {
	if len(text) < 2 || text[0] != '"' {
		return "", errFilter()
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			if i != len(text)-1 {
				return "", errFilter()
			}
			return b.String(), nil
		case '\\':
			if i++; i >= len(text) {
				return "", errFilter()
			}
			if text[i] != '"' && text[i] != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", errFilter()
}

func errFilter() error { return fault.New(fault.InvalidParameter, "Error while parsing filter.") }

// CursorOf returns the place of the user in a list by the filter.
func (f Filter) CursorOf(u *User) Cursor {
	switch f.Attribute {
	case "", "sub":
		return Cursor{ID: u.ID}
	case "username":
		return Cursor{Value: u.Username, ID: u.ID}
	case "cognito:user_status":
		return Cursor{Value: string(u.Status), ID: u.ID}
	case "status":
		return Cursor{Value: enabledText(u.Enabled), ID: u.ID}
	}
	return Cursor{Value: FoldValue(u.Attributes[f.Attribute]), ID: u.ID}
}

// FoldValue returns the form in which values of attributes are indexed and searched: without regard to case.
func FoldValue(value string) string { return strings.ToLower(value) }

func enabledText(enabled bool) string {
	if enabled {
		return "Enabled"
	}
	return "Disabled"
}
