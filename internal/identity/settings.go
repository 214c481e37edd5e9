package identity

import (
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// maxRegion is the longest name of a region in which pools can be made: ids that are sent back have 55 characters at most, of which a colon
// and a UUID take 37.
const maxRegion = 18

// New makes a pool from a request.
func New(in *wire.CreateIdentityPoolInput, region, accountID string) (*Pool, error) {
	if len(region) > maxRegion {
		return nil, fault.Newf(fault.InvalidParameter, "The region %s has too long a name for an identity pool: at most %d characters.", region, maxRegion)
	}
	p := &Pool{ID: NewID(region), Region: region, AccountID: accountID, Version: 1}
	s := wire.IdentityPool{
		IdentityPoolId: p.ID, IdentityPoolName: in.IdentityPoolName, AllowUnauthenticatedIdentities: in.AllowUnauthenticatedIdentities,
		AllowClassicFlow: in.AllowClassicFlow, SupportedLoginProviders: in.SupportedLoginProviders, DeveloperProviderName: in.DeveloperProviderName,
		OpenIdConnectProviderARNs: in.OpenIdConnectProviderARNs, CognitoIdentityProviders: in.CognitoIdentityProviders,
		SamlProviderARNs: in.SamlProviderARNs, IdentityPoolTags: in.IdentityPoolTags,
	}
	return p, p.settle(s)
}

// Update replaces the settings by those of a request. What the request leaves out returns to its default, except for the developer provider
// and the tags: Terraform never sends either, and expects both to stay.
func (p *Pool) Update(in *wire.IdentityPool) error {
	s := *in
	was := p.Settings.Pool
	switch {
	case s.DeveloperProviderName == "":
		s.DeveloperProviderName = was.DeveloperProviderName
	case was.DeveloperProviderName != "" && s.DeveloperProviderName != was.DeveloperProviderName:
		return fault.New(fault.InvalidParameter, "The developer provider name can not be changed once it has been set.")
	}
	if s.IdentityPoolTags == nil {
		s.IdentityPoolTags = was.IdentityPoolTags
	}
	return p.settle(s)
}

func (p *Pool) settle(s wire.IdentityPool) error {
	if s.AllowClassicFlow == nil {
		s.AllowClassicFlow = wire.Ptr(false)
	}
	for i := range s.CognitoIdentityProviders {
		c := &s.CognitoIdentityProviders[i]
		if c.ClientId == "" || !namesUserPool(c.ProviderName) {
			return fault.New(fault.InvalidParameter, "Invalid Cognito Identity Provider") // observed, for either
		}
		if c.ServerSideTokenCheck == nil {
			c.ServerSideTokenCheck = wire.Ptr(false)
		}
		if slices.ContainsFunc(s.CognitoIdentityProviders[:i], func(o wire.CognitoIdentityProvider) bool {
			return o.ProviderName == c.ProviderName && o.ClientId == c.ClientId
		}) {
			return fault.New(fault.ResourceConflict, "Cognito Identity Provider is provided more than once.")
		}
	}
	for name := range s.SupportedLoginProviders {
		if !slices.Contains(publicProviders, name) {
			return fault.Newf(fault.InvalidParameter, "Invalid login provider: %s", name)
		}
	}
	for kind, list := range map[string][]string{":oidc-provider/": s.OpenIdConnectProviderARNs, ":saml-provider/": s.SamlProviderARNs} {
		for _, arn := range list {
			if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, kind) {
				return fault.Newf(fault.InvalidParameter, "Invalid provider ARN: %s", arn)
			}
		}
	}
	if err := p.checkDeveloper(s); err != nil {
		return err
	}
	if err := checkTags(s.IdentityPoolTags); err != nil {
		return err
	}
	p.Settings.Pool = s
	return nil
}

// checkDeveloper refuses a developer provider with the key of another provider: whom developers vouch for, and whom the other one does, would be
// taken for each other. A name that was there before the rule stays, unless the pool takes logins of the other one.
func (p *Pool) checkDeveloper(s wire.IdentityPool) error {
	name := s.DeveloperProviderName
	_, taken := s.SupportedLoginProviders[name]
	taken = taken || slices.ContainsFunc(s.OpenIdConnectProviderARNs, func(arn string) bool {
		_, host, _ := strings.Cut(arn, ":oidc-provider/")
		return host == name
	})
	reserved := name == OwnProvider || slices.Contains(publicProviders, name)
	if name != "" && (taken || reserved && name != p.Settings.Pool.DeveloperProviderName) {
		return fault.Newf(fault.InvalidParameter, "Invalid developer provider name: %s", name)
	}
	return nil
}

// namesUserPool reports whether a name has the form of an issuer of a user pool without its scheme: a host and the id of the pool. Whether the
// pool exists is not asked, as on the service.
func namesUserPool(name string) bool {
	host, id, _ := strings.Cut(name, "/")
	region, suffix, _ := strings.Cut(id, "_")
	return host != "" && region != "" && suffix != "" && !strings.Contains(id, "/")
}

// maxTags is the quota of tags on a resource.
const maxTags = 50

func checkTags(tags map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if len(key) >= 4 && strings.EqualFold(key[:4], "aws:") {
			return fault.Newf(fault.InvalidParameter, "Tag keys beginning with aws: are reserved: %s", key)
		}
	}
	if len(tags) > maxTags {
		return fault.Newf(fault.InvalidParameter, "A resource can have %d tags at the most.", maxTags)
	}
	return nil
}

// OwnProvider is the key of Logins under which the OpenID token of a developer's user is shown.
const OwnProvider = "cognito-identity.amazonaws.com"

// publicProviders are the keys of the providers that need no registration elsewhere.
var publicProviders = []string{"accounts.google.com", "graph.facebook.com", "www.amazon.com", "appleid.apple.com", "api.twitter.com", "www.digits.com"}

// AddTags sets tags; a key that is there gets the new value.
func (p *Pool) AddTags(tags map[string]string) error {
	all := maps.Clone(p.Settings.Pool.IdentityPoolTags)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, tags)
	if err := checkTags(all); err != nil {
		return err
	}
	p.Settings.Pool.IdentityPoolTags = all
	return nil
}

// RemoveTags removes tags; one that is not there is no error.
func (p *Pool) RemoveTags(keys []string) {
	all := maps.Clone(p.Settings.Pool.IdentityPoolTags)
	maps.DeleteFunc(all, func(key, _ string) bool { return slices.Contains(keys, key) })
	p.Settings.Pool.IdentityPoolTags = all
}
