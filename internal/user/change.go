package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// contacts are the attributes to which codes can go, in the order in which the service prefers them at sign-up.
var contacts = []string{pool.Phone, pool.Email}

// Contacts returns the attributes to which codes can go: phone_number and email, in this order.
func Contacts() []string { return contacts }

// Change sets attributes that have been checked and returns those contacts to whose new value a code has to go.
//
// A new e-mail address or phone number is unverified, unless the same change says that it is verified (only administrators can).
// Where the pool wants a new value to be verified first, the old one stays until the code comes back.
func (u *User) Change(p *pool.Pool, attributes map[string]string, now time.Time) (verify []string) {
	for name, value := range attributes {
		if name != pool.Email && name != pool.Phone {
			u.Attributes.Set(name, value)
		}
	}
	for _, name := range contacts {
		value, ok := attributes[name]
		if !ok || value == u.Attributes[name] && u.Pending[name] == "" {
			continue
		}
		delete(u.Pending, name)
		switch {
		case value == u.Attributes[name]: // back to the value that is in force: nothing waits any longer
		case value == "":
			u.Attributes.Set(name, "")
			u.Attributes.Set(VerifiedName(name), "")
		case attributes[VerifiedName(name)] == "true":
			u.Attributes.Set(name, value)
		case p.VerifiesBeforeUpdate(name):
			u.Pending[name] = value
			verify = append(verify, name)
		default:
			u.Attributes.Set(name, value)
			u.Attributes.Set(VerifiedName(name), "false")
			if p.AutoVerifies(name) {
				verify = append(verify, name)
			}
		}
	}
	u.Touch(now)
	return verify
}

// Verify marks the contact as verified; value is the address that the code went to. A value that waited takes effect. It reports
// false when the contact has changed since and the code proves nothing about it.
func (u *User) Verify(name, value string, now time.Time) bool {
	switch value {
	case "":
		return false
	case u.Pending[name]:
		u.Attributes.Set(name, value)
		delete(u.Pending, name)
	case u.Attributes[name]:
	default:
		return false
	}
	u.Attributes.Set(VerifiedName(name), "true")
	u.Touch(now)
	return true
}

// DeleteAttributes deletes attributes. With a contact goes the mark that it is verified, and a new value that waits.
func (u *User) DeleteAttributes(p *pool.Pool, names []string, now time.Time) error {
	if err := CheckDelete(p, u, names); err != nil {
		return err
	}
	gone := map[string]string{}
	for _, name := range names {
		gone[name] = ""
	}
	u.Change(p, gone, now)
	return nil
}

// LoseAlias takes an alias away that moves to another user: the address stays, unverified.
func (u *User) LoseAlias(kind NameKind, now time.Time) {
	u.Touch(now)
	if kind == ByPreferredUsername {
		delete(u.Attributes, string(kind))
		return
	}
	u.Attributes.Set(VerifiedName(string(kind)), "false")
}
