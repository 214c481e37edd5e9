package hostile_test

import (
	"maps"
	"testing"
)

// The requests of what a pool has beside its users: resource servers, domains.
func init() {
	maps.Copy(validRequests, map[string]valid{
		"CreateResourceServer": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return resourceServer.with("UserPoolId", f.pool).with("Identifier", fresh())
		}},
		"DescribeResourceServer": {make: aboutResourceServer(nil)},
		"UpdateResourceServer":   {make: aboutResourceServer(resourceServer)},
		"DeleteResourceServer":   {make: aboutResourceServer(nil)},
		"ListResourceServers":    {make: aboutPool(object{"MaxResults": 5})},

		"CreateUserPoolDomain": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			return object{"UserPoolId": f.pool, "Domain": fresh(), "ManagedLoginVersion": 1}
		}},
		"DescribeUserPoolDomain": {make: func(t testing.TB, f *fixture) object { return object{"Domain": f.newDomain(t)} }},
		"UpdateUserPoolDomain":   {make: aboutDomain(object{"ManagedLoginVersion": 2})},
		"DeleteUserPoolDomain":   {make: aboutDomain(nil)},
		"GetSigningCertificate":  {make: aboutPool(nil)},
		"GetClientToken": {make: func(t testing.TB, f *fixture) object {
			f.clear(t)
			server := f.newResourceServer(t)
			made := f.must(t, "CreateUserPoolClient", object{
				"UserPoolId": f.pool, "ClientName": "machine", "GenerateSecret": true,
				"ExplicitAuthFlows": []any{"ALLOW_CLIENT_TOKEN_AUTH"}, "AllowedOAuthScopes": []any{server + "/read"},
			})
			return object{
				"ClientId": made.at("UserPoolClient", "ClientId"), "Secret": made.at("UserPoolClient", "ClientSecret"),
				"Scopes": []any{server + "/read"}, "ClientMetadata": object{"k": "v"},
			}
		}},
	})
}

var resourceServer = object{"Name": "api", "Scopes": []any{object{"ScopeName": "read", "ScopeDescription": "d"}}}

func (f *fixture) newResourceServer(t testing.TB) string {
	t.Helper()
	return f.must(t, "CreateResourceServer", resourceServer.with("UserPoolId", f.pool).with("Identifier", fresh())).at("ResourceServer", "Identifier")
}

// newDomain makes the only prefix domain of the pool.
func (f *fixture) newDomain(t testing.TB) string {
	t.Helper()
	f.clear(t)
	name := fresh()
	f.must(t, "CreateUserPoolDomain", object{"UserPoolId": f.pool, "Domain": name})
	return name
}

func aboutResourceServer(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		f.clear(t)
		return more.with("UserPoolId", f.pool).with("Identifier", f.newResourceServer(t))
	}
}

func aboutDomain(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("UserPoolId", f.pool).with("Domain", f.newDomain(t))
	}
}

// clear takes from the pool what it can have few of: resource servers and domains.
func (f *fixture) clear(t testing.TB) {
	t.Helper()
	pool := object{"UserPoolId": f.pool}
	for _, identifier := range f.must(t, "ListResourceServers", pool).each("ResourceServers", "Identifier") {
		f.must(t, "DeleteResourceServer", pool.with("Identifier", identifier))
	}
	shown := f.must(t, "DescribeUserPool", pool)
	for _, kind := range []string{"Domain", "CustomDomain"} {
		if name := shown.at("UserPool", kind); name != "" {
			f.must(t, "DeleteUserPoolDomain", pool.with("Domain", name))
		}
	}
}

// directory is what the pool shows of what clear takes, for snapshots.
func (f *fixture) directory(t testing.TB) []map[string]any {
	t.Helper()
	shown := []map[string]any{f.must(t, "ListResourceServers", object{"UserPoolId": f.pool}).body}
	pool := f.must(t, "DescribeUserPool", object{"UserPoolId": f.pool})
	for _, kind := range []string{"Domain", "CustomDomain"} {
		if name := pool.at("UserPool", kind); name != "" {
			shown = append(shown, f.must(t, "DescribeUserPoolDomain", object{"Domain": name}).body)
		}
	}
	return shown
}
