package gosdk_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cenote-id/cenote/test/sdk"
)

// sameShape compares what the SDK decoded, without the members that it keeps to itself.
func sameShape() cmp.Option {
	return cmpopts.IgnoreUnexported(types.UserPoolType{}, types.UserPoolPolicyType{}, types.PasswordPolicyType{}, types.SignInPolicyType{},
		types.AdminCreateUserConfigType{}, types.EmailConfigurationType{}, types.LambdaConfigType{}, types.VerificationMessageTemplateType{},
		types.AccountRecoverySettingType{}, types.RecoveryOptionType{}, types.SchemaAttributeType{}, types.StringAttributeConstraintsType{},
		types.NumberAttributeConstraintsType{}, types.UserPoolClientType{}, types.TokenValidityUnitsType{}, types.GroupType{})
}

func TestPoolsAndClientsThroughPaginators(t *testing.T) {
	t.Parallel()
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		srv := sdk.Start(t, db)
		apps := map[string]*app{}
		for range 5 {
			a := newApp(t, srv, nil, nil)
			apps[a.pool] = a
		}
		c := dial(srv)
		seen := map[string]int{}
		pools := idp.NewListUserPoolsPaginator(c, &idp.ListUserPoolsInput{MaxResults: aws.Int32(2)})
		for pools.HasMorePages() {
			page, err := pools.NextPage(t.Context())
			must(t, err)
			for _, p := range page.UserPools {
				seen[*p.Id]++
				if p.CreationDate == nil || time.Since(*p.CreationDate).Abs() > time.Minute {
					t.Errorf("pool %s was created at %v", *p.Id, p.CreationDate)
				}
			}
		}
		for id := range apps {
			if seen[id] != 1 {
				t.Errorf("pool %s is listed %d times", id, seen[id])
			}
		}
		a := apps[slices.Sorted(maps.Keys(apps))[0]]
		described, err := c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
		if got := described.UserPool.Policies.PasswordPolicy.MinimumLength; aws.ToInt32(got) != 8 {
			t.Errorf("minimum length %v", got)
		}
		if got := len(described.UserPool.SchemaAttributes); got != 20 {
			t.Errorf("%d attributes in the schema, want 20", got)
		}
		again, err := c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
		if diff := cmp.Diff(described.UserPool, again.UserPool, sameShape()); diff != "" {
			t.Errorf("two answers differ (-first +second):\n%s", diff)
		}

		var clients []string
		more := idp.NewListUserPoolClientsPaginator(c, &idp.ListUserPoolClientsInput{UserPoolId: &a.pool, MaxResults: aws.Int32(1)})
		for range 2 {
			_, err := c.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &a.pool, ClientName: aws.String("more")})
			must(t, err)
		}
		for more.HasMorePages() {
			page, err := more.NextPage(t.Context())
			must(t, err)
			for _, c := range page.UserPoolClients {
				clients = append(clients, *c.ClientId)
			}
		}
		if slices.Sort(clients); len(slices.Compact(clients)) != 3 {
			t.Errorf("clients listed: %v, want three", clients)
		}

		_, err = c.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
		_, err = c.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
		refused[*types.ResourceNotFoundException](t, err, "User pool "+a.pool+" does not exist.")
		_, err = c.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("bad"), Policies: &types.UserPoolPolicyType{
			PasswordPolicy: &types.PasswordPolicyType{MinimumLength: aws.Int32(5)},
		}})
		refused[*types.InvalidParameterException](t, err, "1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' "+
			"failed to satisfy constraint: Member must have value greater than or equal to 6")
	})
}

func TestGroupsAndTags(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		for i, name := range []string{"readers", "writers", "admins"} {
			made, err := a.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &a.pool, GroupName: &name, Precedence: aws.Int32(int32(i))})
			must(t, err)
			got, err := a.GetGroup(ctx, &idp.GetGroupInput{UserPoolId: &a.pool, GroupName: &name})
			must(t, err)
			if diff := cmp.Diff(made.Group, got.Group, sameShape()); diff != "" || *got.Group.Precedence != int32(i) {
				t.Errorf("group %s (-made +got):\n%s", name, diff)
			}
		}
		a.makeUser(t, "ann", password)
		for _, name := range []string{"readers", "admins"} {
			_, err := a.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &a.pool, GroupName: &name, Username: aws.String("ann")})
			must(t, err)
		}
		var names []string
		groups := idp.NewAdminListGroupsForUserPaginator(a, &idp.AdminListGroupsForUserInput{UserPoolId: &a.pool, Username: aws.String("ann"), Limit: aws.Int32(1)})
		for groups.HasMorePages() {
			page, err := groups.NextPage(ctx)
			must(t, err)
			for _, g := range page.Groups {
				names = append(names, *g.GroupName)
			}
		}
		if slices.Sort(names); !slices.Equal(names, []string{"admins", "readers"}) {
			t.Errorf("ann is in %v", names)
		}
		got := claims(t, a.signIn(t, "ann", password).IdToken)["cognito:groups"]
		if diff := cmp.Diff([]any{"readers", "admins"}, got); diff != "" {
			t.Errorf("groups in the token (-want +got):\n%s", diff)
		}
		_, err := a.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &a.pool, GroupName: aws.String("admins")})
		refused[*types.GroupExistsException](t, err, "")
		_, err = a.GetGroup(ctx, &idp.GetGroupInput{UserPoolId: &a.pool, GroupName: aws.String("nobodies")})
		refused[*types.ResourceNotFoundException](t, err, "Group not found.")

		pool, err := a.DescribeUserPool(ctx, &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
		must(t, err)
		arn := pool.UserPool.Arn
		_, err = a.TagResource(ctx, &idp.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": ""}})
		must(t, err)
		_, err = a.UntagResource(ctx, &idp.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
		must(t, err)
		tags, err := a.ListTagsForResource(ctx, &idp.ListTagsForResourceInput{ResourceArn: arn})
		must(t, err)
		if diff := cmp.Diff(map[string]string{"b": ""}, tags.Tags); diff != "" {
			t.Errorf("tags (-want +got):\n%s", diff)
		}
	})
}

func TestAdministratorsKeepUsers(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		made := a.makeUser(t, "ann", password, "email", "ann@example.com", "name", "Ann")
		got, err := a.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		must(t, err)
		if diff := cmp.Diff(values(made.Attributes), values(got.UserAttributes)); diff != "" {
			t.Errorf("attributes (-made +got):\n%s", diff)
		}
		if got.UserStatus != types.UserStatusTypeConfirmed || !got.Enabled || !got.UserCreateDate.Equal(*made.UserCreateDate) {
			t.Errorf("user is %s, enabled %t, created %v", got.UserStatus, got.Enabled, got.UserCreateDate)
		}
		_, err = a.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &a.pool, Username: aws.String("ann"), UserAttributes: list("name", "Anna", "email_verified", "true"),
		})
		must(t, err)
		_, err = a.AdminDeleteUserAttributes(ctx, &idp.AdminDeleteUserAttributesInput{
			UserPoolId: &a.pool, Username: aws.String("ann"), UserAttributeNames: []string{"name"},
		})
		must(t, err)
		found, err := a.ListUsers(ctx, &idp.ListUsersInput{UserPoolId: &a.pool, Filter: aws.String(`email = "ANN@example.com"`)})
		must(t, err)
		if len(found.Users) != 1 {
			t.Fatalf("%d users found", len(found.Users))
		}
		want := map[string]string{"sub": values(made.Attributes)["sub"], "email": "ann@example.com", "email_verified": "true"}
		if diff := cmp.Diff(want, values(found.Users[0].Attributes)); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}

		for i := range 12 {
			name := fmt.Sprintf("user%02d", i)
			_, err := a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: &name, MessageAction: types.MessageActionTypeSuppress})
			must(t, err)
		}
		seen := map[string]int{}
		users := idp.NewListUsersPaginator(a, &idp.ListUsersInput{UserPoolId: &a.pool, Limit: aws.Int32(5), Filter: aws.String(`username ^= "user"`)})
		for users.HasMorePages() {
			page, err := users.NextPage(ctx)
			must(t, err)
			for _, u := range page.Users {
				seen[*u.Username]++
			}
		}
		if len(seen) != 12 || slices.Max(slices.Collect(maps.Values(seen))) != 1 {
			t.Errorf("pages list %v", seen)
		}

		_, err = a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		refused[*types.UsernameExistsException](t, err, "User account already exists")
		_, err = a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: &a.pool, Username: aws.String("ann"), MessageAction: types.MessageActionTypeResend,
		})
		refused[*types.UnsupportedUserStateException](t, err, "")
		_, err = a.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		must(t, err)
		_, err = a.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		refused[*types.UserNotFoundException](t, err, "User does not exist.")
	})
}
