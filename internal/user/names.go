package user

import (
	"strings"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// NameKind says where a sign-in name comes from.
type NameKind string

// The kinds of names. All of a pool's names share one space: a name leads to one user, whatever its kind.
const (
	ByUsername          NameKind = "username"
	ByEmail             NameKind = NameKind(pool.Email)
	ByPhone             NameKind = NameKind(pool.Phone)
	ByPreferredUsername NameKind = "preferred_username"
	ByID                NameKind = "sub" // leads to a user, but signs nobody in; users do not have it among their Names
)

// IsID reports whether the name has the form of a user's id: a UUID in lower case.
func IsID(name string) bool {
	return len(name) == len(uuid.Nil.String()) && uuid.Validate(name) == nil && name == strings.ToLower(name)
}

// Name is a name that a user can sign in with, folded for comparison.
type Name struct {
	Kind  NameKind
	Value string
}

// Names returns every name the user can sign in with now. An alias counts once it is verified; an attribute that serves as the
// username counts at once. A user whom an identity provider's account has made has the username alone: addresses that another party vouches
// for do not keep their owner from signing up, and lead nobody to the provider's user.
func (u *User) Names(p *pool.Pool) []Name {
	names := []Name{{ByUsername, p.Fold(u.Username)}}
	if u.External() {
		return names
	}
	for _, kind := range []NameKind{ByEmail, ByPhone} {
		value := u.Attributes[string(kind)]
		if value == "" {
			continue
		}
		alias := p.IsAlias(string(kind)) && u.Attributes.Verified(string(kind))
		if alias || p.IsUsernameAttribute(string(kind)) {
			names = append(names, Name{kind, p.Fold(value)})
		}
	}
	if v := u.Attributes["preferred_username"]; v != "" && p.IsAlias("preferred_username") && p.Fold(v) != names[0].Value {
		names = append(names, Name{ByPreferredUsername, p.Fold(v)})
	}
	return names
}

// SignInName is the name that the user knows and types: in pools with username attributes, whose usernames are ids, the value of one, preferred
// if it is one; else the username.
func (u *User) SignInName(p *pool.Pool, preferred string) string {
	for _, name := range []string{preferred, pool.Email, pool.Phone} {
		if value := u.Attributes[name]; value != "" && p.IsUsernameAttribute(name) {
			return value
		}
	}
	return u.Username
}

// CheckUsername checks the form of a new user's name. In pools with username attributes the name is an e-mail address or a phone
// number, and becomes that attribute. In pools with aliases a name must not look like an alias. Texts observed on the service.
func CheckUsername(p *pool.Pool, name string, attributes map[string]string) error {
	if !p.HasUsernameAttributes() {
		if flaw := likeAlias(p, name); flaw != "" {
			return fault.New(fault.InvalidParameter, "Username "+flaw)
		}
		return nil
	}
	var kind string
	switch {
	case p.IsUsernameAttribute(pool.Email) && IsEmail(name):
		kind = pool.Email
	case p.IsUsernameAttribute(pool.Phone) && IsPhone(name):
		kind = pool.Phone
	case p.IsUsernameAttribute(pool.Email) && p.IsUsernameAttribute(pool.Phone):
		return fault.New(fault.InvalidParameter, "Username should be either an email or a phone number.")
	case p.IsUsernameAttribute(pool.Email):
		return fault.New(fault.InvalidParameter, "Username should be an email.")
	default:
		return fault.New(fault.InvalidParameter, "Username should be a phone number.")
	}
	if given := attributes[kind]; given != "" && !strings.EqualFold(given, name) {
		return fault.Newf(fault.InvalidParameter, "The %s attribute must be the same as the username.", kind)
	}
	attributes[kind] = name
	return nil
}

// likeAlias says which alias of the pool a name looks like, or "". A name that is no alias must look like none: it would keep the address
// from its owner.
func likeAlias(p *pool.Pool, name string) string {
	switch {
	case p.IsAlias(pool.Email) && IsEmail(name):
		return "cannot be of email format, since user pool is configured for email alias."
	case p.IsAlias(pool.Phone) && IsPhone(name):
		return "cannot be of phone number format, since user pool is configured for phone number alias."
	}
	return ""
}

// checkPreferredUsername holds a preferred_username that signs its user in to the rules of a username. Where it does not, it may be any
// text. The text about the form is the service's for a username.
func checkPreferredUsername(p *pool.Pool, name string) error {
	if name == "" || !p.IsAlias("preferred_username") {
		return nil
	}
	if flaw := likeAlias(p, name); flaw != "" {
		return fault.New(fault.InvalidParameter, "preferred_username "+flaw)
	}
	return wire.CheckPreferredUsername(name)
}
