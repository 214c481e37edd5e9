// Package passkey registers and checks passkeys (W3C Web Authentication, level 3).
//
// A Party is who asks: it words the options that browsers take (options.go), makes a Credential of the answer to a registration
// (register.go) and checks the answer to a sign-in (assert.go). Nothing is kept here; the caller keeps challenges and credentials. All
// that is known of the library beneath stays in this package, so that another one could take its place. Start with Party.
package passkey

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
)

// Party is the relying party of a ceremony.
type Party struct {
	ID           string // a domain
	VerifiesUser bool   // a finger, a face or a PIN is required, not only a touch
}

// Credential is a registered passkey. Nothing of it is secret.
type Credential struct {
	ID             []byte   // 1 to 1,023 bytes
	PublicKey      []byte   // COSE_Key
	SignCount      uint32   `json:",omitzero"` // 0 from authenticators that do not count
	Transports     []string `json:",omitzero"`
	Attachment     string   `json:",omitzero"` // platform, cross-platform or not told
	BackupEligible bool     `json:",omitzero"` // may be synced between devices; never changes
	BackedUp       bool     `json:",omitzero"`
}

// Name returns the id as text, as clients and lists show it.
func (c *Credential) Name() string { return encode(c.ID) }

// Owner is the user whose passkeys they are.
type Owner struct {
	Handle []byte // what the authenticator keeps and gives back: no name
	Name   string // what the authenticator shows
}

// NewChallenge draws a challenge of 256 bits.
func NewChallenge() []byte {
	challenge := make([]byte, 32)
	rand.Read(challenge)
	return challenge
}

// maxResponse bounds the answer of an authenticator, in bytes. Attestation with a chain of certificates takes a few thousand.
const maxResponse = 64 << 10

// The algorithms of keys, by their COSE numbers: what every authenticator has.
const (
	es256 = -7
	rs256 = -257
)

// errMalformed is the answer for what is no credential at all, and for one that cannot sign anybody in. Text observed.
var errMalformed = fault.New(fault.InvalidParameter, "Credential data is not valid")

// allows reports whether a page of the origin may use the party's passkeys: one of the party's domain or below, over TLS. For
// development, localhost goes without.
func (p Party) allows(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	switch u.Scheme {
	case "https":
		return host == p.ID || strings.HasSuffix(host, "."+p.ID)
	case "http":
		return p.ID == "localhost" && host == p.ID
	}
	return false
}

// find returns the credential with the id.
func find(known []Credential, id []byte) (Credential, bool) {
	i := slices.IndexFunc(known, func(c Credential) bool { return bytes.Equal(c.ID, id) })
	if i < 0 {
		return Credential{}, false
	}
	return known[i], true
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
