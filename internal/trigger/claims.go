package trigger

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// TokenChanges are what a PreTokenGeneration function wants changed in the tokens of one sign-in. The zero value changes nothing.
type TokenChanges struct {
	IDToken          ClaimChanges
	AccessToken      ClaimChanges
	ScopesToAdd      []string
	ScopesToSuppress []string
	Groups           *Groups // in place of the user's; nil keeps them
}

// ClaimChanges are the changes to the claims of one token. A claim that is both set and suppressed is suppressed.
type ClaimChanges struct {
	Set      map[string]any // string, bool, or json.RawMessage with a number, an array or an object
	Suppress []string
}

// fixed are the claims that no function can add, override or suppress, in either token. Attempts are dropped silently.
var fixed = map[string]bool{
	"acr": true, "amr": true, "at_hash": true, "auth_time": true, "azp": true, "client_id": true, "device_key": true, "event_id": true,
	"exp": true, "iat": true, "identities": true, "iss": true, "jti": true, "nbf": true, "nonce": true, "origin_jti": true,
	"sub": true, "token_use": true, "version": true,
}

// simple are the claims that have to be a single value in the ID token, since relying parties read them as such.
var simple = map[string]bool{"address": true, "email_verified": true, "phone_number_verified": true, "updated_at": true}

// isFixed reports whether the claim is out of reach. Names of the service itself change by group overrides only.
func isFixed(name string) bool { return fixed[name] || strings.HasPrefix(name, "cognito:") }

// ID returns the claims of the ID token with the changes, nil for nil. The map that it is given stays as it is.
func (c TokenChanges) ID(claims map[string]any) map[string]any {
	return c.apply(claims, c.IDToken, func(name string, value any) bool {
		return name != "aud" && (!simple[name] || !isComplex(value))
	}, func(name string) bool { return name != "aud" }, true)
}

// Access returns the claims of the access token with the changes, those to its scopes among them. The map that it is given stays
// as it is.
func (c TokenChanges) Access(claims map[string]any) map[string]any {
	out := c.apply(claims, c.AccessToken, func(name string, value any) bool {
		switch name {
		case "aud": // only for the client itself
			return value == claims["client_id"]
		case "scope":
			_, ok := value.(string)
			return ok
		}
		return true
	}, func(string) bool { return true }, false)
	if out != nil && len(c.ScopesToAdd)+len(c.ScopesToSuppress) > 0 {
		c.applyScopes(out)
	}
	return out
}

// apply makes the changes that are not out of reach and that the token allows.
func (c TokenChanges) apply(claims map[string]any, changes ClaimChanges, maySet func(string, any) bool, maySuppress func(string) bool,
	roles bool,
) map[string]any {
	if claims == nil {
		return nil // machines have no ID token
	}
	out := maps.Clone(claims)
	for name, value := range changes.Set {
		if !isFixed(name) && !strings.HasPrefix(name, "dev:") && maySet(name, value) {
			out[name] = value
		}
	}
	for _, name := range changes.Suppress {
		if !isFixed(name) && maySuppress(name) {
			delete(out, name)
		}
	}
	if c.Groups != nil {
		c.Groups.apply(out, roles)
	}
	return out
}

// apply replaces the claims about groups; an empty list removes its claim. Only the ID token tells roles.
func (g *Groups) apply(claims map[string]any, roles bool) {
	replace := func(name string, value any, empty bool) {
		if empty {
			delete(claims, name)
			return
		}
		claims[name] = value
	}
	replace("cognito:groups", g.GroupsToOverride, len(g.GroupsToOverride) == 0)
	if !roles {
		return
	}
	replace("cognito:roles", g.IAMRolesToOverride, len(g.IAMRolesToOverride) == 0)
	if g.PreferredRole == nil || *g.PreferredRole == "" {
		delete(claims, "cognito:preferred_role")
		return
	}
	claims["cognito:preferred_role"] = *g.PreferredRole
}

// applyScopes changes the scope claim. Order stays, what is added comes last, and suppression wins.
func (c TokenChanges) applyScopes(claims map[string]any) {
	text, _ := claims["scope"].(string)
	var scopes []string
	for _, scope := range slices.Concat(strings.Fields(text), c.ScopesToAdd) {
		if !slices.Contains(c.ScopesToSuppress, scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if len(scopes) == 0 {
		delete(claims, "scope")
		return
	}
	claims["scope"] = strings.Join(scopes, " ")
}

// isComplex reports whether the value is an array or an object.
func isComplex(value any) bool {
	raw, ok := value.(json.RawMessage)
	return ok && len(raw) > 0 && (raw[0] == '[' || raw[0] == '{')
}
