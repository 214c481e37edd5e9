package user

import (
	"time"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
)

// MaxPasskeys is how many passkeys a user can have.
const MaxPasskeys = 20

// RegistrationTime is how long a registration of a passkey may take from its start to its end.
const RegistrationTime = 5 * time.Minute

// Passkey is a passkey that a user registered.
type Passkey struct {
	PoolID     string
	UserID     string
	PartyID    string // the domain it belongs to
	Name       string // what lists call it
	Credential passkey.Credential
	Created    time.Time
}

// PasskeyChallenge is a registration that has begun. A user has at most one.
type PasskeyChallenge struct {
	ClientID  string // who began it, and who alone may end it
	Challenge []byte
	Expires   time.Time
}

// PasskeyParty returns the relying party of the pool's passkeys; its ID is "" when the pool has none. Where a passkey stands for two
// factors, it must always have verified its user.
func PasskeyParty(p *pool.Pool, publicURL string) passkey.Party {
	return passkey.Party{ID: p.RelyingPartyID(publicURL), VerifiesUser: p.RequiresUserVerification() || p.PasskeyCountsAsTwo()}
}

// PasskeyOwner returns the user as authenticators know them.
func (u *User) PasskeyOwner() passkey.Owner {
	return passkey.Owner{Handle: []byte(u.ID), Name: u.Username}
}

// NewPasskey returns a passkey of the user with a name that follows from what the authenticator told of itself.
func NewPasskey(p *pool.Pool, u *User, partyID string, c passkey.Credential, now time.Time) *Passkey {
	name := "Passkey"
	switch c.Attachment {
	case "platform":
		name = "Device passkey"
	case "cross-platform":
		name = "Portable passkey"
	}
	return &Passkey{PoolID: p.ID, UserID: u.ID, PartyID: partyID, Name: name, Credential: c, Created: now}
}

// Credentials returns the credentials of passkeys, of those that belong to the relying party.
func Credentials(keys []*Passkey, partyID string) []passkey.Credential {
	var out []passkey.Credential
	for _, k := range keys {
		if k.PartyID == partyID {
			out = append(out, k.Credential)
		}
	}
	return out
}

// PasskeyNotFound is the answer for a passkey that the user does not have. The types of the answers for passkeys are the service's, their texts are
// ours.
func PasskeyNotFound() *fault.Error {
	return fault.New(fault.ResourceNotFound, "WebAuthn credential does not exist.")
}

// TooManyPasskeys is the answer when the user has as many passkeys as there can be.
func TooManyPasskeys() *fault.Error {
	return fault.Newf(fault.LimitExceeded, "The user has %d passkeys, which is the maximum.", MaxPasskeys)
}
