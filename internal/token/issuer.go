// Package token makes and checks the three tokens of a sign-in: the ID and access tokens (RS256, a key for each) and the
// refresh token, a sealed value that only its pool can open.
//
// A refresh token carries everything that a refresh needs, so that a sign-in writes nothing. What must be known of it later is
// written only when it happens: a revocation (keyed by origin_jti), a rotation, a sign-out of the user everywhere. The last is a
// count on the user, and every origin_jti carries the count of its sign-in (originjti.go): no clock decides what is revoked.
// Start with Issuer.Issue.
package token

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// UserScope is the scope of access tokens that the API issues: it opens the operations of the signed-in user.
const UserScope = "aws.cognito.signin.user.admin"

// OpenID is the scope without which the OAuth endpoints give no ID token.
const OpenID = "openid"

// Issuer issues and verifies the tokens of all pools.
type Issuer struct {
	PublicURL string // base of issuers, without a trailing slash
	AWSIssuer bool   // issue in the form of AWS: https://cognito-idp.<region>.amazonaws.com/<pool id>
	Now       func() time.Time
	Signer    *Signer // nil: crypto/rsa

	verified verified
}

// URL returns the issuer of the pool's tokens: the iss claim and the issuer of its discovery document.
func (i *Issuer) URL(p *pool.Pool) string {
	if i.AWSIssuer {
		return p.AWSIssuer()
	}
	return i.PublicURL + "/" + p.ID
}

// Grant is the result of a sign-in, a refresh or an OAuth grant: who gets tokens, for which client, by what right.
type Grant struct {
	Pool   *pool.Pool
	Client *pool.Client
	User   *user.User
	Groups []pool.Group
	SignIn SignIn
	Scopes []string

	Hosted   bool    // by the OAuth endpoints: the scopes decide what the ID token holds, and whether there is one
	Audience string  // resource server that the access token is bound to (RFC 8707); empty: none
	Nonce    string  // of an OAuth request, for the ID token
	Changes  Changes // what a trigger wants changed in the claims; nil: nothing
}

// Changes alters the claims of a grant's tokens before they are signed. Each method returns the claims to sign.
type Changes interface {
	ID(claims map[string]any) map[string]any
	Access(claims map[string]any) map[string]any
}

// SignIn is what stays the same for all tokens that descend from one sign-in.
type SignIn struct {
	OriginJTI string
	EventID   string
	Time      time.Time // the auth_time claim
	DeviceKey string
}

// NewSignIn starts a sign-in of the user now.
func NewSignIn(u *user.User, now time.Time) SignIn {
	return SignIn{OriginJTI: newOriginJTI(u.SignOuts), EventID: uuid.NewString(), Time: now}
}

// EndedFor reports whether the user was signed out everywhere since the sign-in.
func (s SignIn) EndedFor(u *user.User) bool { return signedOut(u, s.OriginJTI, s.Time) }

// Tokens are the signed tokens of a grant.
type Tokens struct {
	Access, ID string
	Refresh    string // empty when none is due
	ExpiresIn  int64  // of the access token, seconds
}

// Issue signs an ID and an access token for the grant.
func (i *Issuer) Issue(g Grant) (Tokens, error) {
	now := i.Now()
	idKey, accessKey := signingKey(g.Pool.Keys, pool.SignsID, now), signingKey(g.Pool.Keys, pool.SignsAccess, now)
	if idKey == nil || accessKey == nil {
		return Tokens{}, fmt.Errorf("pool %s has no signing key", g.Pool.ID)
	}
	idClaims, accessClaims := i.idClaims(g, now), i.accessClaims(g, now)
	if g.Changes != nil {
		idClaims, accessClaims = g.Changes.ID(idClaims), g.Changes.Access(accessClaims)
		if left, _ := accessClaims["scope"].(string); g.Hosted && choosesAttributes(g.Scopes) && !choosesAttributes(strings.Fields(left)) {
			accessClaims[AttributesSuppressed] = true
		}
	}
	access, err := i.sign(accessKey, accessClaims)
	if err != nil {
		return Tokens{}, fmt.Errorf("sign access token: %w", err)
	}
	out := Tokens{Access: access, ExpiresIn: int64(g.Client.AccessTokenLife().Seconds())}
	if g.Hosted {
		if !slices.Contains(g.Scopes, OpenID) {
			return out, nil
		}
		idClaims["at_hash"] = accessHash(access)
	}
	if out.ID, err = i.sign(idKey, idClaims); err != nil {
		return Tokens{}, fmt.Errorf("sign ID token: %w", err)
	}
	return out, nil
}

// accessHash is the at_hash claim: the left half of the access token's SHA-256 (OpenID Connect Core 1.0, section 3.1.3.6).
func accessHash(access string) string {
	sum := sha256.Sum256([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// commonClaims are the claims that ID and access tokens share.
func (i *Issuer) commonClaims(g Grant, now time.Time, life time.Duration) map[string]any {
	c := map[string]any{
		"sub":       g.User.ID,
		"iss":       i.URL(g.Pool),
		"auth_time": g.SignIn.Time.Unix(),
		"iat":       now.Unix(),
		"exp":       now.Add(life).Unix(),
		"event_id":  g.SignIn.EventID,
	}
	if rotates, _ := g.Client.Rotates(); rotates || g.Client.Revocable() || g.Pool.TracksSessions() {
		c["jti"] = uuid.NewString()
		c["origin_jti"] = g.SignIn.OriginJTI
	}
	if groups := groupNames(g.Groups); len(groups) > 0 {
		c["cognito:groups"] = groups
	}
	return c
}

func (i *Issuer) accessClaims(g Grant, now time.Time) map[string]any {
	c := i.commonClaims(g, now, g.Client.AccessTokenLife())
	c["token_use"] = "access"
	c["client_id"] = g.Client.ID
	c["username"] = g.User.Username
	if len(g.Scopes) > 0 {
		c["scope"] = strings.Join(g.Scopes, " ")
	}
	if g.Hosted {
		c["version"] = 2
	}
	if g.Audience != "" {
		c["aud"] = g.Audience
	}
	if g.SignIn.DeviceKey != "" {
		c["device_key"] = g.SignIn.DeviceKey
	}
	return c
}

func (i *Issuer) idClaims(g Grant, now time.Time) map[string]any {
	c := i.commonClaims(g, now, g.Client.IDTokenLife())
	c["token_use"] = "id"
	c["aud"] = g.Client.ID
	c["cognito:username"] = g.User.Username
	if g.Nonce != "" {
		c["nonce"] = g.Nonce
	}
	for name, value := range Readable(g) {
		c[name] = claim(name, value)
	}
	if roles := groupRoles(g.Groups); len(roles) > 0 {
		c["cognito:roles"] = roles
		if r := pool.PreferredRole(g.Groups); r != "" {
			c["cognito:preferred_role"] = r
		}
	}
	return c
}

// Readable returns the user's attributes that the grant opens: those that the client may read and, by the OAuth endpoints, that a scope
// names. The sub is not among them.
func Readable(g Grant) map[string]string {
	out := make(map[string]string, len(g.User.Attributes))
	for name, value := range g.User.Attributes {
		if name != "sub" && !strings.HasPrefix(name, "dev:") && g.Client.CanRead(name) && (!g.Hosted || opens(g.Scopes, name)) {
			out[name] = value
		}
	}
	return out
}

// AttributesSuppressed is a claim of our own, of an access token whose scopes about attributes a function has suppressed: openid is what is left,
// and must not open all attributes as it does where it was all that was asked for.
const AttributesSuppressed = "cenote:attributes_suppressed"

// choosesAttributes reports whether one of the scopes says which attributes are open.
func choosesAttributes(scopes []string) bool {
	return slices.ContainsFunc(scopes, func(s string) bool { return s == "email" || s == "phone" || s == "profile" })
}

// opens reports whether OAuth scopes open an attribute: profile, and openid on its own, open all (documented).
func opens(scopes []string, attribute string) bool {
	all := true
	for _, s := range scopes {
		switch s {
		case "profile":
			return true
		case "email", "phone":
			all = false
		}
	}
	switch attribute {
	case "email", "email_verified":
		return all || slices.Contains(scopes, "email")
	case "phone_number", "phone_number_verified":
		return all || slices.Contains(scopes, "phone")
	}
	return all
}

// claim gives an attribute the JSON type that the service gives it in an ID token. Custom attributes are always strings. A stored value
// that has not the form of its type stays a string: no value of an attribute may keep its user from signing in.
func claim(name, value string) any {
	switch name {
	case "email_verified", "phone_number_verified":
		return value == "true"
	case "address":
		return map[string]string{"formatted": value}
	case "updated_at":
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n
		}
	case pool.Identities:
		if list := identities(value); list != nil {
			return list
		}
	}
	return value
}

// identities returns the identities of a user as an ID token lists them: as the attribute does, but with texts for primary and dateCreated
// (observed). It is nil for a value of another form.
func identities(value string) []map[string]any {
	var list []map[string]any
	if err := wire.Unmarshal([]byte(value), &list); err != nil {
		return nil
	}
	for _, identity := range list {
		if primary, ok := identity["primary"].(bool); ok {
			identity["primary"] = strconv.FormatBool(primary)
		}
		if created, ok := identity["dateCreated"].(float64); ok {
			identity["dateCreated"] = strconv.FormatFloat(created, 'f', 0, 64)
		}
	}
	return list
}

// GroupClaims returns the names and the roles of the groups as tokens list them, those of higher priority first, and the preferred
// role, which may be empty.
func GroupClaims(groups []pool.Group) (names, roles []string, preferred string) {
	return groupNames(groups), groupRoles(groups), pool.PreferredRole(groups)
}

// groupNames returns the names of the groups, those of higher priority first.
func groupNames(groups []pool.Group) []string {
	var names []string
	for _, g := range byPrecedence(groups) {
		names = append(names, g.Name)
	}
	return names
}

func groupRoles(groups []pool.Group) []string {
	var roles []string
	for _, g := range byPrecedence(groups) {
		if g.RoleARN != "" {
			roles = append(roles, g.RoleARN)
		}
	}
	return roles
}

func byPrecedence(groups []pool.Group) []pool.Group {
	sorted := slices.Clone(groups)
	slices.SortStableFunc(sorted, func(a, b pool.Group) int {
		if order := a.ComparePrecedence(&b); order != 0 {
			return order
		}
		return strings.Compare(a.Name, b.Name)
	})
	return sorted
}

// sign makes a compact JWS of the claims. The header is exactly alg and kid, as the service writes it.
func (i *Issuer) sign(key *pool.SigningKey, claims map[string]any) (string, error) {
	return signJWS(i.Signer, key.Private, jwsHeader{Algorithm: jose.RS256, KeyID: key.ID}, claims)
}

// public returns the verification key under its kid.
func public(k *pool.SigningKey) *jose.JSONWebKey {
	return &jose.JSONWebKey{KeyID: k.ID, Algorithm: string(jose.RS256), Use: "sig", Key: k.Private.Public()}
}
