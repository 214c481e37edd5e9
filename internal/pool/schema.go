package pool

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// Identities is the attribute that shows a user's accounts at identity providers. Every pool has it, though no schema shows it.
const Identities = "identities"

// Attribute returns the schema attribute with the name, such as email or custom:plan, or nil.
func (p *Pool) Attribute(name string) *wire.SchemaAttributeType {
	if name == Identities {
		return &wire.SchemaAttributeType{Name: name, AttributeDataType: "String"}
	}
	for i := range p.Settings.SchemaAttributes {
		if a := &p.Settings.SchemaAttributes[i]; a.Name == name {
			return a
		}
	}
	return nil
}

// RequiredAttributes returns the names of the attributes that each user must have, without sub.
func (p *Pool) RequiredAttributes() []string {
	var names []string
	for _, a := range p.Settings.SchemaAttributes {
		if a.Name != "sub" && wire.Value(a.Required, false) {
			names = append(names, a.Name)
		}
	}
	return names
}

// IsCustom reports whether the name is one of the operator's own attributes.
func IsCustom(name string) bool {
	return strings.HasPrefix(name, "custom:") || strings.HasPrefix(name, "dev:")
}

// Canonical returns the one spelling in which a value of the attribute is stored, or the flaw of a value that cannot be: the words that
// follow "<name>: " in the service's refusals. Booleans are taken in any case (Python's True is common) and stored in lower case; numbers
// are stored without a plus sign or leading zeros, as JSON has them. The empty value is always right: it deletes the attribute.
//
// The texts about the length of strings have been observed (aws-amplify/amplify-flutter#2034, amplify-swift#1088); the others are ours.
func Canonical(a *wire.SchemaAttributeType, value string) (spelling, flaw string) {
	if value == "" {
		return "", ""
	}
	switch a.AttributeDataType {
	case "Boolean":
		if lower := strings.ToLower(value); lower == "true" || lower == "false" {
			return lower, ""
		}
		return value, "Boolean must be either true or false"
	case "Number":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return value, "Number is not a valid integer"
		}
		return strconv.FormatInt(n, 10), numberFlaw(a.NumberAttributeConstraints, n)
	case "DateTime":
		return value, dateFlaw(value)
	}
	return value, stringFlaw(a.StringAttributeConstraints, value)
}

func dateFlaw(value string) string {
	if _, err := time.Parse(time.RFC3339, value); err == nil {
		return ""
	}
	if _, err := strconv.ParseInt(value, 10, 64); err == nil {
		return ""
	}
	return "DateTime is not in a valid format"
}

func numberFlaw(c *wire.NumberAttributeConstraintsType, n int64) string {
	if c == nil {
		return ""
	}
	if low, ok := limit(c.MinValue); ok && n < low {
		return fmt.Sprintf("Number must be no less than %d", low)
	}
	if high, ok := limit(c.MaxValue); ok && n > high {
		return fmt.Sprintf("Number must be no greater than %d", high)
	}
	return ""
}

func stringFlaw(c *wire.StringAttributeConstraintsType, value string) string {
	low, high := 0, maxAttributeLength
	if c != nil {
		if n, err := strconv.Atoi(c.MinLength); err == nil {
			low = n
		}
		if n, err := strconv.Atoi(c.MaxLength); err == nil {
			high = n
		}
	}
	switch n := javaLength(value); {
	case n < low:
		return fmt.Sprintf("String must be no shorter than %d characters", low)
	case n > high:
		return fmt.Sprintf("String must be no longer than %d characters", high)
	}
	return ""
}

// unreadable and unwritable for clients whatever their lists say.
var closedToClients = []string{"sub", Identities, "email_verified", "phone_number_verified"}

// CanRead reports whether the client sees the attribute. Without a list it sees everything but developer-only attributes.
func (c *Client) CanRead(name string) bool {
	if name == "sub" || name == Identities {
		return true
	}
	if c.Settings.ReadAttributes == nil {
		return !strings.HasPrefix(name, "dev:")
	}
	return slices.Contains(c.Settings.ReadAttributes, name)
}

// CanWrite reports whether the client may set the attribute for its user.
func (c *Client) CanWrite(name string) bool {
	if slices.Contains(closedToClients, name) || strings.HasPrefix(name, "dev:") {
		return false
	}
	return c.Settings.WriteAttributes == nil || slices.Contains(c.Settings.WriteAttributes, name)
}
