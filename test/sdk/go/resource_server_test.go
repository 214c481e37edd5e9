package gosdk_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// exactly compares what the SDK decoded, without the members that it keeps to itself.
var exactly = cmpopts.IgnoreUnexported(types.ResourceServerType{}, types.ResourceServerScopeType{}, types.DomainDescriptionType{},
	types.CustomDomainConfigType{}, types.RoutingType{}, types.FailoverType{})

func scope(name, description string) types.ResourceServerScopeType {
	return types.ResourceServerScopeType{ScopeName: &name, ScopeDescription: &description}
}

func TestResourceServersAreKept(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		const id = "https://api.example.com/v1"
		describe := func() *types.ResourceServerType {
			t.Helper()
			got, err := a.DescribeResourceServer(ctx, &idp.DescribeResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String(id)})
			must(t, err)
			return got.ResourceServer
		}
		in := &idp.CreateResourceServerInput{
			UserPoolId: &a.pool, Identifier: aws.String(id), Name: aws.String("Photos"),
			Scopes: []types.ResourceServerScopeType{scope("write", "Change"), scope("read", "See")},
		}
		made, err := a.CreateResourceServer(ctx, in)
		must(t, err)
		want := &types.ResourceServerType{UserPoolId: &a.pool, Identifier: aws.String(id), Name: aws.String("Photos"), Scopes: in.Scopes}
		for when, got := range map[string]*types.ResourceServerType{"made": made.ResourceServer, "described": describe()} {
			if diff := cmp.Diff(want, got, exactly); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		_, err = a.CreateResourceServer(ctx, in)
		refused[*types.InvalidParameterException](t, err, id+" already exists in user pool "+a.pool+".")
		_, err = a.UpdateResourceServer(ctx, &idp.UpdateResourceServerInput{
			UserPoolId: &a.pool, Identifier: aws.String(id), Name: aws.String("Photos"),
			Scopes: []types.ResourceServerScopeType{scope("read", "See"), scope("read", "Look")},
		})
		refused[*types.InvalidParameterException](t, err, "Duplicate scope name: read")
		if diff := cmp.Diff(want, describe(), exactly); diff != "" {
			t.Errorf("after refusals (-want +got):\n%s", diff)
		}

		// An update replaces name and scopes; scopes that are left out are none.
		changed, err := a.UpdateResourceServer(ctx, &idp.UpdateResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String(id), Name: aws.String("Pictures")})
		must(t, err)
		want = &types.ResourceServerType{UserPoolId: &a.pool, Identifier: aws.String(id), Name: aws.String("Pictures"), Scopes: []types.ResourceServerScopeType{}}
		for when, got := range map[string]*types.ResourceServerType{"changed": changed.ResourceServer, "described": describe()} {
			if diff := cmp.Diff(want, got, exactly); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		const gone = "Resource server nobody does not exist."
		_, err = a.DescribeResourceServer(ctx, &idp.DescribeResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String("nobody")})
		refused[*types.ResourceNotFoundException](t, err, gone)
		_, err = a.UpdateResourceServer(ctx, &idp.UpdateResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String("nobody"), Name: aws.String("x")})
		refused[*types.ResourceNotFoundException](t, err, gone)
		_, err = a.DeleteResourceServer(ctx, &idp.DeleteResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String("nobody")})
		refused[*types.ResourceNotFoundException](t, err, gone)
		_, err = a.DeleteResourceServer(ctx, &idp.DeleteResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String(id)})
		must(t, err)
		_, err = a.DescribeResourceServer(ctx, &idp.DescribeResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String(id)})
		refused[*types.ResourceNotFoundException](t, err, "")
	})
}

func TestResourceServersArePagedUpToTheirQuota(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		make := func(i int) error {
			_, err := a.CreateResourceServer(ctx, &idp.CreateResourceServerInput{
				UserPoolId: &a.pool, Identifier: aws.String(fmt.Sprintf("api-%02d", i)), Name: aws.String("api"),
			})
			return err
		}
		for i := range 25 {
			must(t, make(i))
		}
		refused[*types.LimitExceededException](t, make(25), "")
		seen := map[string]int{}
		pages := idp.NewListResourceServersPaginator(a, &idp.ListResourceServersInput{UserPoolId: &a.pool, MaxResults: aws.Int32(10)})
		n := 0
		for ; pages.HasMorePages(); n++ {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, r := range page.ResourceServers {
				seen[*r.Identifier]++
			}
		}
		if len(seen) != 25 || n != 3 {
			t.Errorf("%d servers in %d pages, want 25 in 3: %v", len(seen), n, seen)
		}
		whole, err := a.ListResourceServers(ctx, &idp.ListResourceServersInput{UserPoolId: &a.pool})
		must(t, err)
		if len(whole.ResourceServers) != 25 || whole.NextToken != nil {
			t.Errorf("one page has %d servers and the token %v", len(whole.ResourceServers), whole.NextToken)
		}
		_, err = a.ListResourceServers(ctx, &idp.ListResourceServersInput{UserPoolId: &a.pool, NextToken: aws.String("nonsense")})
		refused[*types.InvalidParameterException](t, err, "")
	})
}

func TestClientsAreAllowedScopesThatExist(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		other := newApp(t, a.srv, nil, nil)
		for pool, name := range map[string]string{a.pool: "read", other.pool: "write"} {
			_, err := a.CreateResourceServer(ctx, &idp.CreateResourceServerInput{
				UserPoolId: &pool, Identifier: aws.String("https://api.example.com/v1"), Name: aws.String("api"),
				Scopes: []types.ResourceServerScopeType{scope(name, "d")},
			})
			must(t, err)
		}
		allow := func(scopes ...string) error {
			_, err := a.UpdateUserPoolClient(ctx, &idp.UpdateUserPoolClientInput{UserPoolId: &a.pool, ClientId: &a.clientID, AllowedOAuthScopes: scopes})
			return err
		}
		must(t, allow("openid", "https://api.example.com/v1/read"))
		for _, scope := range []string{"https://api.example.com/v1/write", "https://api.example.com/read", "read", "https://api.example.com/v1/", "/", "OPENID"} {
			refused[*types.ScopeDoesNotExistException](t, allow(scope), "Invalid scope requested: "+scope)
		}
		_, err := a.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{UserPoolId: &a.pool, ClientName: aws.String("x"), AllowedOAuthScopes: []string{"https://api.example.com/v1/write"}})
		refused[*types.ScopeDoesNotExistException](t, err, "")

		// A scope that goes stays in the settings of clients.
		_, err = a.DeleteResourceServer(ctx, &idp.DeleteResourceServerInput{UserPoolId: &a.pool, Identifier: aws.String("https://api.example.com/v1")})
		must(t, err)
		got, err := a.DescribeUserPoolClient(ctx, &idp.DescribeUserPoolClientInput{UserPoolId: &a.pool, ClientId: &a.clientID})
		must(t, err)
		if diff := cmp.Diff([]string{"openid", "https://api.example.com/v1/read"}, got.UserPoolClient.AllowedOAuthScopes); diff != "" {
			t.Errorf("scopes of the client (-want +got):\n%s", diff)
		}
	})
}
