package pool

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func textLimits(low, high string) *wire.StringAttributeConstraintsType {
	return &wire.StringAttributeConstraintsType{MinLength: low, MaxLength: high}
}

func numberLimits(low, high string) *wire.NumberAttributeConstraintsType {
	return &wire.NumberAttributeConstraintsType{MinValue: low, MaxValue: high}
}

func TestSchemaOfANewPool(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{Schema: []wire.SchemaAttributeType{
		{
			Name: "grade", AttributeDataType: "Number", DeveloperOnlyAttribute: wire.Ptr(true),
			NumberAttributeConstraints: numberLimits("1", "99"), StringAttributeConstraints: textLimits("1", "99"),
		},
		{Name: "email", Required: wire.Ptr(true)},
		{Name: "name", AttributeDataType: "String", Mutable: wire.Ptr(false), StringAttributeConstraints: textLimits("2", "")},
		{Name: "birthdate", AttributeDataType: "String", StringAttributeConstraints: textLimits("", "")},
		{Name: "custom:x", AttributeDataType: "String", Mutable: wire.Ptr(false)},
		{Name: "score", AttributeDataType: "Number"},
		{Name: "vip", AttributeDataType: "Boolean", StringAttributeConstraints: textLimits("1", "2")},
	}})
	want := standardSchema()
	want[10].Required = wire.Ptr(true)
	want[1].Mutable, want[1].StringAttributeConstraints = wire.Ptr(false), textLimits("2", "")
	custom := func(name, kind string, mutable bool) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{
			Name: name, AttributeDataType: kind, DeveloperOnlyAttribute: wire.Ptr(false),
			Mutable: wire.Ptr(mutable), Required: wire.Ptr(false),
		}
	}
	grade, x, score, vip := custom("dev:custom:grade", "Number", true), custom("custom:custom:x", "String", false),
		custom("custom:score", "Number", true), custom("custom:vip", "Boolean", true)
	grade.DeveloperOnlyAttribute, grade.NumberAttributeConstraints = wire.Ptr(true), numberLimits("1", "99")
	x.StringAttributeConstraints, score.NumberAttributeConstraints = textLimits("", ""), numberLimits("", "")
	if diff := cmp.Diff(append(want, grade, x, score, vip), p.Settings.SchemaAttributes); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

// The service's team says of email_verified and its like that a schema which names them makes custom attributes.
func TestASchemaDoesNotRedefineWhatIsReserved(t *testing.T) {
	t.Parallel()
	p := newPool(t, wire.CreateUserPoolInput{Schema: []wire.SchemaAttributeType{
		{Name: "sub", AttributeDataType: "String", Mutable: wire.Ptr(true), Required: wire.Ptr(false), StringAttributeConstraints: textLimits("5", "9")},
		{Name: "email_verified", AttributeDataType: "Boolean", Mutable: wire.Ptr(false)},
	}})
	want := append(standardSchema(), wire.SchemaAttributeType{
		Name: "custom:email_verified", AttributeDataType: "Boolean", DeveloperOnlyAttribute: wire.Ptr(false), Mutable: wire.Ptr(false),
		Required: wire.Ptr(false),
	})
	if diff := cmp.Diff(want, p.Settings.SchemaAttributes); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	const fixed = "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute "
	tests := map[string]struct {
		asked   []wire.SchemaAttributeType
		message string
	}{
		"a standard attribute of another type": {[]wire.SchemaAttributeType{{Name: "email", AttributeDataType: "Number"}}, fixed + "email"},
		"a standard attribute for administrators": {
			[]wire.SchemaAttributeType{{Name: "name", DeveloperOnlyAttribute: wire.Ptr(true)}}, fixed + "name",
		},
		"a sub that is a number": {[]wire.SchemaAttributeType{{Name: "sub", AttributeDataType: "Number"}}, fixed + "sub"},
		"a standard attribute twice": {
			[]wire.SchemaAttributeType{{Name: "email"}, {Name: "email"}}, "email: Existing attribute already has name email.",
		},
		"a custom attribute that is required": {
			[]wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String", Required: wire.Ptr(true)}},
			"Required custom attributes are not supported currently.",
		},
		"a custom attribute without a type": {
			[]wire.SchemaAttributeType{{Name: "team"}}, "Invalid AttributeDataType input, consider using the provided AttributeDataType enum.",
		},
		"an attribute without a name": {[]wire.SchemaAttributeType{{AttributeDataType: "String"}}, ""},
		"a text longer than any can be": {
			[]wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String", StringAttributeConstraints: textLimits("0", "2049")}},
			"user.custom:team: String attributes cannot have a length of more than 2048",
		},
		"lengths that cross": {
			[]wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String", StringAttributeConstraints: textLimits("9", "1")}},
			"user.custom:team: Max length cannot be less than min length.",
		},
		"a shortest length that no value reaches": {
			[]wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String", StringAttributeConstraints: textLimits("3000", "")}}, "",
		},
		"values that cross": {
			[]wire.SchemaAttributeType{{Name: "n", AttributeDataType: "Number", NumberAttributeConstraints: numberLimits("2", "1")}},
			"user.custom:n: Max value cannot be less than min value.",
		},
		"a length that is no number": {
			[]wire.SchemaAttributeType{{Name: "team", AttributeDataType: "String", StringAttributeConstraints: textLimits("one", "")}},
			"Invalid StringAttributeConstraints for schema attribute custom:team",
		},
		"a length below zero": {
			[]wire.SchemaAttributeType{{Name: "name", StringAttributeConstraints: textLimits("-1", "")}},
			"Invalid StringAttributeConstraints for schema attribute name",
		},
		"a value that is no number": {
			[]wire.SchemaAttributeType{{Name: "n", AttributeDataType: "Number", NumberAttributeConstraints: numberLimits("", "1.5")}},
			"Invalid NumberAttributeConstraints for schema attribute custom:n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newSchema(tt.asked)
			refused(t, err, fault.InvalidParameter, tt.message)
		})
	}
}

func TestAddAttributes(t *testing.T) {
	t.Parallel()
	text := func(name string) wire.SchemaAttributeType {
		return wire.SchemaAttributeType{Name: name, AttributeDataType: "String"}
	}
	many := func(n int, prefix string) (all []wire.SchemaAttributeType) {
		for i := range n {
			all = append(all, text(fmt.Sprintf("%s%d", prefix, i)))
		}
		return all
	}
	p := newPool(t, wire.CreateUserPoolInput{Schema: many(25, "a")})
	if err := p.AddAttributes(many(24, "b"), noon); err != nil {
		t.Fatal(err)
	}
	had := len(p.Settings.SchemaAttributes)
	refused(t, p.AddAttributes([]wire.SchemaAttributeType{text("new"), text("a1")}, noon),
		fault.InvalidParameter, "custom:a1: Existing attribute already has name custom:a1.")
	refused(t, p.AddAttributes([]wire.SchemaAttributeType{text("new"), text("new")}, noon),
		fault.InvalidParameter, "custom:new: Existing attribute already has name custom:new.")
	refused(t, p.AddAttributes(many(2, "c"), noon), fault.InvalidParameter, "")
	if got := len(p.Settings.SchemaAttributes); got != had {
		t.Errorf("refused calls left %d attributes, want %d", got, had)
	}
	if err := p.AddAttributes([]wire.SchemaAttributeType{text("email")}, noon); err != nil {
		t.Errorf("a custom attribute may be called like a standard one: %v", err)
	}
	if p.Attribute("custom:email") == nil {
		t.Error("custom:email is not in the schema")
	}
}
