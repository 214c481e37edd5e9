package user

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// MaxLinks is how many accounts at identity providers can be linked to a user, as the service documents it.
const MaxLinks = 5

// Identity is an account at an identity provider that leads to the user.
type Identity struct {
	Provider  string    // its name
	Type      string    // its type: SAML, OIDC, Google, ...
	Issuer    string    `json:",omitzero"` // entity id of a SAML provider
	Attribute string    // pool.SubjectAttribute, or the attribute that the account is recognized by until it signs in
	Value     string    // the subject, or the value of the attribute; compared exactly
	Primary   bool      `json:",omitzero"` // the user was made by the account's first sign-in, and is not linked to it
	Created   time.Time // when it was linked or signed in first
}

// Same reports whether both are the same account, whoever it leads to.
func (i Identity) Same(other Identity) bool {
	return i.Provider == other.Provider && i.Attribute == other.Attribute && i.Value == other.Value
}

// NewExternal returns a user whom the account makes by its first sign-in. The username tells the provider and the account, in every pool.
func NewExternal(p *pool.Pool, id string, account Identity, now time.Time) *User {
	u := New(p, id, "", ExternalProvider, now)
	u.Username = ExternalUsername(p, account)
	account.Primary = true
	u.SetIdentities([]Identity{account})
	return u
}

// ExternalUsername is the username of whom the account makes: in lower case where the pool does not tell cases apart (observed).
func ExternalUsername(p *pool.Pool, account Identity) string {
	name := account.Provider + "_" + account.Value
	if !p.CaseSensitive() {
		name = strings.ToLower(name)
	}
	return name
}

// External reports whether an account at an identity provider has made the user, by its first sign-in.
func (u *User) External() bool {
	return slices.ContainsFunc(u.Identities, func(i Identity) bool { return i.Primary })
}

// HasAccount reports whether an account at the provider leads to the user.
func (u *User) HasAccount(provider string) bool {
	return slices.ContainsFunc(u.Identities, func(i Identity) bool { return i.Provider == provider })
}

// Recognize makes an account that was linked by an attribute one that is known by its subject, as its first sign-in tells it.
func (u *User) Recognize(linked, account Identity, now time.Time) {
	list := slices.Clone(u.Identities)
	for n, i := range list {
		if i.Same(linked) {
			account.Created = i.Created
			list[n] = account
		}
	}
	u.SetIdentities(list)
	u.Touch(now)
}

// Assert sets attributes, which have been checked, to what an identity provider says; the empty value deletes one. A new address is
// unverified unless the provider says that it is verified, and is in force at once: there is nobody to ask for a code. Whether an address is
// verified counts for the one that the provider names beside it, and for no other.
func (u *User) Assert(attributes map[string]string, now time.Time) {
	attributes = maps.Clone(attributes)
	for _, name := range contacts {
		value, told := attributes[name]
		_, vouched := attributes[VerifiedName(name)]
		if !told {
			delete(attributes, VerifiedName(name))
			continue
		}
		delete(u.Pending, name)
		if value != u.Attributes[name] && !vouched {
			u.Attributes.Set(VerifiedName(name), "false")
		}
	}
	for name, value := range attributes {
		u.Attributes.Set(name, value)
	}
	for _, name := range contacts {
		if u.Attributes[name] == "" {
			u.Attributes.Set(VerifiedName(name), "")
		}
	}
	u.Touch(now)
}

// SetIdentities replaces the user's accounts at providers, and the attribute that shows them.
func (u *User) SetIdentities(list []Identity) {
	u.Identities = list
	u.Attributes.Set(pool.Identities, showIdentities(list))
}

// showIdentities returns the value of the attribute: a JSON array in the form of the service, "" for no identities.
func showIdentities(list []Identity) string {
	if len(list) == 0 {
		return ""
	}
	type shown struct {
		UserID       string  `json:"userId"`
		ProviderName string  `json:"providerName"`
		ProviderType string  `json:"providerType"`
		Issuer       *string `json:"issuer"`
		Primary      bool    `json:"primary"`
		DateCreated  int64   `json:"dateCreated"` // milliseconds since 1970
	}
	var all []shown
	for _, i := range list {
		s := shown{UserID: i.Value, ProviderName: i.Provider, ProviderType: i.Type, Primary: i.Primary, DateCreated: i.Created.UnixMilli()}
		if i.Issuer != "" {
			s.Issuer = &i.Issuer
		}
		all = append(all, s)
	}
	text, err := json.Marshal(all)
	if err != nil {
		panic(fmt.Sprintf("encode identities: %v", err)) // a structure of texts and numbers
	}
	return string(text)
}

// Link adds an account at a provider, by which the user can sign in from then on. An account that is linked already and a sixth one are
// refused, and so is a user with attributes that a sign-in by the account could not change.
func (u *User) Link(p *pool.Pool, i Identity, now time.Time) error {
	if slices.ContainsFunc(u.Identities, i.Same) {
		return fault.New(fault.InvalidParameter, "SourceUser is already linked to DestinationUser")
	}
	links := 0
	for _, known := range u.Identities {
		if !known.Primary {
			links++
		}
	}
	if links >= MaxLinks {
		return fault.Newf(fault.LimitExceeded, "A user can be linked to at most %d identities.", MaxLinks)
	}
	for _, name := range u.Attributes.Sorted() {
		if a := p.Attribute(name); a != nil && pool.IsCustom(name) && a.Mutable != nil && !*a.Mutable {
			return fault.Newf(fault.InvalidParameter, "Invalid DestinationUser: the attribute %s is not mutable", name)
		}
	}
	u.SetIdentities(append(slices.Clone(u.Identities), i))
	u.Touch(now)
	return nil
}

// Unlink removes an account at a provider, and reports whether the user had it.
func (u *User) Unlink(i Identity, now time.Time) bool {
	at := slices.IndexFunc(u.Identities, i.Same)
	if at < 0 {
		return false
	}
	u.SetIdentities(slices.Delete(slices.Clone(u.Identities), at, at+1))
	u.Touch(now)
	return true
}

// DisablePassword takes the password from the user, who can then sign in by a linked account only. An administrator can set another one.
func (u *User) DisablePassword(now time.Time) {
	u.Password, u.Status = nil, ExternalProvider
	u.Touch(now)
}
