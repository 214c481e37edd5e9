package transfer

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// sweep removes what the node would remove within a minute.
func (n node) sweep(t *testing.T) {
	t.Helper()
	given := []string{"data-dir=" + n.DataDir}
	if len(n.flags) > 2 {
		given = append(given, "database="+n.flags[3])
	}
	must(t, cenotetest.OpenData(t, cenotetest.Settings(t, given...)).Sweep(t.Context(), time.Now()))
}

const developer = "login.example.com"

func (n node) identities() *ci.Client {
	return ci.New(ci.Options{Region: "us-east-1", BaseEndpoint: &n.URL, Credentials: n.SDK().Options().Credentials})
}

// addIdentityPool makes an identity pool for the users of a pool, with all sorts of things in it, and returns its id.
func addIdentityPool(t *testing.T, api *ci.Client, poolID, clientID string) string {
	t.Helper()
	ctx := t.Context()
	provider := "cognito-idp.us-east-1.amazonaws.com/" + poolID
	made, err := api.CreateIdentityPool(ctx, &ci.CreateIdentityPoolInput{
		IdentityPoolName: aws.String("app"), AllowUnauthenticatedIdentities: true, DeveloperProviderName: aws.String(developer),
		CognitoIdentityProviders: []citypes.CognitoIdentityProvider{{ProviderName: &provider, ClientId: &clientID}},
		IdentityPoolTags:         map[string]string{"team": "identity"},
	})
	must(t, err)
	_, err = api.SetIdentityPoolRoles(ctx, &ci.SetIdentityPoolRolesInput{
		IdentityPoolId: made.IdentityPoolId, Roles: map[string]string{"authenticated": "arn:aws:iam::000000000000:role/members"},
		RoleMappings: map[string]citypes.RoleMapping{provider + ":" + clientID: {Type: "Token", AmbiguousRoleResolution: "Deny"}},
	})
	must(t, err)
	_, err = api.SetPrincipalTagAttributeMap(ctx, &ci.SetPrincipalTagAttributeMapInput{
		IdentityPoolId: made.IdentityPoolId, IdentityProviderName: &provider, PrincipalTags: map[string]string{"tier": "custom:tier"},
	})
	must(t, err)
	return *made.IdentityPoolId
}

// shownIdentities is what the API shows of an identity pool.
func shownIdentities(t *testing.T, api *ci.Client, id, provider string) []string {
	t.Helper()
	ctx := t.Context()
	var all []string
	add := func(v any, err error) {
		t.Helper()
		must(t, err)
		text, err := json.MarshalIndent(v, "", " ")
		must(t, err)
		all = append(all, string(text))
	}
	p, err := api.DescribeIdentityPool(ctx, &ci.DescribeIdentityPoolInput{IdentityPoolId: &id})
	add(p, err)
	r, err := api.GetIdentityPoolRoles(ctx, &ci.GetIdentityPoolRolesInput{IdentityPoolId: &id})
	add(r, err)
	m, err := api.GetPrincipalTagAttributeMap(ctx, &ci.GetPrincipalTagAttributeMapInput{IdentityPoolId: &id, IdentityProviderName: &provider})
	add(m, err)
	l, err := api.ListIdentities(ctx, &ci.ListIdentitiesInput{IdentityPoolId: &id, MaxResults: aws.Int32(60)})
	add(l, err)
	d, err := api.LookupDeveloperIdentity(ctx, &ci.LookupDeveloperIdentityInput{IdentityPoolId: &id, DeveloperUserIdentifier: aws.String("dora")})
	add(d, err)
	return all
}

func TestAnIdentityPoolMovesWithItsIdentities(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		from, to func(testing.TB) string
	}{
		{"SQLite to PostgreSQL", embedded, pgtest.Start},
		{"PostgreSQL to SQLite", pgtest.Start, embedded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			old, next := start(t, tc.from(t)), start(t, tc.to(t))
			poolID, clientID := furnish(t, old.SDK())
			provider := "cognito-idp.us-east-1.amazonaws.com/" + poolID
			api := old.identities()
			id := addIdentityPool(t, api, poolID, clientID)
			identityOf := func(n node, name string) string {
				t.Helper()
				in := &ci.GetIdInput{IdentityPoolId: &id}
				if name != "" {
					out, err := signIn(t, n.SDK(), clientID, name, password)
					must(t, err)
					in.Logins = map[string]string{provider: *out.AuthenticationResult.IdToken}
				}
				out, err := n.identities().GetId(t.Context(), in)
				must(t, err)
				return *out.IdentityId
			}
			bob, guest := identityOf(old, "bob"), identityOf(old, "")
			_, err := api.GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{
				IdentityPoolId: &id, Logins: map[string]string{developer: "dora"},
			})
			must(t, err)

			recipient, key := identity(t)
			everything := filepath.Join(t.TempDir(), "all.age")
			if said := ok(t, old.args("export", "--all", "--to", everything, "--recipient", recipient)...); said != "Exported 1 pool with 2 users and 1 identity pool with 3 identities.\n" {
				t.Errorf("export says %q", said)
			}
			if said := ok(t, next.args("import", "--from", everything, "--identity", key)...); said != "Imported 1 pool with 2 users and 1 identity pool with 3 identities.\n" {
				t.Errorf("import says %q", said)
			}
			want, got := shownIdentities(t, api, id, provider), shownIdentities(t, next.identities(), id, provider)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the identity pool is shown otherwise (-old +new):\n%s", diff)
			}
			if now := identityOf(next, "bob"); now != bob {
				t.Errorf("a known login is identity %s, was %s", now, bob)
			}
			if _, err := next.identities().DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &guest}); err != nil {
				t.Errorf("a known guest: %v", err)
			}

			alone := filepath.Join(t.TempDir(), "identities.age")
			if said := ok(t, old.args("export", "--pool", id, "--to", alone, "--recipient", recipient)...); said != "Exported 1 identity pool with 3 identities.\n" {
				t.Errorf("export says %q", said)
			}
			refused(t, "identity pool "+id+" exists", next.args("import", "--from", alone, "--identity", key)...)
			next.Restart(t) // a node sweeps when it has run for a while: not in the middle of what follows
			_, err = next.identities().DeleteIdentityPool(t.Context(), &ci.DeleteIdentityPoolInput{IdentityPoolId: &id})
			must(t, err)
			refused(t, "pool "+id+" was deleted and its rows are still being removed", next.args("import", "--from", alone, "--identity", key)...)
			next.sweep(t)
			ok(t, next.args("import", "--from", alone, "--identity", key)...)
			if now := identityOf(next, "bob"); now != bob {
				t.Errorf("a login of the restored identity pool is identity %s, was %s", now, bob)
			}
			refused(t, "IdentityPool 'us-east-1:none' not found.", old.args("export", "--pool", "us-east-1:none", "--to", filepath.Join(t.TempDir(), "x"), "--recipient", recipient)...)
		})
	}
}

// An archive whose rows of identities are not whole leaves neither the identity pool nor the user pool before it.
func TestAnIdentityPoolIsNotRestoredByHalves(t *testing.T) {
	t.Parallel()
	old, next := start(t, ""), start(t, "")
	poolID, clientID := furnish(t, old.SDK())
	id := addIdentityPool(t, old.identities(), poolID, clientID)
	_, err := old.identities().GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &id})
	must(t, err)
	recipient, key := identity(t)
	file := filepath.Join(t.TempDir(), "all.age")
	ok(t, old.args("export", "--all", "--to", file, "--recipient", recipient)...)
	edit := func(old, new string) string {
		return reseal(t, file, recipient, key, func(lines []string) []string {
			for i, line := range lines {
				lines[i] = strings.Replace(line, old, new, 1)
			}
			return lines
		})
	}
	refused(t, "the archive was written by a newer cenote: it has version 3", next.args("import", "--from", edit(`"version":2`, `"version":3`), "--identity", key)...)
	refused(t, `there is no table "vended_keys"`, next.args("import", "--from", edit(`"name":"pool_identities"`, `"name":"vended_keys"`), "--identity", key)...)
	refused(t, `there is no table "users"`, next.args("import", "--from", edit(`"name":"pool_identities"`, `"name":"users"`), "--identity", key)...)
	refused(t, "there is no column", next.args("import", "--from", edit(`"name":"disabled"`, `"name":"enabled"`), "--identity", key)...)
	refused(t, "the archive is damaged or cut", next.args("import", "--from", edit(`"name":"identity_pools"`, `"name":"pool_identities"`), "--identity", key)...)
	pools, err := next.identities().ListIdentityPools(t.Context(), &ci.ListIdentityPoolsInput{MaxResults: aws.Int32(60)})
	must(t, err)
	if len(pools.IdentityPools) != 0 {
		t.Errorf("identity pools after refused imports: %d", len(pools.IdentityPools))
	}
	ok(t, next.args("import", "--from", file, "--identity", key)...) // nothing is in the way
}
