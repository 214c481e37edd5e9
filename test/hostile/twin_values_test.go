package hostile_test

import (
	"math/rand/v2" //nolint:depguard // a sequence is the same at every run
	"slices"
	"strings"
)

// draw draws the values of a sequence, the same ones for the same number of it.
type draw struct{ *rand.Rand }

func newDraw(sequence int) draw { return draw{rand.New(rand.NewPCG(1, uint64(sequence)))} }

func one[T any](d draw, from ...T) T { return from[d.IntN(len(from))] }

// chance is true once in n times.
func (d draw) chance(n int) bool { return d.IntN(n) == 0 }

// oddNames differ in case, in their Unicode form, in length by a rule or in nothing but the order that a database might have for them.
var oddNames = []string{
	"ann", "Ann", "ANN", "bob", "ann@example.com", "Ann@Example.com", "straße", "STRASSE", "STRAßE", "ﬁsh", "fish", "e\u0301", "é", "É", "İstanbul",
	"i\u0307stanbul", "istanbul", "ıstanbul", "😀", "👩\u200d👩\u200d👧", "\u212a", "k", "ſ", "s", "+15550001111", "+15550002222", "日本", "a\u0300", "à", "ΑΣ", "ας",
	"ασ", "\U0001D400", "\uFFFD", "\uE000", "\uffff", "\U0010FFFF", strings.Repeat("a", 128), strings.Repeat("a", 129), strings.Repeat("😀", 64),
	strings.Repeat("😀", 65), "'", `"`, "%", "_", `\`, "a\x00", "\u0300", "a b", "", "<b>", "Ǆ", "ǅ", "ǆ", "\u1e9e", "ß", "ŉ", "Å", "\u212b", "\u0345", "ᾳ", "Ω", "\u2126",
	"a_longer+tag@sub.example.com", "user.name", "6f9b1d5e-0000-4000-8000-000000000001", "Google_123", "*",
}

var attributeNames = []string{
	"email", "phone_number", "name", "nickname", "preferred_username", "birthdate", "updated_at", "email_verified", "phone_number_verified", "custom:a",
	"custom:n", "custom:d", "custom:b", "dev:custom:s", "sub", "zoneinfo", "locale", "picture", "custom:none", "identities", "cognito:user_status", "username",
	"website", "gender", "address", "custom:ünï",
}

// attributeValue draws a value for an attribute, mostly of its form.
func (d draw) attributeValue(attribute string) string {
	if d.chance(8) {
		return one(d, append(slices.Clone(hostileTexts), strings.Repeat("é", 2048), strings.Repeat("a", 2048), strings.Repeat("a", 2049), strings.Repeat("😀", 1024))...)
	}
	switch attribute {
	case "email":
		return one(d, "ann@example.com", "Ann@Example.com", "bob@example.com", "é@example.com", "e\u0301@example.com", "a@b", "ann@", strings.Repeat("a", 64)+"@example.com")
	case "phone_number":
		return one(d, "+15550001111", "+15550002222", "+1", "15550001111", "+1 555", "+99999999999999999")
	case "email_verified", "phone_number_verified", "custom:b":
		return one(d, "true", "True", "false", "FALSE", "1", "")
	case "updated_at", "custom:n":
		return one(d, "1", "007", "-0", "+5", "9223372036854775807", "9223372036854775808", "1.5", "1e3", "-1", "٣")
	case "birthdate", "custom:d":
		return one(d, "2000-01-01", "2000-13-01", "01.01.20000", "1970-01-01T00:00:00Z", "0")
	}
	return one(d, oddNames...)
}

func (d draw) attributes() []any {
	list := []any{}
	for range d.IntN(4) {
		name := one(d, attributeNames...)
		if !d.chance(3) {
			name = one(d, "email", "phone_number", "preferred_username", "name", "email_verified", "phone_number_verified", "custom:a")
		}
		list = append(list, object{"Name": name, "Value": d.attributeValue(name)})
	}
	return list
}

// filter draws a filter of ListUsers and the attribute that it is about.
func (d draw) filter() (text, attribute string) {
	attribute = one(d, "username", "email", "phone_number", "name", "given_name", "preferred_username", "cognito:user_status", "status", "custom:a", "nickname", "Email", "")
	operator := one(d, "=", "=", "^=", "^=", "^=", "!=", "~", "")
	value := one(d, append(slices.Clone(oddNames), "CONFIRMED", "confirmed", "unconf", "Enabled", "enabled", "Dis", "", "", "", "a", "A", "+1555", "i", "I", "\U0010FFFF", "\ud7ff",
		strings.Repeat("a", 2000), `a\"b`, `a\`, `a\\`)...)
	space, quote := func() string { return one(d, "", " ", "  ", "\t") }, one(d, `"`, `"`, `"`, `"`, "'", "", `\"`)
	text = space() + attribute + space() + operator + space() + quote + value + quote + space()
	if d.chance(12) {
		text += one(d, ` and name = "x"`, `"`, "x", "\x00")
	}
	return text, attribute
}

func (d draw) password() string {
	if !d.chance(5) {
		return password
	}
	return one(d, newPassword, "short", "", "Pässw0rd-ü!", "Corr3ct horse battery", strings.Repeat("Aa1!", 64), strings.Repeat("Aa1!", 64)+"x", "😀😀Aa1!xx")
}

func (d draw) group() string {
	return one(d, "admins", "Admins", "ü", "g😀", strings.Repeat("g", 128), strings.Repeat("g", 129), "a b", "e\u0301", "é", "\uffff", "\U00010000", "_")
}

// some leaves out about a third of the members of an object, but for those named.
func (d draw) some(all object, but ...string) object {
	kept := object{}
	for _, name := range sortedNames(all) {
		if slices.Contains(but, name) || !d.chance(3) {
			kept[name] = all[name]
		}
	}
	return kept
}
