package identity

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// Kind is how a login was verified.
type Kind int

// The kinds of logins.
const (
	UserPool  Kind = iota // an ID token of a user pool
	OIDC                  // an ID token of a registered OpenID Connect provider
	SAML                  // an assertion of a registered SAML provider
	Public                // a token of a public provider, such as accounts.google.com
	Developer             // an OpenID token that GetOpenIdTokenForDeveloperIdentity gave
)

// Login is a login that has been verified.
type Login struct {
	Kind     Kind
	Provider string         // the key in Logins, in the spelling under which links are kept
	Subject  string         // who it is at the provider
	RoleKey  string         // the key in RoleMappings
	TagKeys  []string       // the names under which the provider may have a map of principal tags; the first that has one counts
	AMR      []string       // what an OpenID token says about it, after "authenticated"
	Claims   map[string]any // of the token; numbers are wire.Documents

	Once  string    // an assertion that each operation takes once; empty: a token that may be shown again
	Until time.Time // when the assertion expires
}

// SetRoles replaces the roles. Mappings that a request leaves out stay, except that empty roles with no mappings clear everything: both are
// how Terraform changes and deletes.
func (p *Pool) SetRoles(roles map[string]string, mappings map[string]wire.RoleMapping) error {
	for _, key := range slices.Sorted(maps.Keys(mappings)) {
		if !p.hasProvider(key) {
			return fault.Newf(fault.InvalidParameter, "(%s) is not a valid RoleMapping ProviderName or is not a configured provider.", key) // observed
		}
		if err := checkMapping(key, mappings[key]); err != nil {
			return err
		}
	}
	if mappings != nil || len(roles) == 0 {
		p.Settings.Mappings = mappings
	}
	p.Settings.Roles = roles
	return nil
}

// hasProvider reports whether a key of RoleMappings is that of a provider of the pool, as Login.RoleKey is.
func (p *Pool) hasProvider(key string) bool {
	s := p.Settings.Pool
	if _, public := s.SupportedLoginProviders[key]; public || key == s.DeveloperProviderName {
		return true
	}
	return slices.Contains(s.OpenIdConnectProviderARNs, key) || slices.Contains(s.SamlProviderARNs, key) ||
		slices.ContainsFunc(s.CognitoIdentityProviders, func(c wire.CognitoIdentityProvider) bool { return key == c.ProviderName+":"+c.ClientId })
}

// maxRules is the service's quota of rules in a mapping.
const maxRules = 25

func checkMapping(key string, m wire.RoleMapping) error {
	invalid := func(text string) error {
		return fault.Newf(fault.InvalidParameter, "%s for role mapping %s", text, key)
	}
	switch {
	case m.AmbiguousRoleResolution == "":
		return invalid("AmbiguousRoleResolution is required")
	case m.Type == "Token" && m.RulesConfiguration != nil:
		return invalid("RulesConfiguration is not allowed with type Token")
	case m.Type == "Rules" && m.RulesConfiguration == nil:
		return invalid("RulesConfiguration is required with type Rules")
	case m.RulesConfiguration != nil && len(m.RulesConfiguration.Rules) > maxRules:
		return fault.Newf(fault.InvalidParameter, "The number of rules in the request exceeded %d.", maxRules) // observed
	}
	return nil
}

// BadConfiguration is the answer where no role can be assumed.
func BadConfiguration() *fault.Error {
	return fault.New(fault.InvalidIdentityPoolConfiguration, "Invalid identity pool configuration. Check assigned IAM roles for this pool.")
}

// Role returns the role for logins, the guest's for none. custom is a role that the caller asks for, or empty: it must be one that the token
// or a rule allows.
func (p *Pool) Role(logins []Login, custom string) (string, error) {
	if len(logins) == 0 {
		return p.role("unauthenticated", custom)
	}
	for _, l := range logins {
		if m, ok := p.Settings.Mappings[l.RoleKey]; ok {
			return p.mapped(l, m, custom)
		}
	}
	return p.role("authenticated", custom)
}

// role returns one of the two roles of the pool.
func (p *Pool) role(kind, custom string) (string, error) {
	role := p.Settings.Roles[kind]
	if role == "" {
		return "", BadConfiguration()
	}
	if custom != "" && custom != role {
		return "", forbiddenRole(custom)
	}
	return role, nil
}

func forbiddenRole(arn string) error {
	return fault.Newf(fault.NotAuthorized, "Access to Role '%s' is forbidden.", arn)
}

// mapped returns the role that a mapping gives a login.
func (p *Pool) mapped(l Login, m wire.RoleMapping, custom string) (string, error) {
	var allowed []string
	role := ""
	if m.Type == "Token" {
		allowed = texts(l.Claims["cognito:roles"])
		preferred, _ := l.Claims["cognito:preferred_role"].(string)
		switch {
		case preferred != "":
			role, allowed = preferred, append(allowed, preferred)
		case len(allowed) == 1:
			role = allowed[0]
		}
	} else {
		for _, rule := range m.RulesConfiguration.Rules {
			if matches(rule, l.Claims) {
				allowed = append(allowed, rule.RoleARN)
			}
		}
		if len(allowed) > 0 {
			role = allowed[0]
		}
	}
	switch {
	case custom != "" && slices.Contains(allowed, custom):
		return custom, nil
	case custom != "":
		return "", forbiddenRole(custom)
	case role != "":
		return role, nil
	case m.AmbiguousRoleResolution == "AuthenticatedRole":
		return p.role("authenticated", "")
	}
	return "", fault.Newf(fault.NotAuthorized, "The ambiguous role mapping rules for: %s denied this request.", l.RoleKey)
}

// matches reports whether a rule fits the claims. A claim that is missing fits no rule, NotEqual among them (documented).
func matches(rule wire.MappingRule, claims map[string]any) bool {
	value, ok := claims[rule.Claim]
	if !ok {
		return false
	}
	text := claimText(value)
	switch rule.MatchType {
	case "Equals":
		return text == rule.Value
	case "Contains":
		return strings.Contains(text, rule.Value)
	case "StartsWith":
		return strings.HasPrefix(text, rule.Value)
	}
	return text != rule.Value
}

// claimText returns a claim as rules and tags see it: a text as it is, the elements of a list separated by commas, and whatever else as
// JSON writes it.
func claimText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		all := make([]string, len(v))
		for i, e := range v {
			all[i] = claimText(e)
		}
		return strings.Join(all, ",")
	}
	text, err := wire.Encode(v)
	if err != nil { // claims have been JSON
		return ""
	}
	return string(text)
}

// texts returns a claim with texts: a list, or one alone.
func texts(v any) []string {
	if text, ok := v.(string); ok {
		return []string{text}
	}
	list, _ := v.([]any)
	var all []string
	for _, e := range list {
		if text, ok := e.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
