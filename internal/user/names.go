package user

import (
	"github.com/cenote-id/cenote/internal/pool"
)

// NameKind says where a sign-in name comes from.
type NameKind string

// The kinds of names. All of a pool's names share one space: a name leads to one user, whatever its kind.
const (
	ByUsername          NameKind = "username"
	ByEmail             NameKind = "email"
	ByPhone             NameKind = "phone_number"
	ByPreferredUsername NameKind = "preferred_username"
)

// Name is a name that a user can sign in with, folded for comparison.
type Name struct {
	Kind  NameKind
	Value string
}

// Names returns every name the user can sign in with now. An alias counts once it is verified; an attribute that serves as the
// username counts at once.
func (u *User) Names(p *pool.Pool) []Name {
	names := []Name{{ByUsername, p.Fold(u.Username)}}
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
