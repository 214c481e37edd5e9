package gosdk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/test/sdk"
)

// find lists the usernames that a filter finds, in their order, through the SDK's paginator.
func (a *app) find(t *testing.T, filter string) (names []string) {
	t.Helper()
	users := idp.NewListUsersPaginator(a, &idp.ListUsersInput{UserPoolId: &a.pool, Limit: aws.Int32(3), Filter: &filter})
	for users.HasMorePages() {
		page, err := users.NextPage(t.Context())
		must(t, err)
		for _, u := range page.Users {
			names = append(names, *u.Username)
		}
	}
	return names
}

func TestExtendedFilters(t *testing.T) {
	t.Parallel()
	sdk.OnEachDatabase(t, func(t *testing.T, db sdk.Database) {
		srv := cenotetest.Start(t, cenotetest.Options{Database: db(t), Settings: map[string]string{"extended-filters": "true"}})
		a := newApp(t, srv, &idp.CreateUserPoolInput{Schema: []types.SchemaAttributeType{
			{Name: aws.String("team"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(true)},
		}}, nil)
		for i := range 10 {
			name := fmt.Sprintf("user%d", i)
			attributes := []string{"email", fmt.Sprintf("%s@%s.example.com", name, []string{"north", "south"}[i%2])}
			if i < 8 {
				attributes = append(attributes, "custom:team", []string{"Red", "Green"}[i/4])
			}
			_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
				UserPoolId: &a.pool, Username: &name, MessageAction: types.MessageActionTypeSuppress, UserAttributes: list(attributes...),
			})
			must(t, err)
		}
		for filter, want := range map[string]string{
			`custom:team = "red" and email *= "@SOUTH." sort by username`:                    "user1 user3",
			`(custom:team = "green" or not custom:team ^= "") sort by username desc`:         "user9 user8 user7 user6 user5 user4",
			`email $= "@north.example.com" sort by created desc`:                             "user8 user6 user4 user2 user0",
			`sort by custom:team desc`:                                                       "",
			`username ^= "user" and custom:team != "red" and email *= "south" sort by email`: "user5 user7 user9",
			`email ^= "user3"`: "user3",
		} {
			got := a.find(t, filter)
			if want == "" && len(got) == 10 {
				continue // the order among equals follows ids
			}
			if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", filter, diff)
			}
		}
		_, err := a.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &a.pool, Filter: aws.String(`custom:team = "red" and`)})
		refused[*types.InvalidParameterException](t, err, "Error while parsing filter: an attribute expected at character 24.")
		_, err = a.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &a.pool, Filter: aws.String(`custom:plan = "red"`)})
		refused[*types.InvalidParameterException](t, err, "Invalid search attribute: custom:plan")
	})
}

func TestExtendedFiltersAreOffByDefault(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		for filter, want := range map[string]string{
			`email = "a" or email = "b"`: "Error while parsing filter.",
			`email *= "a"`:               "Error while parsing filter.",
			`sort by email`:              "Error while parsing filter.",
			`gender = "a"`:               "Invalid search attribute: gender",
		} {
			_, err := a.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &a.pool, Filter: &filter})
			refused[*types.InvalidParameterException](t, err, want)
		}
	})
}
