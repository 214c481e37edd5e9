package pages

import (
	"html/template"
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
)

// usernameField asks for the name that the pool's users sign in with.
type usernameField struct {
	Label string
	Type  string // of the input
	Value string // what was filled in
}

// Kind returns the attributes that say what is typed into the input.
func (f usernameField) Kind() template.HTMLAttr { return inputKind(f.Type) }

// inputKind returns those for a type. A browser's own type for e-mail addresses takes fewer than the service, and spells domains in another way.
func inputKind(kind string) template.HTMLAttr {
	if kind == "email" {
		return `type="text" inputmode="email"`
	}
	return template.HTMLAttr(`type="` + kind + `"`) //nolint:gosec // one of our own words
}

// usernameField returns the field as the pool's users know their names. An alias works beside the username.
func (v *visit) usernameField(value string) usernameField {
	f := usernameField{Type: "text", Value: value}
	own, aliases := v.Pool.Settings.UsernameAttributes, v.Pool.Settings.AliasAttributes
	has := func(list []string, names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(list, name) })
	}
	key := "username.label"
	switch {
	case has(own, pool.Email, pool.Phone):
		key = "username.email_or_phone"
	case has(own, pool.Email):
		key, f.Type = "attribute.email", "email"
	case has(own, pool.Phone):
		key, f.Type = "attribute.phone_number", "tel"
	case has(aliases, pool.Email, pool.Phone):
		key = "username.or_any"
	case has(aliases, pool.Email):
		key = "username.or_email"
	case has(aliases, pool.Phone):
		key = "username.or_phone"
	}
	f.Label = v.Language.text(key)
	return f
}

// newUsernameField is the same for a new account, which has no aliases yet.
func (v *visit) newUsernameField(value string) usernameField {
	f := v.usernameField(value)
	if len(v.Pool.Settings.UsernameAttributes) == 0 {
		f.Label = v.Language.text("username.label")
	}
	return f
}
