// Package user is what is known about a person in a pool: names, attributes, status, password, groups, codes.
//
// A User is loaded whole and saved whole inside a transaction; what may happen to it in life (confirm, disable, reset, change
// of password) is a method here. Which names it can sign in with follows from its attributes and the pool (names.go), and the
// store keeps those names unique. Start with User.
package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// Status is where a user stands in life, spelled as the API does.
type Status string

// The statuses that are in use.
const (
	Unconfirmed         Status = "UNCONFIRMED"
	Confirmed           Status = "CONFIRMED"
	ExternalProvider    Status = "EXTERNAL_PROVIDER"
	ResetRequired       Status = "RESET_REQUIRED"
	ForceChangePassword Status = "FORCE_CHANGE_PASSWORD"
)

// User is one person in one pool.
type User struct {
	PoolID     string
	ID         string // the sub claim: a UUID
	Username   string // as given; in pools with username attributes it equals ID
	Status     Status
	Enabled    bool
	Attributes Attributes
	Pending    Attributes // new values of email or phone_number that wait for their verification
	Password   *Password  // nil when the user has none
	Factors    Factors    // second factors
	Identities []Identity // accounts at identity providers; change them by SetIdentities, Link and Unlink
	SignOuts   uint32     // how often all of the user's tokens were revoked; tokens carry the count (package token)
	SignedOut  time.Time  // the last time that happened; zero: never
	Created    time.Time
	Modified   time.Time
	Phantom    bool // stands for a user who does not exist; see Phantom
}

// Password is what is kept of a password: an SRP verifier, never the password.
type Password struct {
	Verifier credential.Verifier
	Expires  time.Time             `json:",omitzero"` // of a temporary password; zero: never
	History  []credential.Verifier `json:",omitzero"` // earlier ones, newest first

	// Hash is what another directory kept of the password. The verifier is one that no password has, until the first sign-in.
	Hash string `json:",omitzero"`

	// Unopened says that nothing but the existence of the password was read. It matches nothing, and is stored by leaving it as it is.
	Unopened bool `json:"-"`
}

// New returns a user with nothing but a name. In pools with username attributes the id is the username.
func New(p *pool.Pool, id, username string, status Status, now time.Time) *User {
	if p.HasUsernameAttributes() {
		username = id
	}
	return &User{
		PoolID: p.ID, ID: id, Username: username, Status: status, Enabled: true,
		Attributes: Attributes{"sub": id}, Pending: Attributes{}, Created: now, Modified: now,
	}
}

// NotFound is the answer for a user that does not exist.
func NotFound() *fault.Error { return fault.New(fault.UserNotFound, "User does not exist.") }

// IsDisabled is the answer for a user that an administrator disabled.
func IsDisabled() *fault.Error { return fault.New(fault.NotAuthorized, "User is disabled.") }

// Touch moves the time of the last change.
func (u *User) Touch(now time.Time) { u.Modified = now }
