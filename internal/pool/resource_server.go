package pool

import (
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// MaxResourceServers is how many resource servers a pool can have: the service's default quota.
const MaxResourceServers = 25

// ResourceServer is an API that accepts the pool's access tokens. Its scopes can be allowed to the pool's clients.
type ResourceServer struct {
	PoolID   string
	Settings wire.ResourceServerType // as DescribeResourceServer shows it
}

// NewResourceServer makes a resource server from a request.
func NewResourceServer(in *wire.CreateResourceServerInput) (ResourceServer, error) {
	r := ResourceServer{PoolID: in.UserPoolId, Settings: wire.ResourceServerType{UserPoolId: in.UserPoolId, Identifier: in.Identifier, Name: in.Name}}
	return r, r.setScopes(in.Scopes)
}

// Update replaces the name and the scopes. Scopes that are left out are none, as the service documents it.
func (r *ResourceServer) Update(in *wire.UpdateResourceServerInput) error {
	r.Settings.Name = in.Name
	return r.setScopes(in.Scopes)
}

// setScopes replaces the scopes; two of one name are refused, since a token could not tell them apart.
func (r *ResourceServer) setScopes(scopes []wire.ResourceServerScopeType) error {
	seen := map[string]bool{}
	for _, s := range scopes {
		if seen[s.ScopeName] {
			return fault.Newf(fault.InvalidParameter, "Duplicate scope name: %s", s.ScopeName)
		}
		seen[s.ScopeName] = true
	}
	r.Settings.Scopes = append([]wire.ResourceServerScopeType{}, scopes...)
	return nil
}

// Has reports whether the server has the scope with this name (without the identifier).
func (r *ResourceServer) Has(name string) bool {
	return slices.ContainsFunc(r.Settings.Scopes, func(s wire.ResourceServerScopeType) bool { return s.ScopeName == name })
}

// CutScope splits a custom scope, <identifier>/<name>, as tokens spell it. An identifier can contain slashes, a name cannot. It reports
// false for scopes of other forms, such as openid.
func CutScope(scope string) (identifier, name string, ok bool) {
	i := strings.LastIndexByte(scope, '/')
	if i < 0 {
		return "", "", false
	}
	return scope[:i], scope[i+1:], true
}

// ResourceServerExists is the answer for an identifier that the pool has already.
func ResourceServerExists(poolID, identifier string) *fault.Error {
	return fault.Newf(fault.InvalidParameter, "%s already exists in user pool %s.", identifier, poolID)
}

// ResourceServerNotFound is the answer for a resource server that does not exist.
func ResourceServerNotFound(identifier string) *fault.Error {
	return fault.Newf(fault.ResourceNotFound, "Resource server %s does not exist.", identifier)
}
