package gosdk_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func account(provider, attribute, value string) *types.ProviderUserIdentifierType {
	a := &types.ProviderUserIdentifierType{ProviderName: &provider, ProviderAttributeValue: &value}
	if attribute != "" {
		a.ProviderAttributeName = &attribute
	}
	return a
}

const subject = "Cognito_Subject"

func (a *app) link(t *testing.T, username string, source *types.ProviderUserIdentifierType) error {
	t.Helper()
	_, err := a.AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{UserPoolId: &a.pool, DestinationUser: account("Cognito", "", username), SourceUser: source})
	return err
}

func (a *app) unlink(t *testing.T, user *types.ProviderUserIdentifierType) error {
	t.Helper()
	_, err := a.AdminDisableProviderForUser(t.Context(), &idp.AdminDisableProviderForUserInput{UserPoolId: &a.pool, User: user})
	return err
}

// identities returns the accounts that a user shows, each as its provider and id.
func (a *app) identities(t *testing.T, username string) []string {
	t.Helper()
	got, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: &username})
	must(t, err)
	text := values(got.UserAttributes)["identities"]
	if text == "" {
		return nil
	}
	var list []struct {
		UserID, ProviderName, ProviderType string
		Issuer                             *string
		Primary                            bool
		DateCreated                        int64
	}
	must(t, json.Unmarshal([]byte(text), &list))
	var shown []string
	for _, i := range list {
		shown = append(shown, i.ProviderName+" "+i.UserID)
		if i.Primary || i.Issuer != nil || i.DateCreated < 1e12 || i.ProviderType == "" {
			t.Errorf("identity %+v in %s", i, text)
		}
	}
	return shown
}

// newFederatedApp makes a pool with the providers Google and Okta, and the users ann and bob.
func newFederatedApp(t *testing.T, a *app) {
	t.Helper()
	_, err := a.createProvider(t, "Google", "Google", details("client_id", "c", "client_secret", "s", "authorize_scopes", "profile"), details("email", "email"))
	must(t, err)
	_, err = a.createProvider(t, "Okta", "SAML", details("MetadataFile", samlMetadata), details("email", "mail"))
	must(t, err)
	a.makeUser(t, "ann", password, "email", "ann@example.com")
	a.makeUser(t, "bob", password)
}

func TestAccountsAreLinkedAndUnlinked(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		newFederatedApp(t, a)
		must(t, a.link(t, "ann", account("Google", subject, "1234")))
		must(t, a.link(t, "ann", account("Okta", "email", "ann@example.com")))
		if diff := cmp.Diff([]string{"Google 1234", "Okta ann@example.com"}, a.identities(t, "ann")); diff != "" {
			t.Errorf("ann shows (-want +got):\n%s", diff)
		}
		refused[*types.InvalidParameterException](t, a.link(t, "ann", account("Google", subject, "1234")), "SourceUser is already linked to DestinationUser")
		refused[*types.AliasExistsException](t, a.link(t, "bob", account("Google", subject, "1234")), "")

		// The token lists them with texts for what the attribute has as a truth value and a number, and the list of users shows them.
		tokens := a.signIn(t, "ann", password)
		listed, _ := claims(t, tokens.IdToken)["identities"].([]any)
		if len(listed) != 2 || listed[0].(map[string]any)["primary"] != "false" || len(listed[0].(map[string]any)["dateCreated"].(string)) != 13 {
			t.Errorf("identities in the token: %v", listed)
		}
		me, err := a.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
		must(t, err)
		users, err := a.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &a.pool, Filter: aws.String(`username = "ann"`), AttributesToGet: []string{"identities"}})
		must(t, err)
		if want := values(me.UserAttributes)["identities"]; want == "" || values(users.Users[0].Attributes)["identities"] != want {
			t.Errorf("GetUser shows %q, ListUsers %v", want, users.Users[0].Attributes)
		}
		for _, name := range []string{"ann", "bob"} {
			_, err = a.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{UserPoolId: &a.pool, Username: &name, UserAttributes: list("identities", "[]")})
			refused[*types.InvalidParameterException](t, err, "Cannot modify the non-mutable attribute identities")
		}
		pool := a.description(t)
		if n := len(pool.SchemaAttributes); n != 20 {
			t.Errorf("the schema shows %d attributes, want the standard 20", n)
		}

		must(t, a.unlink(t, account("Okta", "email", "ann@example.com")))
		must(t, a.unlink(t, account("Google", subject, "1234")))
		if got := a.identities(t, "ann"); got != nil {
			t.Errorf("ann shows %v", got)
		}
		refused[*types.UserNotFoundException](t, a.unlink(t, account("Google", subject, "1234")), "")
		must(t, a.link(t, "bob", account("Google", subject, "1234")))

		// Whoever deletes the user frees the account.
		_, err = a.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &a.pool, Username: aws.String("bob")})
		must(t, err)
		must(t, a.link(t, "ann", account("Google", subject, "1234")))
	})
}

func TestAccountsThatCannotBeLinked(t *testing.T) {
	onEachDatabase(t, &idp.CreateUserPoolInput{Schema: []types.SchemaAttributeType{
		{Name: aws.String("badge"), AttributeDataType: types.AttributeDataTypeString, Mutable: aws.Bool(false)},
	}}, nil, func(t *testing.T, a *app) {
		newFederatedApp(t, a)
		refused[*types.InvalidParameterException](t, a.link(t, "ann", account("Cognito", subject, "bob")),
			"Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, only as a DestinationUser")
		refused[*types.UserNotFoundException](t, a.link(t, "nobody", account("Google", subject, "1")), "User does not exist.")
		refused[*types.ResourceNotFoundException](t, a.link(t, "ann", account("Auth0", subject, "1")), "")
		for what, source := range map[string]*types.ProviderUserIdentifierType{
			"an attribute of a social provider": account("Google", "email", "a@example.com"),
			"an attribute that is not mapped":   account("Okta", "name", "Ann"),
			"the username":                      account("Okta", "username", "ann"),
			"no value":                          account("Google", subject, ""),
			"no attribute":                      account("Google", "", "1"),
			"no provider":                       {ProviderAttributeName: aws.String(subject), ProviderAttributeValue: aws.String("1")},
			"a value longer than any attribute": account("Google", subject, fmt.Sprintf("%02049d", 1)),
		} {
			t.Log(what)
			refused[*types.InvalidParameterException](t, a.link(t, "ann", source), "")
		}
		for i := range 5 {
			must(t, a.link(t, "ann", account("Google", subject, fmt.Sprint(i))))
		}
		refused[*types.LimitExceededException](t, a.link(t, "ann", account("Google", subject, "5")), "")
		a.makeUser(t, "eve", password, "custom:badge", "7")
		refused[*types.InvalidParameterException](t, a.link(t, "eve", account("Google", subject, "6")), "")
		other := newApp(t, a.srv, nil, nil)
		_, err := a.AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{UserPoolId: &other.pool, DestinationUser: account("Cognito", "", "ann"), SourceUser: account("Google", subject, "7")})
		refused[*types.ResourceNotFoundException](t, err, "")
		if got := len(a.identities(t, "ann")); got != 5 {
			t.Errorf("ann shows %d accounts, want 5", got)
		}
	})
}

func TestALocalUserLosesThePassword(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		newFederatedApp(t, a)
		must(t, a.link(t, "ann", account("Google", subject, "1")))
		must(t, a.unlink(t, account("Cognito", subject, "ann")))
		_, err := a.InitiateAuth(t.Context(), a.passwordInput("ann", password))
		refused[*types.NotAuthorizedException](t, err, "")
		_, err = a.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &a.clientID, Username: aws.String("ann")})
		if err == nil {
			t.Error("a user without a password recovers it")
		}
		got, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		must(t, err)
		if got.UserStatus != types.UserStatusTypeExternalProvider || len(a.identities(t, "ann")) != 1 {
			t.Errorf("status %s", got.UserStatus)
		}
		_, err = a.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("ann"), Password: aws.String(password), Permanent: true})
		must(t, err)
		a.signIn(t, "ann", password)
		refused[*types.UserNotFoundException](t, a.unlink(t, account("Cognito", subject, "nobody")), "")
		refused[*types.ResourceNotFoundException](t, a.unlink(t, account("Auth0", subject, "1")), "")
	})
}
