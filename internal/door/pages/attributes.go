package pages

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// field is an attribute that a person fills in.
type field struct {
	Name     string // of the attribute
	Label    string
	Type     string // of the input
	Complete string // its autocomplete value (HTML, section 4.10.18.7.1); empty: none
	Value    string
	Required bool
}

// kinds say how a standard attribute is asked for.
var kinds = map[string]struct{ kind, complete string }{
	"email": {"email", "email"}, "phone_number": {"tel", "tel"}, "name": {"text", "name"}, "given_name": {"text", "given-name"},
	"family_name": {"text", "family-name"}, "middle_name": {"text", "additional-name"}, "nickname": {"text", "nickname"},
	"birthdate": {"date", "bday"}, "address": {"text", "street-address"}, "website": {"url", "url"}, "picture": {"url", "photo"},
	"gender": {"text", "sex"}, "preferred_username": {"text", "username"},
}

// fields returns the attributes as a form asks for them, with what was filled in before.
func (v *visit) fields(names []string, filled url.Values) []field {
	out := make([]field, 0, len(names))
	for _, name := range names {
		f := field{Name: name, Label: v.attributeLabel(name), Type: "text", Value: filled.Get(attributePrefix + name), Required: true}
		if k, ok := kinds[name]; ok {
			f.Type, f.Complete = k.kind, k.complete
		}
		if a := v.Pool.Attribute(name); a != nil && a.AttributeDataType == "Number" {
			f.Type = "number"
		}
		if !fits(f.Type, f.Value) {
			f.Type = "text"
		}
		out = append(out, f)
	}
	return out
}

// fits reports whether an input of the type takes the value. A browser would drop a date or a number that is written in another way, and let no form go
// whose address lacks a scheme, though the service takes all of them.
func fits(kind, value string) bool {
	if value == "" {
		return true
	}
	switch kind {
	case "date":
		_, err := time.Parse(time.DateOnly, value)
		return err == nil
	case "number":
		n, err := strconv.ParseInt(value, 10, 64)
		return err == nil && strconv.FormatInt(n, 10) == value
	case "url":
		u, err := url.Parse(value)
		return err == nil && u.IsAbs()
	}
	return true
}

// Lines reports whether the value has several, for which an input has no room.
func (f field) Lines() bool { return strings.ContainsAny(f.Value, "\r\n") }

// attributeLabel is what people read beside the field for an attribute.
func (v *visit) attributeLabel(name string) string {
	if label, ok := v.Language.find("attribute." + name); ok {
		return label
	}
	return strings.TrimPrefix(name, "custom:")
}

// Kind returns the attributes that say what is typed into the input.
func (f field) Kind() template.HTMLAttr { return inputKind(f.Type) }

// Input returns the name and the id of the field's input.
func (f field) Input() string { return attributePrefix + f.Name }

// Hint returns the id of the text that says how the field is filled in; "" when it has none.
func (f field) Hint() string {
	if f.Type == "tel" {
		return "hint-" + f.Name
	}
	return ""
}

// attributesForm is what the fields of a page are rendered from.
type attributesForm struct {
	Page   *visit
	Fields []field
}

// With returns the fields as a part of the page.
func (v *visit) With(fields []field) attributesForm { return attributesForm{v, fields} }

// policy tells what a password needs.
func (v *visit) policy() []string {
	p := v.Pool.PasswordPolicy()
	rules := []string{v.Language.text("policy.length", "n", strconv.Itoa(p.MinimumLength))}
	for _, rule := range []struct {
		holds bool
		key   string
	}{{p.Lower, "policy.lower"}, {p.Upper, "policy.upper"}, {p.Number, "policy.number"}, {p.Symbol, "policy.symbol"}} {
		if rule.holds {
			rules = append(rules, v.Language.text(rule.key))
		}
	}
	return rules
}

// signUpFields returns the attributes that a sign-up asks for: those that the pool requires, and the address that it verifies.
func (v *visit) signUpFields() []string {
	names := v.Pool.RequiredAttributes()
	for _, verified := range v.Pool.Settings.AutoVerifiedAttributes {
		if !slices.Contains(names, verified) && !slices.Contains(v.Pool.Settings.UsernameAttributes, verified) && len(v.Pool.Settings.AutoVerifiedAttributes) == 1 {
			names = append(names, verified)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return !v.Client.CanWrite(name) || v.isUsername(name) || name == updatedAt })
}

// updatedAt is the attribute that holds when its owner's others were changed, in seconds (OpenID Connect Core, section 5.1). Nobody is asked for it.
const updatedAt = "updated_at"

// stamp returns what updated_at becomes where the pool requires it and the client may write it; "" elsewhere.
func (v *visit) stamp() string {
	if !slices.Contains(v.Pool.RequiredAttributes(), updatedAt) || !v.Client.CanWrite(updatedAt) {
		return ""
	}
	return strconv.FormatInt(v.Door.Now().Unix(), 10)
}

// isUsername reports whether the attribute is what the pool's users sign in with, so that the username field asks for it.
func (v *visit) isUsername(name string) bool {
	return len(v.Pool.Settings.UsernameAttributes) == 1 && v.Pool.Settings.UsernameAttributes[0] == name
}
