package pool

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxCustomAttributes is how many attributes of its own a pool can have.
const maxCustomAttributes = 50

// standardSchema returns the attributes that every pool has, in the order in which the service shows them. Terraform compares them
// value by value.
func standardSchema() []wire.SchemaAttributeType {
	text := func(name, low, high string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{
			Name: name, AttributeDataType: "String",
			StringAttributeConstraints: &wire.StringAttributeConstraintsType{MinLength: low, MaxLength: high},
		}
	}
	plain := func(name string) wire.SchemaAttributeType { return text(name, "0", "2048") }
	flag := func(name string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: "Boolean"}
	}
	all := []wire.SchemaAttributeType{
		text("sub", "1", "2048"), plain("name"), plain("given_name"), plain("family_name"), plain("middle_name"), plain("nickname"),
		plain("preferred_username"), plain("profile"), plain("picture"), plain("website"), plain("email"), flag("email_verified"),
		plain("gender"), text("birthdate", "10", "10"), plain("zoneinfo"), plain("locale"), plain("phone_number"),
		flag("phone_number_verified"), plain("address"),
		{Name: "updated_at", AttributeDataType: "Number", NumberAttributeConstraints: &wire.NumberAttributeConstraintsType{MinValue: "0"}},
	}
	for i := range all {
		sub := all[i].Name == "sub"
		all[i].DeveloperOnlyAttribute, all[i].Mutable, all[i].Required = wire.Ptr(false), wire.Ptr(!sub), wire.Ptr(sub)
	}
	return all
}

// builtIn are attributes that no request can give other rules. One that has the name of such an attribute makes a custom attribute, as
// the team of the service has explained (aws/aws-cdk#14175).
var builtIn = []string{"email_verified", "phone_number_verified"}

// newSchema returns the schema of a new pool: the standard attributes, some of them with other rules, and the pool's own.
func newSchema(asked []wire.SchemaAttributeType) ([]wire.SchemaAttributeType, error) {
	schema := standardSchema()
	var own []wire.SchemaAttributeType
	changed := map[string]bool{}
	for _, a := range asked {
		i := slices.IndexFunc(schema, func(std wire.SchemaAttributeType) bool { return std.Name == a.Name })
		if i < 0 || slices.Contains(builtIn, a.Name) {
			own = append(own, a)
			continue
		}
		if changed[a.Name] {
			return nil, nameTaken(a.Name)
		}
		changed[a.Name] = true
		var err error
		if schema[i], err = changeStandard(schema[i], a); err != nil {
			return nil, err
		}
	}
	return addAttributes(schema, own)
}

// AddAttributes adds custom attributes to the schema, all or none. They can never be changed or removed.
func (p *Pool) AddAttributes(asked []wire.SchemaAttributeType, now time.Time) error {
	schema, err := addAttributes(slices.Clone(p.Settings.SchemaAttributes), asked)
	if err != nil {
		return err
	}
	p.Settings.SchemaAttributes = schema
	p.Settings.LastModifiedDate = wire.At(now)
	return nil
}

func addAttributes(schema, asked []wire.SchemaAttributeType) ([]wire.SchemaAttributeType, error) {
	names := map[string]bool{}
	custom := 0
	for _, a := range schema {
		names[a.Name] = true
		if IsCustom(a.Name) {
			custom++
		}
	}
	for _, a := range asked {
		a, err := customAttribute(a)
		if err != nil {
			return nil, err
		}
		if names[a.Name] {
			return nil, nameTaken(a.Name)
		}
		names[a.Name] = true
		if custom++; custom > maxCustomAttributes {
			return nil, fault.Newf(fault.InvalidParameter, "A user pool can have at most %d custom attributes.", maxCustomAttributes)
		}
		schema = append(schema, a)
	}
	return schema, nil
}

// nameTaken is observed for custom attributes; the newline at its end, if there is one on the service, has not been seen.
func nameTaken(name string) *fault.Error {
	return fault.Newf(fault.InvalidParameter, "%s: Existing attribute already has name %s.", name, name)
}

// changeStandard gives a standard attribute other rules. Its type stays. Rules for sub are accepted and change nothing: the service makes
// its values.
func changeStandard(std, a wire.SchemaAttributeType) (wire.SchemaAttributeType, error) {
	otherType := a.AttributeDataType != "" && a.AttributeDataType != std.AttributeDataType
	if otherType || wire.Value(a.DeveloperOnlyAttribute, false) {
		return std, fault.Newf(fault.InvalidParameter,
			"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute %s", a.Name)
	}
	if std.Name == "sub" {
		return std, nil
	}
	std.Mutable, std.Required = given(a.Mutable, *std.Mutable), given(a.Required, *std.Required)
	if c := a.StringAttributeConstraints; std.AttributeDataType == "String" && c != nil && *c != (wire.StringAttributeConstraintsType{}) {
		std.StringAttributeConstraints = c
	}
	if c := a.NumberAttributeConstraints; std.AttributeDataType == "Number" && c != nil && *c != (wire.NumberAttributeConstraintsType{}) {
		std.NumberAttributeConstraints = c
	}
	return std, checkConstraints(std)
}

// customAttribute completes an attribute of the pool's own and gives it the name under which it is known from now on. Constraints
// that do not belong to its type are dropped without complaint, as the service does.
func customAttribute(a wire.SchemaAttributeType) (wire.SchemaAttributeType, error) {
	switch {
	case a.Name == "":
		return a, fault.New(fault.InvalidParameter, "The name of a schema attribute can not be empty.")
	case a.AttributeDataType == "":
		return a, fault.New(fault.InvalidParameter, "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
	case wire.Value(a.Required, false):
		return a, fault.New(fault.InvalidParameter, "Required custom attributes are not supported currently.")
	}
	a.DeveloperOnlyAttribute = given(a.DeveloperOnlyAttribute, false)
	a.Mutable, a.Required = given(a.Mutable, true), wire.Ptr(false)
	a.Name = "custom:" + a.Name
	if *a.DeveloperOnlyAttribute {
		a.Name = "dev:" + a.Name
	}
	text, number := a.StringAttributeConstraints, a.NumberAttributeConstraints
	a.StringAttributeConstraints, a.NumberAttributeConstraints = nil, nil
	switch a.AttributeDataType {
	case "String":
		a.StringAttributeConstraints = given(text, wire.StringAttributeConstraintsType{})
	case "Number":
		a.NumberAttributeConstraints = given(number, wire.NumberAttributeConstraintsType{})
	}
	return a, checkConstraints(a)
}

func checkConstraints(a wire.SchemaAttributeType) error {
	if c := a.StringAttributeConstraints; c != nil {
		low, high, ok := bounds(c.MinLength, c.MaxLength)
		switch {
		case !ok || low != nil && *low < 0 || high != nil && *high < 0:
			return fault.Newf(fault.InvalidParameter, "Invalid StringAttributeConstraints for schema attribute %s", a.Name)
		case high != nil && *high > maxAttributeLength, low != nil && *low > maxAttributeLength:
			return fault.Newf(fault.InvalidParameter, "user.%s: String attributes cannot have a length of more than %d", a.Name, maxAttributeLength)
		case low != nil && high != nil && *high < *low:
			return fault.Newf(fault.InvalidParameter, "user.%s: Max length cannot be less than min length.", a.Name)
		}
	}
	if c := a.NumberAttributeConstraints; c != nil {
		low, high, ok := bounds(c.MinValue, c.MaxValue)
		switch {
		case !ok:
			return fault.Newf(fault.InvalidParameter, "Invalid NumberAttributeConstraints for schema attribute %s", a.Name)
		case low != nil && high != nil && *high < *low:
			return fault.Newf(fault.InvalidParameter, "user.%s: Max value cannot be less than min value.", a.Name)
		}
	}
	return nil
}

// maxAttributeLength is the longest value that an attribute can have, whatever the schema says.
const maxAttributeLength = 2048

// bounds reads two limits; an empty one is no limit. It reports false when one is not a number.
func bounds(low, high string) (lowest, highest *int64, ok bool) {
	limits := [2]*int64{}
	for i, text := range []string{low, high} {
		if text == "" {
			continue
		}
		n, ok := limit(text)
		if !ok {
			return nil, nil, false
		}
		limits[i] = &n
	}
	return limits[0], limits[1], true
}

// limit reads a limit. One beyond what 64 bits hold, which the service allows, is the farthest that they do.
func limit(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil || errors.Is(err, strconv.ErrRange)
}
