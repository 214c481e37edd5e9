package user

import (
	"maps"
	"slices"

	"github.com/cenote-id/cenote/internal/pool"
)

// Attributes are a user's attributes by name. All values are texts, as on the wire; an absent attribute has no entry.
type Attributes map[string]string

// VerifiedName returns the attribute that says whether the attribute is verified: email_verified for email.
func VerifiedName(name string) string { return name + "_verified" }

// Verified reports whether the attribute (email or phone_number) has been verified.
func (a Attributes) Verified(name string) bool { return a[VerifiedName(name)] == "true" }

// Set gives the attribute a value; the empty value deletes it.
func (a Attributes) Set(name, value string) {
	if value == "" {
		delete(a, name)
		return
	}
	a[name] = value
}

// Stored returns the attributes without what follows from something else that is stored: the identities.
func (a Attributes) Stored() Attributes {
	if _, ok := a[pool.Identities]; !ok {
		return a
	}
	stored := maps.Clone(a)
	delete(stored, pool.Identities)
	return stored
}

// Sorted returns the names in the order in which they are shown: sub first, then by name.
func (a Attributes) Sorted() []string {
	names := slices.AppendSeq(make([]string, 0, len(a)), maps.Keys(a))
	slices.Sort(names)
	if i := slices.Index(names, "sub"); i > 0 {
		copy(names[1:i+1], names[:i])
		names[0] = "sub"
	}
	return names
}

// searchable are the attributes that ListUsers can search, beside username, sub, cognito:user_status and status.
var searchable = []string{"email", "phone_number", "name", "given_name", "family_name", "preferred_username"}

// Searchable returns the names of the attributes that are kept in the search index.
func Searchable() []string { return searchable }
