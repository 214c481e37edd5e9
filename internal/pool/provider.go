package pool

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// MaxProviders is how many identity providers a pool can have: the service's default quota.
const MaxProviders = 300

// CognitoProvider is the name under which settings of clients and links mean the pool itself.
const CognitoProvider = "COGNITO"

// Provider is an identity provider whose accounts sign in to the pool.
type Provider struct {
	PoolID   string
	Name     string
	Settings wire.IdentityProviderType // as DescribeIdentityProvider shows it, with all secrets
	Metadata string                    // of a SAML provider: the document
	Fetched  time.Time                 // when the metadata was fetched; zero for a document that was given
	Version  int64

	// Kept by the store: when the metadata is fetched again, zero for never, and why the last time failed, empty for a success.
	Due   time.Time
	Fault string
}

// refreshAfter is how old metadata gets before it is fetched again: within the six hours that the service documents, even if the first time
// fails.
const refreshAfter = 5 * time.Hour

// NextRefresh is when metadata that was fetched is to be fetched again; zero for a document that was given.
func (v *Provider) NextRefresh() time.Time {
	if v.Fetched.IsZero() {
		return time.Time{}
	}
	return v.Fetched.Add(refreshAfter)
}

// NewProvider makes an identity provider from a request. Its details are those that the request gives: what is found out at the provider
// is filled in by Complete.
func NewProvider(p *Pool, in *wire.CreateIdentityProviderInput, now time.Time) (*Provider, error) {
	v := &Provider{PoolID: p.ID, Name: in.ProviderName, Settings: wire.IdentityProviderType{
		UserPoolId: p.ID, ProviderName: in.ProviderName, ProviderType: in.ProviderType,
		ProviderDetails: maps.Clone(in.ProviderDetails), AttributeMapping: maps.Clone(in.AttributeMapping),
		IdpIdentifiers: identifiers(in.IdpIdentifiers), AcrMapping: maps.Clone(in.AcrMapping),
		CreationDate: wire.At(now), LastModifiedDate: wire.At(now),
	}}
	if flaw := v.nameFlaw(); flaw != "" {
		return nil, fault.New(fault.InvalidParameter, flaw)
	}
	return v, v.settle(p)
}

// Update changes what a request names; what it leaves out stays as it is, and an empty map or list is none. The details are replaced as a
// whole, and have to be completed again. A refused update changes nothing.
func (v *Provider) Update(p *Pool, in *wire.UpdateIdentityProviderInput, now time.Time) error {
	changed := *v
	if in.ProviderDetails != nil {
		changed.Settings.ProviderDetails = maps.Clone(in.ProviderDetails)
		for _, name := range v.kind().unshown { // what is not shown cannot be sent back
			if _, given := in.ProviderDetails[name]; !given {
				changed.Settings.ProviderDetails[name] = v.Settings.ProviderDetails[name]
			}
		}
	}
	if in.AttributeMapping != nil {
		changed.Settings.AttributeMapping = maps.Clone(in.AttributeMapping)
	}
	if in.IdpIdentifiers != nil {
		changed.Settings.IdpIdentifiers = identifiers(in.IdpIdentifiers)
	}
	if in.AcrMapping != nil {
		changed.Settings.AcrMapping = maps.Clone(in.AcrMapping)
	}
	changed.Settings.LastModifiedDate = wire.At(now)
	if err := changed.settle(p); err != nil {
		return err
	}
	*v = changed
	return nil
}

// identifiers returns the list without repetitions, empty rather than nil: DescribeIdentityProvider always shows it.
func identifiers(list []string) []string { return append([]string{}, distinct(list)...) }

// settle fills in the mapping of the username and refuses what cannot be.
func (v *Provider) settle(p *Pool) error {
	s := &v.Settings
	if claim := v.kind().subject; claim != "" {
		if s.AttributeMapping == nil {
			s.AttributeMapping = map[string]string{}
		}
		if s.AttributeMapping["username"] == "" {
			s.AttributeMapping["username"] = claim
		}
	}
	if len(s.AttributeMapping) == 0 {
		s.AttributeMapping = nil
	}
	if len(s.AcrMapping) == 0 {
		s.AcrMapping = nil
	}
	for _, flaw := range []string{v.detailsFlaw(), v.mappingFlaw(p), v.acrFlaw()} {
		if flaw != "" {
			return fault.New(fault.InvalidParameter, flaw)
		}
	}
	return nil
}

// isProviderName reports whether every operation but CreateIdentityProvider takes the name. The model's pattern for a new name also lets control
// characters through, which nobody could name again.
func isProviderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.S, unicode.N, unicode.P, unicode.Z)
	})
}

// nameFlaw says why a new provider cannot have its name, or "". Providers of social networks are called as their type, and no other
// provider is. The text was observed for a Google provider with another name.
func (v *Provider) nameFlaw() string {
	if !isProviderName(v.Name) {
		return "ProviderName has a character that is not allowed."
	}
	social := v.kind().social
	if social && v.Name != v.Settings.ProviderType || !social && providerKinds[v.Name].social || strings.EqualFold(v.Name, CognitoProvider) {
		return "Provider " + v.Name + " cannot be of type " + v.Settings.ProviderType + "."
	}
	return ""
}

// mappingFlaw says what is wrong with the mapping of attributes, or "".
func (v *Provider) mappingFlaw(p *Pool) string {
	subject := v.kind().subject
	for _, name := range slices.Sorted(maps.Keys(v.Settings.AttributeMapping)) {
		claim := v.Settings.AttributeMapping[name]
		switch {
		case claim == "":
			return "Invalid AttributeMapping: " + name + " is mapped to nothing."
		case name == "username":
			if subject != "" && claim != subject {
				return "Invalid AttributeMapping: username is always mapped to " + subject + "."
			}
		case name == "sub" || name == Identities || strings.HasPrefix(name, "dev:") || p.Attribute(name) == nil:
			return "Invalid AttributeMapping: the user pool has no attribute " + name + " that can be mapped."
		}
	}
	return ""
}

// acrFlaw says what is wrong with the mapping of authentication levels, or "".
func (v *Provider) acrFlaw() string {
	if v.Settings.AcrMapping != nil && v.Settings.ProviderType != "OIDC" {
		return "AcrMapping is supported for OIDC providers only."
	}
	for _, level := range slices.Sorted(maps.Keys(v.Settings.AcrMapping)) {
		if _, known := acrNames[level]; !known {
			return "Invalid AcrMapping: " + level + " is not one of Level1, Level2, Level3 and Level4."
		}
		if v.Settings.AcrMapping[level] == "" {
			return "Invalid AcrMapping: " + level + " is mapped to nothing."
		}
	}
	return ""
}

// Shown returns the provider as DescribeIdentityProvider shows it: without what the service never shows.
func (v *Provider) Shown() wire.IdentityProviderType {
	s := v.Settings
	s.ProviderDetails = maps.Clone(s.ProviderDetails)
	for _, name := range v.kind().unshown {
		delete(s.ProviderDetails, name)
	}
	return s
}

// Links reports whether an account at the provider can be linked by the attribute: by its subject always, by another attribute of the pool
// only where it is mapped and the provider is of the operator's choice.
func (v *Provider) Links(attribute string) bool {
	if attribute == SubjectAttribute {
		return true
	}
	return !v.kind().social && attribute != "username" && v.Settings.AttributeMapping[attribute] != ""
}

// SubjectAttribute names the unique id of an account at its provider.
const SubjectAttribute = "Cognito_Subject"

// ProviderExists is the answer for a name that the pool has already.
func ProviderExists(poolID, name string) *fault.Error {
	return fault.Newf(fault.DuplicateProvider, "%s already exists for tenant %s.", name, poolID)
}

// ProviderNotFound is the answer for a provider that does not exist.
func ProviderNotFound(poolID, name string) *fault.Error {
	return fault.Newf(fault.ResourceNotFound, "Identity provider %s for tenantId %s does not exist.", name, poolID)
}

// IdentifierTaken is the answer for an identifier that another provider of the pool has.
func IdentifierTaken(identifier string) *fault.Error {
	return fault.Newf(fault.InvalidParameter, "IdpIdentifier %s is already in use by another identity provider.", identifier)
}
