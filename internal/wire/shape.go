package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is the type of a shape.
type Kind uint8

// The kinds.
const (
	Structure Kind = iota
	List
	Map
	String
	Integer // 32 bits
	Long    // 64 bits
	Boolean
	Timestamp // number of seconds since 1970, with a fraction
	Blob      // base64 text
	Documents // any JSON value
)

// Shape is a type of the model with its constraints. Which fields are set depends on Kind.
type Shape struct {
	Name           string
	Kind           Kind
	Sensitive      bool // no value of it may be repeated in a message
	HasMin, HasMax bool
	Min, Max       int64 // bounds of a number, of a list's or map's size, of a string's length in UTF-16 units, of a blob's bytes
	Pattern        *Pattern
	Enum           []string
	Members        []Member // structure: member i is field i of the Go struct
	Key            *Shape   // map
	Elem           *Shape   // list, map
}

// Member is one member of a structure.
type Member struct {
	Name     string
	Shape    *Shape
	Required bool
	Blank    bool // the empty string is absence
}

// scalar reports whether the shape has no members or elements.
func (s *Shape) scalar() bool { return s.Kind > Map }

// index returns the position of the member with the name, or -1. Clients mostly send members in the order of the model, so the
// search begins at a guess.
func (s *Shape) index(name []byte, guess int) int {
	n := len(s.Members)
	for k := range n {
		i := guess + k
		if i >= n {
			i -= n
		}
		if s.Members[i].Name == string(name) {
			return i
		}
	}
	return -1
}

// constraints returns the rules of the shape in the service's words, in the order in which the service lists them.
func (s *Shape) constraints() []string {
	var all []string
	if s.HasMax {
		all = append(all, s.maxRule())
	}
	if s.HasMin {
		all = append(all, s.minRule())
	}
	if s.Pattern != nil {
		all = append(all, s.patternRule())
	}
	if s.Enum != nil {
		all = append(all, s.enumRule())
	}
	return all
}

// broken returns the rules that a value breaks. The size is a number's value or the length of anything else; the text is that of
// a string. It returns nil, without work, for a good value.
func (s *Shape) broken(text string, size int64) []string {
	var rules []string
	tooLong := s.HasMax && size > s.Max
	if tooLong {
		rules = append(rules, s.maxRule())
	}
	if s.HasMin && size < s.Min {
		rules = append(rules, s.minRule())
	}
	// A value that is refused for its length is not searched as well when that would take long.
	if s.Pattern != nil && !(tooLong && len(text) > longValue) && !s.Pattern.Match(text) {
		rules = append(rules, s.patternRule())
	}
	if s.Enum != nil && !slices.Contains(s.Enum, text) {
		rules = append(rules, s.enumRule())
	}
	return rules
}

const longValue = 32 << 10

func (s *Shape) maxRule() string {
	return fmt.Sprintf("Member must have %s less than or equal to %d", s.measure(), s.Max)
}

func (s *Shape) minRule() string {
	return fmt.Sprintf("Member must have %s greater than or equal to %d", s.measure(), s.Min)
}

func (s *Shape) patternRule() string {
	return "Member must satisfy regular expression pattern: " + s.Pattern.Text
}

func (s *Shape) enumRule() string {
	return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
}

func (s *Shape) measure() string {
	if s.Kind == Integer || s.Kind == Long {
		return "value"
	}
	return "length"
}
