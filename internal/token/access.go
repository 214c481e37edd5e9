package token

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// The answers for access tokens, word for word as the service gives them (observed many times).
var (
	errInvalidAccess = fault.New(fault.NotAuthorized, "Invalid Access Token")
	errUnverified    = fault.New(fault.NotAuthorized, "Could not verify signature for Access Token")
	errExpired       = fault.New(fault.NotAuthorized, "Access Token has expired")
	errRevoked       = fault.New(fault.NotAuthorized, "Access Token has been revoked")
	errScope         = fault.New(fault.NotAuthorized, "Access Token does not have required scopes")
)

// errClaims is all that the log learns of claims that cannot be read. They are read exactly: names differ by case, and none occurs twice.
var errClaims = errors.New("the claims are no JSON object, have a wrong type, or one occurs twice")

// Access is what an access token says, after its signature has been verified.
type Access struct {
	Subject   string
	ClientID  string
	Username  string
	Scopes    []string
	OriginJTI string // empty when the client's tokens cannot be revoked
	JTI       string
	EventID   string
	DeviceKey string
	IssuedAt  time.Time
	AuthTime  time.Time
	Expires   time.Time

	AttributesSuppressed bool // openid opens no attribute: a function has suppressed the scopes that do
}

// Unverified is an access token that has been parsed but not checked: it names the client whose pool can check it.
type Unverified struct {
	ClientID string
	keyID    string
	digest   [sha256.Size]byte
	claims   accessClaims
	known    *signed                // its signature has been checked before; nil: not yet
	jws      *jose.JSONWebSignature // nil when it is known
}

// accessClaims are the claims of an access token that are read.
type accessClaims struct {
	ClientID  string `json:"client_id"`
	Use       string `json:"token_use"`
	Subject   string `json:"sub"`
	Issuer    string `json:"iss"`
	Username  string `json:"username"`
	Scope     string `json:"scope"`
	OriginJTI string `json:"origin_jti"`
	JTI       string `json:"jti"`
	EventID   string `json:"event_id"`
	DeviceKey string `json:"device_key"`
	IssuedAt  int64  `json:"iat"`
	AuthTime  int64  `json:"auth_time"`
	Expires   int64  `json:"exp"`

	AttributesSuppressed bool `json:"cenote:attributes_suppressed"` // the constant of this name
}

// ParseAccess parses a compact JWS. Everything that is no RS256 token of ours by its form is refused, alg none included.
func (i *Issuer) ParseAccess(raw string) (*Unverified, error) {
	digest := sha256.Sum256([]byte(raw))
	if known := i.verified.find(digest); known != nil {
		return &Unverified{ClientID: known.claims.ClientID, keyID: known.keyID, digest: digest, known: known}, nil
	}
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, errInvalidAccess.Because(err)
	}
	t := &Unverified{keyID: jws.Signatures[0].Header.KeyID, digest: digest, jws: jws}
	if wire.Unmarshal(jws.UnsafePayloadWithoutVerification(), &t.claims) != nil {
		return nil, errInvalidAccess.Because(errClaims)
	}
	if t.claims.Use != "access" || t.claims.ClientID == "" {
		return nil, errInvalidAccess
	}
	t.ClientID = t.claims.ClientID
	return t, nil
}

// InvalidAccess is the answer for a token that cannot be one of ours, such as one that names an unknown client.
func InvalidAccess() error { return errInvalidAccess }

// WithoutScope is the answer for a token that does not open the operation.
func WithoutScope() error { return errScope }

// Revoked is the answer for a token that was revoked.
func Revoked() error { return errRevoked }

// Verify checks signature, issuer and expiry with the keys of the client's pool.
func (i *Issuer) Verify(t *Unverified, p *pool.Pool) (*Access, error) {
	now := i.Now()
	s, err := i.checkSignature(t, p, now)
	if err != nil {
		return nil, err
	}
	c := s.claims
	if c.Issuer != i.URL(p) {
		return nil, errInvalidAccess
	}
	if now.Unix() >= c.Expires {
		return nil, errExpired
	}
	return &Access{
		Subject: c.Subject, ClientID: t.ClientID, Username: c.Username, Scopes: strings.Fields(c.Scope),
		OriginJTI: c.OriginJTI, JTI: c.JTI, EventID: c.EventID, DeviceKey: c.DeviceKey,
		IssuedAt: time.Unix(c.IssuedAt, 0), AuthTime: time.Unix(c.AuthTime, 0), Expires: time.Unix(c.Expires, 0),
		AttributesSuppressed: c.AttributesSuppressed,
	}, nil
}

// checkSignature checks the token with the key that it names, which must still be one of the pool's for access tokens.
func (i *Issuer) checkSignature(t *Unverified, p *pool.Pool, now time.Time) (*signed, error) {
	key := p.Keys.Verifying(t.keyID, now)
	if key == nil || key.Use != pool.SignsAccess {
		return nil, errUnverified
	}
	public := key.Private.PublicKey
	if t.known != nil {
		if public.E != t.known.key.E || public.N.Cmp(t.known.key.N) != 0 { // public.Equal takes constant time, and room for copies
			return nil, errUnverified
		}
		return t.known, nil
	}
	if _, err := t.jws.Verify(&public); err != nil {
		return nil, errUnverified.Because(err)
	}
	s := &signed{keyID: t.keyID, key: public, claims: t.claims}
	i.verified.add(t.digest, s)
	return s, nil
}

// CheckUser refuses a token of a user who has been signed out everywhere since, and of one who is disabled.
// originRevoked says whether the store knows the token's origin as revoked.
func (a *Access) CheckUser(u *user.User, originRevoked bool) error {
	if originRevoked || signedOut(u, a.OriginJTI, a.IssuedAt) {
		return errRevoked
	}
	if !u.Enabled {
		return user.IsDisabled()
	}
	return nil
}

// CheckScope refuses a token without the scope.
func (a *Access) CheckScope(scope string) error {
	if !slices.Contains(a.Scopes, scope) {
		return errScope
	}
	return nil
}

// signedOut reports whether the user was signed out everywhere after the tokens' sign-in. Tokens without an origin_jti (of clients
// that switched revocation off) have only their time of issue, in whole seconds.
func signedOut(u *user.User, originJTI string, issued time.Time) bool {
	if n, ok := signOutsOf(originJTI); ok {
		return n != u.SignOuts
	}
	return !u.SignedOut.IsZero() && issued.Unix() <= u.SignedOut.Unix()
}

// IsSigned reports whether the text has the form of an ID or access token (a signed one), which a refresh token never has.
func IsSigned(raw string) bool {
	parts := strings.Split(raw, ".")
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	var h struct {
		Algorithm string `json:"alg"`
	}
	return len(parts) == 3 && err == nil && wire.Unmarshal(header, &h) == nil && h.Algorithm != ""
}
