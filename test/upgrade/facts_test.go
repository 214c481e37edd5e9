package upgrade

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/pquerna/otp/totp"
)

const password, changed = "Corr3ct-horse!", "N3w-battery-staple!"

// tenYears is as long as a refresh token can live, in days.
const tenYears = 3650

// facts are what a server was told and has answered, as far as a later version has to know it.
type facts struct {
	Pool, Client, Secret string
	Refresh, Revoked     string // tokens of ann; the second one was revoked
	SignedOut            string // a token of bea, who was signed out everywhere
	TOTP                 string // the secret of cat
}

// remember makes a pool with people in different states.
func remember(t *testing.T, api *idp.Client) (f facts) {
	t.Helper()
	pool, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("people"), MfaConfiguration: types.UserPoolMfaTypeOff})
	must(t, err)
	f.Pool = *pool.UserPool.Id
	client, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &f.Pool, ClientName: new("app"), GenerateSecret: true, RefreshTokenValidity: tenYears,
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	f.Client, f.Secret = *client.UserPoolClient.ClientId, *client.UserPoolClient.ClientSecret
	_, err = api.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &f.Pool, MfaConfiguration: types.UserPoolMfaTypeOptional, SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	})
	must(t, err)
	_, err = api.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &f.Pool, GroupName: new("staff")})
	must(t, err)
	for _, name := range []string{"ann", "bea", "cat", "dan", "eve"} {
		_, err := api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &f.Pool, Username: &name, MessageAction: "SUPPRESS",
			UserAttributes: []types.AttributeType{{Name: new("email"), Value: new(name + "@example.com")}, {Name: new("email_verified"), Value: new("true")}},
		})
		must(t, err)
		_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &f.Pool, Username: &name, Password: new(password), Permanent: true})
		must(t, err)
	}
	_, err = api.AdminAddUserToGroup(t.Context(), &idp.AdminAddUserToGroupInput{UserPoolId: &f.Pool, Username: new("ann"), GroupName: new("staff")})
	must(t, err)
	f.Refresh = *f.mustSignIn(t, api, "ann", password).RefreshToken
	f.Revoked = *f.mustSignIn(t, api, "ann", password).RefreshToken
	_, err = api.RevokeToken(t.Context(), &idp.RevokeTokenInput{ClientId: &f.Client, ClientSecret: &f.Secret, Token: &f.Revoked})
	must(t, err)
	bea := f.mustSignIn(t, api, "bea", password)
	f.SignedOut = *bea.RefreshToken
	_, err = api.GlobalSignOut(t.Context(), &idp.GlobalSignOutInput{AccessToken: bea.AccessToken})
	must(t, err)
	cat := f.mustSignIn(t, api, "cat", password)
	token, err := api.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: cat.AccessToken})
	must(t, err)
	f.TOTP = *token.SecretCode
	code, err := totp.GenerateCode(f.TOTP, time.Now())
	must(t, err)
	_, err = api.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: cat.AccessToken, UserCode: &code})
	must(t, err)
	_, err = api.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &f.Pool, Username: new("cat"), SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	must(t, err)
	_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &f.Pool, Username: new("dan"), Password: new(changed), Permanent: true})
	must(t, err)
	_, err = api.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &f.Pool, Username: new("eve")})
	must(t, err)
	return f
}

// check holds a server against the facts.
func (f facts) check(t *testing.T, api *idp.Client) {
	t.Helper()
	wantTold(t, "a refresh token", f.refresh(t, api, "ann", f.Refresh), "")
	wantTold(t, "a revoked refresh token", f.refresh(t, api, "ann", f.Revoked), "Refresh Token has been revoked")
	wantTold(t, "a token of somebody who signed out", f.refresh(t, api, "bea", f.SignedOut), "Refresh Token has been revoked")
	for name, want := range map[string]string{"ann": "", "bea": "", "dan": "Incorrect username or password.", "eve": "User is disabled."} {
		_, err := f.signIn(t, api, name, password)
		wantTold(t, name, err, want)
	}
	_, err := f.signIn(t, api, "dan", changed)
	wantTold(t, "dan, with the newer password", err, "")
	out, err := f.signIn(t, api, "cat", password)
	must(t, err)
	if out.ChallengeName != types.ChallengeNameTypeSoftwareTokenMfa {
		t.Fatalf("cat is asked for %q", out.ChallengeName)
	}
	code, err := totp.GenerateCode(f.TOTP, time.Now().Add(30*time.Second)) // the next one: that of now may have been used at the set-up
	must(t, err)
	_, err = api.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &f.Client, ChallengeName: out.ChallengeName, Session: out.Session,
		ChallengeResponses: map[string]string{"USERNAME": "cat", "SOFTWARE_TOKEN_MFA_CODE": code, "SECRET_HASH": f.hash("cat")},
	})
	wantTold(t, "cat, with a code of the old authenticator", err, "")
	groups, err := api.AdminListGroupsForUser(t.Context(), &idp.AdminListGroupsForUserInput{UserPoolId: &f.Pool, Username: new("ann")})
	must(t, err)
	if len(groups.Groups) != 1 || *groups.Groups[0].GroupName != "staff" {
		t.Errorf("ann is in %v", groups.Groups)
	}
	found, err := api.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &f.Pool, Filter: new(`email = "bea@example.com"`)})
	must(t, err)
	if len(found.Users) != 1 {
		t.Errorf("%d users are found by e-mail address", len(found.Users))
	}
	// The server goes on with the data.
	_, err = api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &f.Pool, Username: new("fay"), MessageAction: "SUPPRESS"})
	must(t, err)
	_, err = api.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &f.Pool, Username: new("ann"), UserAttributes: []types.AttributeType{{Name: new("name"), Value: new("Ann")}},
	})
	must(t, err)
	made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("more people")})
	must(t, err)
	_, err = api.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: made.UserPool.Id})
	must(t, err)
}

func (f facts) hash(name string) string {
	mac := hmac.New(sha256.New, []byte(f.Secret))
	mac.Write([]byte(name + f.Client))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (f facts) signIn(t *testing.T, api *idp.Client, name, password string) (*idp.InitiateAuthOutput, error) {
	return api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &f.Client, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password, "SECRET_HASH": f.hash(name)},
	})
}

func (f facts) mustSignIn(t *testing.T, api *idp.Client, name, password string) *types.AuthenticationResultType {
	t.Helper()
	out, err := f.signIn(t, api, name, password)
	must(t, err)
	if out.AuthenticationResult == nil {
		t.Fatalf("%s is asked for %s", name, out.ChallengeName)
	}
	return out.AuthenticationResult
}

// refresh asks with a refresh token. The secret's hash is made of the name that the token is for: the sub, which a caller reads in a token.
func (f facts) refresh(t *testing.T, api *idp.Client, name, token string) error {
	t.Helper()
	u, err := api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &f.Pool, Username: &name})
	must(t, err)
	_, err = api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &f.Client, AuthFlow: types.AuthFlowTypeRefreshTokenAuth,
		AuthParameters: map[string]string{"REFRESH_TOKEN": token, "SECRET_HASH": f.hash(*u.Username)},
	})
	return err
}

// wantTold complains unless the caller was told a message that begins so; "" stands for a success.
func wantTold(t *testing.T, what string, err error, message string) {
	t.Helper()
	var api smithy.APIError
	got := ""
	if errors.As(err, &api) {
		got = api.ErrorMessage()
	} else if err != nil {
		got = err.Error()
	}
	if (message == "") != (got == "") || !strings.HasPrefix(got, message) {
		t.Errorf("%s: told %q, want %q", what, got, message)
	}
}
