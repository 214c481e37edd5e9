package token

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
)

// IssueMachine signs an access token for the client itself (RFC 6749, section 4.4): there is no user, so the subject is the client.
// Without scopes there is no scope claim. changes, unless nil, alters the claims before they are signed.
func (i *Issuer) IssueMachine(p *pool.Pool, c *pool.Client, scopes []string, changes Changes) (Tokens, error) {
	now := i.Now()
	key := signingKey(p.Keys, pool.SignsAccess, now)
	if key == nil {
		return Tokens{}, fmt.Errorf("pool %s has no signing key", p.ID)
	}
	life := c.AccessTokenLife()
	claims := map[string]any{
		"sub": c.ID, "token_use": "access", "auth_time": now.Unix(), "iss": i.URL(p),
		"exp": now.Add(life).Unix(), "iat": now.Unix(), "version": 2, "jti": uuid.NewString(), "client_id": c.ID,
	}
	if len(scopes) > 0 {
		claims["scope"] = strings.Join(scopes, " ")
	}
	if changes != nil {
		claims = changes.Access(claims)
	}
	access, err := i.sign(key, claims)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign access token: %w", err)
	}
	return Tokens{Access: access, ExpiresIn: int64(life.Seconds())}, nil
}
