package token

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// The answers for refresh tokens, word for word as the service gives them.
var (
	errInvalidRefresh = fault.New(fault.NotAuthorized, "Invalid Refresh Token")
	errExpiredRefresh = fault.New(fault.NotAuthorized, "Refresh Token has expired")
	errRevokedRefresh = fault.New(fault.NotAuthorized, "Refresh Token has been revoked")
)

// Refresh is what a refresh token holds.
type Refresh struct {
	JTI       string    `json:"j"`
	PoolID    string    `json:"p"`
	ClientID  string    `json:"c"`
	Subject   string    `json:"s"`
	OriginJTI string    `json:"o"`
	EventID   string    `json:"e"`
	DeviceKey string    `json:"d,omitempty"`
	Scopes    []string  `json:"sc"`
	Hosted    bool      `json:"h,omitempty"`
	Audience  string    `json:"r,omitempty"`
	AuthTime  time.Time `json:"a"`
	IssuedAt  time.Time `json:"i"`
	Expires   time.Time `json:"x"`
}

// IssueRefresh seals a refresh token for the grant. A rotated token keeps the expiry of the one it replaces; the zero time means
// the client's own validity from now.
func (i *Issuer) IssueRefresh(g Grant, expires time.Time) (string, error) {
	now := i.Now()
	if expires.IsZero() {
		expires = now.Add(g.Client.RefreshTokenLife())
	}
	plain, err := json.Marshal(Refresh{
		JTI: uuid.NewString(), PoolID: g.Pool.ID, ClientID: g.Client.ID, Subject: g.User.ID,
		OriginJTI: g.SignIn.OriginJTI, EventID: g.SignIn.EventID, DeviceKey: g.SignIn.DeviceKey, Scopes: g.Scopes, Hosted: g.Hosted, Audience: g.Audience,
		AuthTime: g.SignIn.Time, IssuedAt: now, Expires: expires,
	})
	if err != nil {
		return "", fmt.Errorf("encode refresh token: %w", err)
	}
	salt := rand.Text()
	key, err := refreshKey(g.Pool.Key.Derive(refreshPurpose), salt)
	if err != nil {
		return "", fmt.Errorf("seal refresh token: %w", err)
	}
	token, err := sealJWE(key, salt, plain)
	if err != nil {
		return "", fmt.Errorf("seal refresh token: %w", err)
	}
	return token, nil
}

// OpenRefresh opens a refresh token of the client. Everything that is no token of this client is invalid in the same words.
// A token of another client and an expired one are returned beside the error, so that they can be told apart from nonsense.
func (i *Issuer) OpenRefresh(p *pool.Pool, c *pool.Client, raw string) (*Refresh, error) {
	jwe, err := jose.ParseEncryptedCompact(raw, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return nil, errInvalidRefresh.Because(err)
	}
	if strings.Split(raw, ".")[1] != "" { // the library passes over an encrypted key where there must be none (RFC 7516, section 5.2)
		return nil, errInvalidRefresh
	}
	plain, err := decryptRefresh(p, jwe)
	if err != nil {
		return nil, err
	}
	var r Refresh
	if err := wire.Unmarshal(plain, &r); err != nil {
		return nil, errInvalidRefresh.Because(err)
	}
	if r.PoolID != p.ID || r.ClientID != c.ID {
		return &r, errInvalidRefresh
	}
	if !i.Now().Before(r.Expires) {
		return &r, errExpiredRefresh
	}
	return &r, nil
}

// InvalidRefresh is the answer for a refresh token that cannot be used here.
func InvalidRefresh() error { return errInvalidRefresh }

// CheckUser refuses a token that was revoked, by itself or with all tokens of its user, and one of a disabled user.
func (r *Refresh) CheckUser(u *user.User, originRevoked bool) error {
	if originRevoked || signedOut(u, r.OriginJTI, r.IssuedAt) {
		return errRevokedRefresh
	}
	if !u.Enabled {
		return user.IsDisabled()
	}
	return nil
}

// SignIn returns the sign-in that the token descends from.
func (r *Refresh) SignIn() SignIn {
	return SignIn{OriginJTI: r.OriginJTI, EventID: r.EventID, Time: r.AuthTime, DeviceKey: r.DeviceKey}
}

// decryptRefresh tries the pool's key, and the keys that it has replaced of late.
func decryptRefresh(p *pool.Pool, jwe *jose.JSONWebEncryption) (plain []byte, err error) {
	for _, shared := range p.Key.DeriveAll(refreshPurpose) {
		key, broken := refreshKey(shared, jwe.Header.KeyID)
		if broken != nil {
			return nil, broken
		}
		if plain, err = jwe.Decrypt(key); err == nil {
			return plain, nil
		}
	}
	return nil, errInvalidRefresh.Because(err)
}

// refreshPurpose is what refresh tokens need of the pool's key.
const refreshPurpose = "refresh token"

// refreshKey returns the key of one refresh token, which follows from the pool's key and the salt in the token's header. Random nonces
// under one key for all tokens would repeat some day. Tokens of earlier versions have no salt and share the pool's key.
func refreshKey(shared []byte, salt string) ([]byte, error) {
	if salt == "" {
		return shared, nil
	}
	return hkdf.Key(sha256.New, shared, []byte(salt), "refresh token", len(shared))
}
