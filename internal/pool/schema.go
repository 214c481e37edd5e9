package pool

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// Attribute returns the schema attribute with the name, such as email or custom:plan, or nil.
func (p *Pool) Attribute(name string) *wire.SchemaAttributeType {
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

// ValueFlaw says what is wrong with a value of the attribute, in the words that follow "<name>: " in the service's refusals,
// or "" when nothing is. The empty value is always right: it deletes the attribute.
func ValueFlaw(a *wire.SchemaAttributeType, value string) string {
	if value == "" {
		return ""
	}
	switch a.AttributeDataType {
	case "Boolean":
		if value != "true" && value != "false" {
			return "Boolean must be either true or false"
		}
	case "Number":
		return numberFlaw(a.NumberAttributeConstraints, value)
	case "DateTime":
		if _, err := time.Parse(time.RFC3339, value); err != nil {
			if _, err := strconv.ParseInt(value, 10, 64); err != nil {
				return "DateTime is not in a valid format"
			}
		}
	default:
		return stringFlaw(a.StringAttributeConstraints, value)
	}
	return ""
}

func numberFlaw(c *wire.NumberAttributeConstraintsType, value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "Number is not a valid integer"
	}
	if c == nil {
		return ""
	}
	if low, err := strconv.ParseInt(c.MinValue, 10, 64); err == nil && n < low {
		return fmt.Sprintf("Number must be no less than %d", low)
	}
	if high, err := strconv.ParseInt(c.MaxValue, 10, 64); err == nil && n > high {
		return fmt.Sprintf("Number must be no greater than %d", high)
	}
	return ""
}

func stringFlaw(c *wire.StringAttributeConstraintsType, value string) string {
	low, high := 0, 2048
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
		return fmt.Sprintf("String must be at least %d characters long", low)
	case n > high:
		return fmt.Sprintf("String must be no longer than %d characters", high)
	}
	return ""
}

// unreadable and unwritable for clients whatever their lists say.
var closedToClients = []string{"sub", "identities", "email_verified", "phone_number_verified"}

// CanRead reports whether the client sees the attribute. Without a list it sees everything but developer-only attributes.
func (c *Client) CanRead(name string) bool {
	if name == "sub" || name == "identities" {
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
