package flows

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// poolBelief is what the model believes of a pool: what DescribeUserPool shows, without what the model leaves alone, and what it holds by key.
type poolBelief struct {
	shown                    doc
	clients, groups, servers map[string]doc
}

// poolModel creates, changes and deletes pools and what they hold at random, and compares what is read with what it believes.
type poolModel struct {
	*site
	test  *testing.T
	t     *rapid.T
	pools map[string]*poolBelief
	gone  []string // ids of deleted pools
}

// modeled are the members of each kind that the model knows.
var (
	modeledPool   = []string{"Name", "DeletionProtection", "AutoVerifiedAttributes", "UserPoolTags", "DeviceConfiguration", "MfaConfiguration"}
	modeledClient = []string{"ClientName", "RefreshTokenValidity", "CallbackURLs"}
	modeledGroup  = []string{"GroupName", "Description", "Precedence"}
	modeledServer = []string{"Identifier", "Name", "Scopes"}
)

func only(shown doc, members []string) doc {
	kept := doc{}
	for _, m := range members {
		if v, ok := shown[m]; ok {
			kept[m] = v
		}
	}
	return kept
}

func (m *poolModel) pick(label string, from []string) string {
	slices.Sort(from)
	return rapid.SampledFrom(from).Draw(m.t, label)
}

func (m *poolModel) maybe(in doc, member string, values ...any) {
	if n := rapid.IntRange(-1, len(values)-1).Draw(m.t, member); n >= 0 {
		in[member] = values[n]
	}
}

// pool picks a pool that exists, or skips the step.
func (m *poolModel) pool() (string, *poolBelief) {
	if len(m.pools) == 0 {
		m.t.Skip("no pool")
	}
	id := m.pick("pool", slices.Collect(maps.Keys(m.pools)))
	return id, m.pools[id]
}

func (m *poolModel) settings() doc {
	in := doc{}
	m.maybe(in, "DeletionProtection", "ACTIVE", "INACTIVE")
	m.maybe(in, "AutoVerifiedAttributes", []any{"email"}, []any{"phone_number"})
	m.maybe(in, "UserPoolTags", doc{"team": "a"}, doc{"team": "b", "stage": "x"})
	m.maybe(in, "DeviceConfiguration", doc{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false})
	return in
}

func (m *poolModel) createPool() {
	if len(m.pools) >= 5 {
		m.t.Skip("enough pools")
	}
	in := m.settings()
	in["PoolName"] = rapid.SampledFrom([]string{"one", "two"}).Draw(m.t, "name")
	made := m.must(m.tb(), "CreateUserPool", in)["UserPool"].(doc)
	want := doc{"Name": in["PoolName"], "DeletionProtection": "INACTIVE", "MfaConfiguration": "OFF", "UserPoolTags": doc{}}
	delete(in, "PoolName")
	maps.Copy(want, in)
	m.pools[made["Id"].(string)] = &poolBelief{want, map[string]doc{}, map[string]doc{}, map[string]doc{}}
}

// updatePool leaves members out, of which some stay and others go.
func (m *poolModel) updatePool() {
	id, p := m.pool()
	in := m.settings()
	m.maybe(in, "PoolName", "three")
	in["UserPoolId"] = id
	m.must(m.tb(), "UpdateUserPool", in)
	delete(p.shown, "AutoVerifiedAttributes")
	delete(p.shown, "DeviceConfiguration")
	if name, ok := in["PoolName"]; ok {
		p.shown["Name"] = name
	}
	maps.Copy(p.shown, only(in, modeledPool))
}

func (m *poolModel) tag() {
	id, p := m.pool()
	tags := maps.Clone(p.shown["UserPoolTags"].(doc))
	arn := m.must(m.tb(), "DescribeUserPool", doc{"UserPoolId": id})["UserPool"].(doc)["Arn"]
	if rapid.Bool().Draw(m.t, "add") {
		tags["more"] = "y"
		m.must(m.tb(), "TagResource", doc{"ResourceArn": arn, "Tags": doc{"more": "y"}})
	} else {
		delete(tags, "team")
		m.must(m.tb(), "UntagResource", doc{"ResourceArn": arn, "TagKeys": []string{"team", "none"}})
	}
	p.shown["UserPoolTags"] = tags
}

func (m *poolModel) deletePool() {
	id, p := m.pool()
	_, no := m.call(m.tb(), "DeleteUserPool", doc{"UserPoolId": id})
	if p.shown["DeletionProtection"] == "ACTIVE" {
		if no.Code != "InvalidParameterException" {
			m.t.Fatalf("a protected pool is deleted: %+v", no)
		}
		return
	}
	if no != (refusal{}) {
		m.t.Fatalf("delete a pool: %+v", no)
	}
	delete(m.pools, id)
	m.gone = append(m.gone, id)
}

func (m *poolModel) client() {
	id, p := m.pool()
	in := doc{"UserPoolId": id}
	m.maybe(in, "RefreshTokenValidity", 7.0, 90.0)
	m.maybe(in, "CallbackURLs", []any{"https://a.example.com/"}, []any{"https://a.example.com/", "https://b.example.com/"})
	key := ""
	if len(p.clients) > 0 && rapid.Bool().Draw(m.t, "known") {
		key = m.pick("client", slices.Collect(maps.Keys(p.clients)))
		in["ClientId"] = key
		if rapid.Bool().Draw(m.t, "delete") {
			m.must(m.tb(), "DeleteUserPoolClient", doc{"UserPoolId": id, "ClientId": key})
			delete(p.clients, key)
			return
		}
		m.must(m.tb(), "UpdateUserPoolClient", in)
	} else {
		in["ClientName"] = "app"
		key = m.must(m.tb(), "CreateUserPoolClient", in)["UserPoolClient"].(doc)["ClientId"].(string)
	}
	want := doc{"ClientName": "app", "RefreshTokenValidity": 30.0} // what is left out returns to its default
	maps.Copy(want, only(in, modeledClient))
	p.clients[key] = want
}

func (m *poolModel) group() {
	id, p := m.pool()
	name := rapid.SampledFrom([]string{"admins", "staff", "Staff"}).Draw(m.t, "group")
	in := doc{"UserPoolId": id, "GroupName": name}
	m.maybe(in, "Description", "some", "other")
	m.maybe(in, "Precedence", 0.0, 5.0)
	known := p.groups[name]
	operation := rapid.SampledFrom([]string{"CreateGroup", "UpdateGroup", "DeleteGroup"}).Draw(m.t, "operation")
	if operation == "DeleteGroup" {
		in = only(in, []string{"UserPoolId", "GroupName"})
	}
	_, no := m.call(m.tb(), operation, in)
	want := ""
	switch {
	case operation == "CreateGroup" && known != nil:
		want = "GroupExistsException"
	case operation != "CreateGroup" && known == nil:
		want = "ResourceNotFoundException"
	}
	if no.Code != want {
		m.t.Fatalf("%s %s: %+v, want %q", operation, name, no, want)
	}
	if want != "" {
		return
	}
	if operation == "DeleteGroup" {
		delete(p.groups, name)
		return
	}
	if known == nil {
		known = doc{}
	}
	maps.Copy(known, only(in, modeledGroup)) // what is left out stays
	p.groups[name] = known
}

func (m *poolModel) server() {
	id, p := m.pool()
	identifier := rapid.SampledFrom([]string{"https://a", "https://b"}).Draw(m.t, "server")
	in := doc{"UserPoolId": id, "Identifier": identifier}
	operation := "DeleteResourceServer"
	if p.servers[identifier] == nil {
		operation = "CreateResourceServer"
	} else if rapid.Bool().Draw(m.t, "update") {
		operation = "UpdateResourceServer"
	}
	if operation != "DeleteResourceServer" {
		in["Name"] = rapid.SampledFrom([]string{"x", "y"}).Draw(m.t, "name")
		in["Scopes"] = []any{doc{"ScopeName": "read", "ScopeDescription": rapid.SampledFrom([]string{"r", "s"}).Draw(m.t, "scope")}}
	}
	m.must(m.tb(), operation, in)
	if operation == "DeleteResourceServer" {
		delete(p.servers, identifier)
		return
	}
	p.servers[identifier] = only(in, modeledServer)
}

// stranger asks for what is not there, or no longer.
func (m *poolModel) stranger() {
	id := "us-east-1_Nowhere00"
	if len(m.gone) > 0 {
		id = m.pick("gone", slices.Clone(m.gone))
	}
	for operation, in := range map[string]doc{
		"DescribeUserPool": {}, "UpdateUserPool": {}, "DeleteUserPool": {}, "CreateGroup": {"GroupName": "g"}, "ListUsers": {},
		"CreateUserPoolClient": {"ClientName": "app"}, "CreateResourceServer": {"Identifier": "https://a", "Name": "a"},
	} {
		in["UserPoolId"] = id
		if _, no := m.call(m.tb(), operation, in); no.Code != "ResourceNotFoundException" {
			m.t.Fatalf("%s of a pool that is not there: %+v", operation, no)
		}
	}
}

// check reads everything.
func (m *poolModel) check(*rapid.T) {
	for id, p := range m.pools {
		m.same("pool", p.shown, only(m.must(m.tb(), "DescribeUserPool", doc{"UserPoolId": id})["UserPool"].(doc), modeledPool))
		clients, groups, servers := map[string]doc{}, map[string]doc{}, map[string]doc{}
		for _, c := range m.pages("ListUserPoolClients", "UserPoolClients", "MaxResults", doc{"UserPoolId": id}) {
			key := c["ClientId"].(string)
			clients[key] = only(m.must(m.tb(), "DescribeUserPoolClient", doc{"UserPoolId": id, "ClientId": key})["UserPoolClient"].(doc), modeledClient)
		}
		for _, g := range m.pages("ListGroups", "Groups", "Limit", doc{"UserPoolId": id}) {
			groups[g["GroupName"].(string)] = only(g, modeledGroup)
		}
		for _, s := range m.pages("ListResourceServers", "ResourceServers", "MaxResults", doc{"UserPoolId": id}) {
			servers[s["Identifier"].(string)] = only(s, modeledServer)
		}
		m.same("clients", p.clients, clients)
		m.same("groups", p.groups, groups)
		m.same("resource servers", p.servers, servers)
	}
}

func (m *poolModel) same(what string, want, got any) {
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Fatalf("%s (-believed +read):\n%s", what, diff)
	}
}

// pages lists all items of a list in pages of two, each of which has to come once.
func (m *poolModel) pages(operation, member, size string, in doc) (all []doc) {
	in[size] = 2
	for range 100 {
		out := m.must(m.tb(), operation, in)
		all = append(all, list(out, member)...)
		if out["NextToken"] == nil {
			seen := map[string]bool{}
			for _, item := range all {
				key := fmt.Sprint(item)
				if seen[key] {
					m.t.Fatalf("%s lists %s twice", operation, key)
				}
				seen[key] = true
			}
			return all
		}
		in["NextToken"] = out["NextToken"]
	}
	m.t.Fatalf("%s does not end", operation)
	return nil
}

// sequence hands complaints to the sequence under test, so that a shorter one can be looked for.
type sequence struct {
	testing.TB
	t *rapid.T
}

func (s sequence) Helper()                   {}
func (s sequence) Fatal(args ...any)         { s.t.Fatal(args...) }
func (s sequence) Fatalf(f string, a ...any) { s.t.Fatalf(f, a...) }
func (s sequence) Errorf(f string, a ...any) { s.t.Errorf(f, a...) }

func (m *poolModel) tb() testing.TB { return sequence{m.test, m.t} }

// deletePools removes what a sequence has left.
func (m *poolModel) deletePools() {
	for id, p := range m.pools {
		if p.shown["DeletionProtection"] == "ACTIVE" {
			m.must(m.test, "UpdateUserPool", doc{"UserPoolId": id, "DeletionProtection": "INACTIVE"})
		}
		m.must(m.test, "DeleteUserPool", doc{"UserPoolId": id})
	}
}

func TestPoolsChangedAtRandomAreReadAsAModelBelieves(t *testing.T) {
	t.Parallel()
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		s := &site{srv: srv, ip: "192.0.2.10", agent: chromeOnWindows}
		rapid.Check(t, func(rt *rapid.T) {
			m := &poolModel{site: s, test: t, t: rt, pools: map[string]*poolBelief{}}
			rt.Repeat(map[string]func(*rapid.T){
				"create a pool": func(*rapid.T) { m.createPool() }, "update a pool": func(*rapid.T) { m.updatePool() }, "delete a pool": func(*rapid.T) { m.deletePool() },
				"tag": func(*rapid.T) { m.tag() }, "client": func(*rapid.T) { m.client() }, "group": func(*rapid.T) { m.group() },
				"resource server": func(*rapid.T) { m.server() }, "no such pool": func(*rapid.T) { m.stranger() },
				"": m.check,
			})
			m.deletePools()
		})
	})
}
