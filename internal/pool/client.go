package pool

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Client is an app client of a pool.
type Client struct {
	PoolID   string
	ID       string                      // 26 of [a-z0-9]
	Settings wire.UserPoolClientType     // as DescribeUserPoolClient shows it, without the secret
	Sessions ClientSessionSettings       // SetUserPoolClientSessionConfiguration
	Risk     *wire.RiskConfigurationType // SetRiskConfiguration; nil or empty when the pool's holds
	Secrets  []Secret                    // none for a public client; at most MaxSecrets, oldest first
	Version  int64
}

// MaxSecrets is how many secrets a client can have at once, so that one can be rotated without a gap.
const MaxSecrets = 2

// Secret is one secret of a client.
type Secret struct {
	ID      string // <client id>--<epoch seconds>
	Value   string
	Created time.Time
}

// ClientNotFound is the answer for a client that does not exist or belongs to another pool.
func ClientNotFound(id string) *fault.Error {
	return fault.Newf(fault.ResourceNotFound, "User pool client %s does not exist.", id)
}

// HidesUsers reports whether callers must not learn which users exist (PreventUserExistenceErrors).
func (c *Client) HidesUsers() bool { return c.Settings.PreventUserExistenceErrors == "ENABLED" }

// Revocable reports whether the client's tokens carry jti and origin_jti and can be revoked. The default is yes.
func (c *Client) Revocable() bool {
	return c.Settings.EnableTokenRevocation == nil || *c.Settings.EnableTokenRevocation
}

// Rotates reports whether refresh tokens rotate, and for how long a replaced one still works.
func (c *Client) Rotates() (bool, time.Duration) {
	r := c.Settings.RefreshTokenRotation
	if r == nil || r.Feature != "ENABLED" {
		return false, 0
	}
	var grace time.Duration
	if r.RetryGracePeriodSeconds != nil {
		grace = time.Duration(*r.RetryGracePeriodSeconds) * time.Second
	}
	return true, grace
}

// AllowsFlow reports whether ExplicitAuthFlows opens the flow, named as its ALLOW_ value without the prefix:
// USER_SRP_AUTH, USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, CUSTOM_AUTH, REFRESH_TOKEN_AUTH, USER_AUTH.
//
// Legacy values add to the default set (SRP, custom, refresh) instead of replacing it; only CUSTOM_AUTH_FLOW_ONLY takes SRP away.
func (c *Client) AllowsFlow(flow string) bool {
	flows := c.Settings.ExplicitAuthFlows
	if slices.ContainsFunc(flows, func(f string) bool { return strings.HasPrefix(f, "ALLOW_") }) {
		return slices.Contains(flows, "ALLOW_"+flow)
	}
	switch flow {
	case "USER_SRP_AUTH":
		return !slices.Contains(flows, "CUSTOM_AUTH_FLOW_ONLY")
	case "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH":
		return true
	case "ADMIN_USER_PASSWORD_AUTH":
		return slices.Contains(flows, "ADMIN_NO_SRP_AUTH")
	case "USER_PASSWORD_AUTH":
		return slices.Contains(flows, "USER_PASSWORD_AUTH")
	}
	return false
}

// Flows lists the flows that AllowsFlow opens.
func (c *Client) Flows() []string {
	all := []string{"USER_AUTH", "USER_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "CUSTOM_AUTH", "REFRESH_TOKEN_AUTH"}
	return slices.DeleteFunc(all, func(flow string) bool { return !c.AllowsFlow(flow) })
}

// CheckSecretHash compares the SECRET_HASH of a request. It runs before any user is looked up, so that a caller without the
// secret learns nothing about users. An absent hash is "".
func (c *Client) CheckSecretHash(username, hash string) error {
	switch {
	case len(c.Secrets) == 0 && hash == "":
		return nil
	case len(c.Secrets) == 0:
		return fault.Newf(fault.NotAuthorized, "Unable to verify secret hash for client %s", c.ID)
	case hash == "":
		return fault.Newf(fault.NotAuthorized, "Client %s is configured with secret but SECRET_HASH was not received", c.ID)
	}
	ok := false
	for _, s := range c.Secrets {
		ok = credential.SecretHashMatches(s.Value, username, c.ID, hash) || ok
	}
	if !ok {
		return fault.Newf(fault.NotAuthorized, "SecretHash does not match for the client: %s", c.ID)
	}
	return nil
}

// HasSecret reports, in constant time, whether the value is one of the client's secrets.
func (c *Client) HasSecret(value string) bool {
	ok := false
	for _, s := range c.Secrets {
		ok = subtle.ConstantTimeCompare([]byte(s.Value), []byte(value)) == 1 || ok
	}
	return ok
}

// AccessTokenLife, IDTokenLife and RefreshTokenLife are the validities in force.
func (c *Client) AccessTokenLife() time.Duration {
	return life(c.Settings.AccessTokenValidity, c.unit().AccessToken, "hours", time.Hour)
}

// IDTokenLife is the validity of an ID token.
func (c *Client) IDTokenLife() time.Duration {
	return life(c.Settings.IdTokenValidity, c.unit().IdToken, "hours", time.Hour)
}

// RefreshTokenLife is the validity of a refresh token.
func (c *Client) RefreshTokenLife() time.Duration {
	return life(c.Settings.RefreshTokenValidity, c.unit().RefreshToken, "days", 30*24*time.Hour)
}

// AttemptLife is how long each session of a sign-in lives (AuthSessionValidity).
func (c *Client) AttemptLife() time.Duration {
	if v := c.Settings.AuthSessionValidity; v != nil && *v > 0 {
		return time.Duration(*v) * time.Minute
	}
	return 3 * time.Minute
}

func (c *Client) unit() wire.TokenValidityUnitsType {
	if u := c.Settings.TokenValidityUnits; u != nil {
		return *u
	}
	return wire.TokenValidityUnitsType{}
}

// life turns a validity and its unit into a duration; an absent or zero validity is the default.
func life(n *int64, unit, defaultUnit string, absent time.Duration) time.Duration {
	if n == nil || *n == 0 {
		return absent
	}
	if unit == "" {
		unit = defaultUnit
	}
	return time.Duration(*n) * units[unit]
}

var units = map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour}

// Supports reports whether users of the identity provider sign in to the client; COGNITO is the pool itself.
func (c *Client) Supports(provider string) bool {
	return slices.Contains(c.Settings.SupportedIdentityProviders, provider)
}
