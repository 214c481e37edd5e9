// Package identity is what an identity pool decides: its settings, which role a login gets, which tags go into its token.
//
// An identity pool gives applications AWS credentials for whoever shows a login of one of its providers, and for guests. Package
// identitypools has the operations, and verifies logins; nothing here knows how. Start with Pool and Login.
package identity

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/wire"
)

// Pool is an identity pool.
type Pool struct {
	ID, Region, AccountID string
	Version               int64
	Settings              Settings
}

// Settings are what is configured of an identity pool, in the shapes of the API.
type Settings struct {
	Pool     wire.IdentityPool
	Roles    map[string]string           `json:",omitzero"` // authenticated, unauthenticated -> role ARN
	Mappings map[string]wire.RoleMapping `json:",omitzero"` // by provider key
	Tags     map[string]TagMap           `json:",omitzero"` // by provider
}

// TagMap says which claims of a provider's tokens become principal tags.
type TagMap struct {
	UseDefaults bool
	Tags        map[string]string `json:",omitzero"` // tag -> claim
}

// Identity is what a login, a developer's user or a guest is known as.
type Identity struct {
	ID, PoolID        string
	Disabled          bool // merged into another one, or without the logins it had
	Created, Modified time.Time
	Logins            []Link
}

// Link is what leads to an identity.
type Link struct{ Provider, Subject string }

// Credentials are temporary credentials of a role.
type Credentials struct {
	seal.Hidden
	AccessKeyID, SecretKey, SessionToken string
	Expires                              time.Time
}

// NewID returns an id of a pool or an identity: the region, a colon and a UUID.
func NewID(region string) string { return region + ":" + uuid.NewString() }

// IsID reports whether an id has that form, which ids of user pools do not have.
func IsID(id string) bool { return strings.Contains(id, ":") }

// MaxLogins is how many logins an identity may have.
const MaxLogins = 20

// PoolNotFound is the answer for an identity pool that does not exist.
func PoolNotFound(id string) error {
	return fault.Newf(fault.ResourceNotFound, "IdentityPool '%s' not found.", id)
}

// NotFound is the answer for an identity that does not exist.
func NotFound(id string) error {
	return fault.Newf(fault.ResourceNotFound, "Identity '%s' not found.", id)
}

// Forbidden is the answer to whoever may not use an identity.
func Forbidden(id string) error {
	return fault.Newf(fault.NotAuthorized, "Access to Identity '%s' is forbidden.", id)
}

// ARN is the name of the pool as a resource.
func (p *Pool) ARN() string {
	return "arn:aws:cognito-identity:" + p.Region + ":" + p.AccountID + ":identitypool/" + p.ID
}

// Unlink takes a login that the identity has away from it. Without its last login, nobody reaches the identity any more (documented): it is
// disabled, and not a guest's, which anybody who knows its id may have.
func (i *Identity) Unlink(l Link, now time.Time) {
	i.Logins = slices.DeleteFunc(i.Logins, func(o Link) bool { return o == l })
	i.Disabled, i.Modified = len(i.Logins) == 0, now
}

// Providers returns the names of the providers whose logins the identity has, each once, sorted.
func (i *Identity) Providers() []string {
	names := map[string]bool{}
	for _, l := range i.Logins {
		names[l.Provider] = true
	}
	return slices.Sorted(maps.Keys(names))
}
