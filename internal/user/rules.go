package user

import (
	"maps"
	"net/mail"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// schemaPrefix begins refusals of a new user's attributes. Texts observed on the service, trailing newlines included.
const schemaPrefix = "Attributes did not conform to the schema: "

// wording is how the refusal of a value begins, which differs by operation: once, and before each name.
type wording struct{ once, each string }

var (
	// SignUp (observed: aws-amplify/amplify-flutter#2034), and by analogy everything else that gives attributes to a user for the
	// first time: AdminCreateUser, migration, NEW_PASSWORD_REQUIRED.
	firstTime = wording{once: schemaPrefix}
	// UpdateUserAttributes and AdminUpdateUserAttributes: "user.custom:x: String must be no shorter than 36 characters\n", the same
	// form as the observed "user.custom:x: Attribute does not exist in the schema.\n" and "user.x: Attribute cannot be updated.\n".
	laterOn = wording{each: "user."}
)

// refuse returns the refusal for flaws by name, one line each, nil when there are none.
func (w wording) refuse(flaws map[string]string) error {
	if len(flaws) == 0 {
		return nil
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(flaws)) {
		b.WriteString(w.each + name + ": " + flaws[name] + "\n")
	}
	return fault.New(fault.InvalidParameter, w.once+b.String())
}

// UnauthorizedAttribute is the answer for an attribute that the client may not write.
func UnauthorizedAttribute() *fault.Error {
	return fault.New(fault.NotAuthorized, "A client attempted to write unauthorized attribute")
}

// UnknownAttribute is the answer for a new user's attribute that the schema does not have.
func UnknownAttribute(name string) *fault.Error {
	return fault.Newf(fault.InvalidParameter, "%sType for attribute {%s} could not be determined", schemaPrefix, name)
}

// AliasExists is the answer for a value that somebody else signs in with.
func AliasExists(attribute string) *fault.Error {
	return fault.Newf(fault.AliasExists, "An account with the given %s already exists.", attribute)
}

// CheckNew checks the attributes of a new user and brings their values into the spelling in which they are stored. The required ones are
// asked for at sign-up, not of users made by administrators.
func CheckNew(p *pool.Pool, attributes map[string]string, withRequired bool) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if reserved(name) {
			return nonMutable(name)
		}
		if p.Attribute(name) == nil {
			return UnknownAttribute(name)
		}
	}
	if err := CheckValues(p, attributes); err != nil {
		return err
	}
	if !withRequired {
		return nil
	}
	var lacking strings.Builder
	for _, name := range p.RequiredAttributes() {
		if attributes[name] == "" {
			lacking.WriteString(name + ": The attribute is required\n")
		}
	}
	if lacking.Len() > 0 {
		return fault.New(fault.InvalidParameter, schemaPrefix+lacking.String())
	}
	return nil
}

// CheckUpdate checks changes of an existing user's attributes and brings the values into the spelling in which they are stored; the empty
// value deletes one.
func CheckUpdate(p *pool.Pool, u *User, attributes map[string]string) error {
	flaws := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if reserved(name) {
			return nonMutable(name)
		}
		a := p.Attribute(name)
		if a == nil {
			flaws[name] = "Attribute does not exist in the schema."
			continue
		}
		if err := checkForm(p, name, attributes[name]); err != nil {
			return err
		}
		value, flaw := pool.Canonical(a, attributes[name])
		attributes[name] = value
		switch {
		case !wire.Value(a.Mutable, true) && value != u.Attributes[name]:
			flaw = "Attribute cannot be updated."
		case value == "" && (wire.Value(a.Required, false) || p.IsUsernameAttribute(name) && u.lastUsername(p, name)):
			flaw = "Required attribute cannot be deleted."
		}
		if flaw != "" {
			flaws[name] = flaw
		}
	}
	return laterOn.refuse(flaws)
}

// CheckDelete checks the deletion of attributes.
func CheckDelete(p *pool.Pool, u *User, names []string) error {
	var unknown strings.Builder
	gone := map[string]string{}
	for _, name := range names {
		if p.Attribute(name) == nil && !reserved(name) {
			unknown.WriteString("user." + name + ": Attribute does not exist in the schema.\n")
		}
		gone[name] = ""
	}
	if unknown.Len() > 0 {
		return fault.New(fault.InvalidParameter, "Invalid user attributes: "+unknown.String())
	}
	return CheckUpdate(p, u, gone)
}

// CheckValues checks values that a user gets for the first time, and brings them into the spelling in which they are stored. The
// attributes exist.
func CheckValues(p *pool.Pool, attributes map[string]string) error {
	flaws := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := checkForm(p, name, attributes[name]); err != nil {
			return err
		}
		value, flaw := pool.Canonical(p.Attribute(name), attributes[name])
		attributes[name] = value
		if flaw != "" {
			flaws[name] = flaw
		}
	}
	return firstTime.refuse(flaws)
}

// checkForm refuses what no schema allows: the service answers it without the frame of schema violations.
func checkForm(p *pool.Pool, name, value string) error {
	switch {
	case value == "":
		return nil
	case strings.ContainsRune(value, 0):
		return fault.New(fault.InvalidParameter, schemaPrefix+name+": String contains a character that is not allowed\n")
	case name == pool.Email && !IsEmail(value):
		return fault.New(fault.InvalidParameter, "Invalid email address format.")
	case name == pool.Phone && !IsPhone(value):
		return fault.New(fault.InvalidParameter, "Invalid phone number format.")
	case name == "preferred_username":
		return checkPreferredUsername(p, value)
	}
	return nil
}

// nonMutable is the answer for an attribute that nobody can write.
func nonMutable(name string) error {
	return fault.Newf(fault.InvalidParameter, "Cannot modify the non-mutable attribute %s", name)
}

// reserved reports whether nobody can write the attribute.
func reserved(name string) bool {
	return name == "sub" || name == pool.Identities || strings.HasPrefix(name, "cognito:")
}

// lastUsername reports whether the attribute is the only one with which the user can sign in.
func (u *User) lastUsername(p *pool.Pool, name string) bool {
	for _, other := range p.Settings.UsernameAttributes {
		if other != name && u.Attributes[other] != "" {
			return false
		}
	}
	return true
}

// IsEmail reports whether the value has the form of an e-mail address.
func IsEmail(value string) bool {
	a, err := mail.ParseAddress(value)
	return err == nil && a.Address == value && a.Name == "" && !strings.ContainsAny(value, "\"\r\n\t ")
}

// IsPhone reports whether the value has the form of an E.164 number: a plus sign and up to 15 digits.
func IsPhone(value string) bool {
	digits, ok := strings.CutPrefix(value, "+")
	if !ok || len(digits) < 2 || len(digits) > 15 {
		return false
	}
	return !strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' })
}
