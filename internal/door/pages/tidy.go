package pages

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/cenote-id/cenote/internal/pool"
)

// attributePrefix begins the names of the fields for attributes.
const attributePrefix = "attribute."

// contactFields are the fields for a contact that is set up as a second factor.
var contactFields = map[string]string{pool.Email: "email", pool.Phone: "phone"}

// tidy takes out of the form what people and their keyboards add: spaces around a name, which no name has, spaces and wide digits inside a code, and the signs
// that make a phone number readable. Passwords stay as they are.
func (v *visit) tidy() {
	for field := range v.Form {
		value := v.Form.Get(field)
		switch {
		case field == "code":
			value = plainCode(value)
		case field == "username":
			if value = strings.TrimSpace(value); v.Pool.IsUsernameAttribute(pool.Phone) {
				value = plainPhone(value)
			}
		case field == "phone" || field == attributePrefix+pool.Phone:
			value = plainPhone(strings.TrimSpace(value))
		case field == "email" || strings.HasPrefix(field, attributePrefix):
			value = plainText(value)
		default:
			continue
		}
		v.Form.Set(field, value)
	}
}

// plainText returns a text without spaces around it, and with the line breaks of most systems instead of those of forms.
func plainText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// plainCode returns a code without spaces, and with the digits of East Asian keyboards as those of all others.
func plainCode(text string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return -1
		case c >= '\uff10' && c <= '\uff19': // full width
			return c - '\uff10' + '0'
		}
		return c
	}, text)
}

// readablePhone is a phone number with its country, as people write it: +1 (206) 555-0100, 0049.30.1234567.
var readablePhone = regexp.MustCompile(`^(?:\+|00)[0-9 \x{a0}().\-/]+$`)

// plainPhone returns such a number in the form of E.164, and any other text as it is.
func plainPhone(text string) string {
	if !readablePhone.MatchString(text) {
		return text
	}
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, text)
	if text[0] != '+' {
		digits = digits[2:]
	}
	return "+" + digits
}
