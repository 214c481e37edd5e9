// Package pool holds what an operator configures: user pools, their app clients, groups, schema and policies.
//
// The settings of a pool and of a client are kept in the shape in which the API shows them (wire.UserPoolType,
// wire.UserPoolClientType): what Describe answers is what is stored, so that no member is mapped twice. The methods here
// give those settings their meaning. A Pool is read once per request and passed down; nothing looks it up again.
//
// Start with Pool and Client; defaults and checks of new settings are in create.go and update.go.
package pool

import (
	"slices"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/wire"
)

// Pool is a user pool.
type Pool struct {
	ID       string                             // <region>_<9 characters>
	Settings wire.UserPoolType                  // as DescribeUserPool shows it; EstimatedNumberOfUsers is not kept here
	Mfa      MfaSettings                        // the parts of the MFA configuration that DescribeUserPool does not show
	Sessions SessionSettings                    // SetUserPoolSessionConfiguration
	Risk     *wire.RiskConfigurationType        // SetRiskConfiguration; nil when there never was one, empty when it was taken back
	Logs     *wire.LogDeliveryConfigurationType // SetLogDeliveryConfiguration; nil when there never was one
	Version  int64                              // grows with each change; the store's cache compares it
	Key      *seal.Key                          // data key that seals the pool's secrets
	Keys     KeyRing                            // of tokens
}

// MfaSettings are the factor blocks of SetUserPoolMfaConfig that are no members of the pool's description.
type MfaSettings struct {
	Set           bool                             `json:",omitzero"` // SetUserPoolMfaConfig turned MFA on: the blocks below decide
	SMS           *wire.SmsMfaConfigType           `json:",omitzero"` // empty: what it says is among the pool's settings
	SoftwareToken *wire.SoftwareTokenMfaConfigType `json:",omitzero"`
	Email         *wire.EmailMfaConfigType         `json:",omitzero"`
	WebAuthn      *wire.WebAuthnConfigurationType  `json:",omitzero"`
}

// NotFound is the answer for a pool that does not exist.
func NotFound(id string) *fault.Error {
	return fault.Newf(fault.ResourceNotFound, "User pool %s does not exist.", id)
}

// NamePart returns the pool id after the underscore: what SRP hashes as the pool's name.
func (p *Pool) NamePart() string {
	_, name, _ := strings.Cut(p.ID, "_")
	return name
}

// Region returns the pool id before the underscore.
func (p *Pool) Region() string {
	region, _, _ := strings.Cut(p.ID, "_")
	return region
}

// AccountID returns the account that the pool belongs to, as its ARN names it.
func (p *Pool) AccountID() string {
	parts := strings.SplitN(p.Settings.Arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// CaseSensitive reports whether usernames and aliases are compared exactly. A pool made without the setting is case sensitive.
func (p *Pool) CaseSensitive() bool {
	c := p.Settings.UsernameConfiguration
	return c == nil || c.CaseSensitive
}

// Fold returns the form of a sign-in name under which it is compared and stored.
func (p *Pool) Fold(name string) string {
	if p.CaseSensitive() {
		return name
	}
	return strings.ToLower(name)
}

// HasUsernameAttributes reports whether people sign up with an e-mail address or phone number instead of a username.
func (p *Pool) HasUsernameAttributes() bool { return len(p.Settings.UsernameAttributes) > 0 }

// IsUsernameAttribute reports whether the attribute serves as the username.
func (p *Pool) IsUsernameAttribute(name string) bool {
	return slices.Contains(p.Settings.UsernameAttributes, name)
}

// IsAlias reports whether a verified value of the attribute is an alias of the username.
func (p *Pool) IsAlias(name string) bool { return slices.Contains(p.Settings.AliasAttributes, name) }

// AutoVerifies reports whether the pool sends codes to verify the attribute (email or phone_number) by itself.
func (p *Pool) AutoVerifies(name string) bool {
	return slices.Contains(p.Settings.AutoVerifiedAttributes, name)
}

// VerifiesBeforeUpdate reports whether a new value of the attribute waits for its verification.
func (p *Pool) VerifiesBeforeUpdate(name string) bool {
	s := p.Settings.UserAttributeUpdateSettings
	return s != nil && slices.Contains(s.AttributesRequireVerificationBeforeUpdate, name)
}

// AllowsSelfSignUp reports whether people may sign up by themselves.
func (p *Pool) AllowsSelfSignUp() bool {
	c := p.Settings.AdminCreateUserConfig
	return c == nil || c.AllowAdminCreateUserOnly == nil || !*c.AllowAdminCreateUserOnly
}

// TemporaryPasswordLife is how long a temporary password works.
func (p *Pool) TemporaryPasswordLife() time.Duration {
	const day = 24 * time.Hour
	if pol := p.Settings.Policies; pol != nil && pol.PasswordPolicy != nil {
		if d := pol.PasswordPolicy.TemporaryPasswordValidityDays; d != nil && *d > 0 {
			return time.Duration(*d) * day
		}
	}
	if c := p.Settings.AdminCreateUserConfig; c != nil && c.UnusedAccountValidityDays != nil && *c.UnusedAccountValidityDays > 0 {
		return time.Duration(*c.UnusedAccountValidityDays) * day
	}
	return 7 * day
}

// AllowsFirstFactor reports whether the sign-in policy has the factor (PASSWORD, EMAIL_OTP, SMS_OTP, WEB_AUTHN).
func (p *Pool) AllowsFirstFactor(factor Factor) bool {
	pol := p.Settings.Policies
	if pol == nil || pol.SignInPolicy == nil || len(pol.SignInPolicy.AllowedFirstAuthFactors) == 0 {
		return factor == Password
	}
	return factor == Password || slices.Contains(pol.SignInPolicy.AllowedFirstAuthFactors, string(factor))
}

// Recovery is a way to recover a forgotten password.
type Recovery string

// The ways of recovery, as AccountRecoverySetting names them.
const (
	RecoverByEmail Recovery = "verified_email"
	RecoverByPhone Recovery = "verified_phone_number"
	RecoverByAdmin Recovery = "admin_only"
)

// Recoveries returns the ways of recovery in order of priority. A pool without the setting prefers the phone, as the service
// did before the setting existed.
func (p *Pool) Recoveries() []Recovery {
	s := p.Settings.AccountRecoverySetting
	if s == nil || len(s.RecoveryMechanisms) == 0 {
		return []Recovery{RecoverByPhone, RecoverByEmail}
	}
	ms := slices.Clone(s.RecoveryMechanisms)
	slices.SortStableFunc(ms, func(a, b wire.RecoveryOptionType) int { return int(a.Priority - b.Priority) })
	out := make([]Recovery, len(ms))
	for i, m := range ms {
		out[i] = Recovery(m.Name)
	}
	return out
}

// RecoveryContacts returns the contacts that recover an account once they are verified, in order of priority; none where administrators do.
func (p *Pool) RecoveryContacts() []Contact {
	var contacts []Contact
	for _, way := range p.Recoveries() {
		switch way {
		case RecoverByEmail:
			contacts = append(contacts, Email)
		case RecoverByPhone:
			contacts = append(contacts, Phone)
		case RecoverByAdmin:
			return contacts
		}
	}
	return contacts
}

// CodeKey keys the hashes of one-time codes: a stolen database alone does not let six digits be tried out.
func (p *Pool) CodeKey() []byte { return p.Key.Derive(codePurpose) }

// CodeKeys are the keys by which codes may have been hashed that are still outstanding.
func (p *Pool) CodeKeys() [][]byte { return p.Key.DeriveAll(codePurpose) }

const codePurpose = "one-time codes"
