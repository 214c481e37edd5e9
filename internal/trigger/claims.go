package trigger

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
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

// fixed are the claims that no function can add, override or suppress, in either token, with one of our own (token.AttributesSuppressed).
// Attempts are dropped silently.
var fixed = names("acr", "amr", "at_hash", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities", "iss", "jti",
	"nbf", "nonce", "origin_jti", "sub", "token_use", "version", "cenote:attributes_suppressed")

// ruled are further claims that have rules of their own, or that something reads of a token.
var ruled = names("aud", "scope", "username", "address", "email", "email_verified", "phone_number", "phone_number_verified", "updated_at")

// simple are the claims that have to be a single value in the ID token, since relying parties read them as such.
var simple = names("address", "email_verified", "phone_number_verified", "updated_at")

// nameSet is a set of claims: their names by the folded ones.
type nameSet map[string]string

func names(list ...string) nameSet {
	set := make(nameSet, len(list))
	for _, name := range list {
		set[wire.Fold(name)] = name
	}
	return set
}

func (s nameSet) has(name string) bool { return s[wire.Fold(name)] == name }

// hasLike reports whether the set has a name that differs from this one by case alone.
func (s nameSet) hasLike(name string) bool {
	like, ok := s[wire.Fold(name)]
	return ok && like != name
}

// isFixed reports whether the claim is out of reach, also by a name that verifiers take for it which do not regard case: a function that
// copies what users typed into the name of a claim must not make them somebody else. Names of the service itself change by group overrides
// only.
func isFixed(name string) bool {
	return fixed[wire.Fold(name)] != "" || ruled.hasLike(name) || hasPrefix(name, "cognito:")
}

// hasPrefix reports whether a name begins so, in any case.
func hasPrefix(name, prefix string) bool {
	return strings.HasPrefix(wire.Fold(name), wire.Fold(prefix))
}

// ID returns the claims of the ID token with the changes, nil for nil. The map that it is given stays as it is.
func (c TokenChanges) ID(claims map[string]any) map[string]any {
	return c.apply(claims, c.IDToken, func(name string, value any) bool {
		return name != "aud" && (!simple.has(name) || !isComplex(value))
	}, func(name string) bool { return name != "aud" }, true)
}

// Access returns the claims of the access token with the changes, those to its scopes among them. The map that it is given stays
// as it is.
func (c TokenChanges) Access(claims map[string]any) map[string]any {
	out := c.apply(claims, c.AccessToken, func(name string, value any) bool {
		switch name {
		case "aud": // only for the client itself
			return value == claims["client_id"]
		case "scope", "username": // texts to whoever reads the token
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
		if !isFixed(name) && !hasPrefix(name, "dev:") && maySet(name, value) {
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

// apply replaces the claims about groups; an empty list removes its claim. Only the ID token tells roles. An element that is null or empty
// names nothing.
func (g *Groups) apply(claims map[string]any, roles bool) {
	replace := func(name string, given []string) {
		named := slices.DeleteFunc(slices.Clone(given), func(s string) bool { return s == "" })
		if len(named) == 0 {
			delete(claims, name)
			return
		}
		claims[name] = named
	}
	replace("cognito:groups", g.GroupsToOverride)
	if !roles {
		return
	}
	replace("cognito:roles", g.IAMRolesToOverride)
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
