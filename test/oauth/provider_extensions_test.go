package oauth_test

import (
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/standin"
)

// newLinkingSite has a provider that links accounts by their verified address, in a pool whose users sign in by usernames alone.
func newLinkingSite(t testing.TB, database string, change func(*idp.CreateUserPoolInput), pairs ...string) *providerSite {
	t.Helper()
	return newProviderSite(t, database, types.IdentityProviderTypeTypeOidc, "Corp", map[string]string{
		"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid email", "attributes_request_method": "GET",
		"oidc_issuer": "{server}/_cenote/idp/oidc", "link_verified_email": "true",
	}, mapping, true, change, append([]string{"provider-extensions", "true"}, pairs...)...)
}

// addOwn makes a user of the pool's own; pairs are attributes.
func (s *site) addOwn(t testing.TB, username string, pairs ...string) {
	t.Helper()
	in := &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: &username, MessageAction: "SUPPRESS", ForceAliasCreation: true}
	for i := 0; i < len(pairs); i += 2 {
		in.UserAttributes = append(in.UserAttributes, types.AttributeType{Name: ptr(pairs[i]), Value: ptr(pairs[i+1])})
	}
	_, err := s.SDK().AdminCreateUser(t.Context(), in)
	must(t, err)
	_, err = s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: &username, Password: ptr(password), Permanent: true})
	must(t, err)
}

func TestAVerifiedAddressLinksAnAccount(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newLinkingSite(t, database, nil)
		s.addOwn(t, "anna", "email", "Ann@example.com", "email_verified", "true")
		claims := s.claims(t, "ann")
		if claims["cognito:username"] != "anna" || claims["identities"] == nil || claims["cognito:groups"] != nil || claims["name"] != "Ann Example" {
			t.Fatalf("claims %v", claims)
		}
		newBrowser(t).open(s.authorize("identity_provider", "COGNITO")).submit("/login", "username", "anna", "password", password).arrived()
		// From then on, the subject leads to the user, whatever the address is.
		s.people(t, standin.Person{"sub": "ann", "email": "other@example.com", "email_verified": false})
		if again := s.claims(t, "ann"); again["sub"] != claims["sub"] {
			t.Errorf("the second time: %v", again)
		}
	})
}

func TestAnAccountIsNotLinkedWithoutTrustOnBothSides(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newLinkingSite(t, database, nil)
		s.people(t,
			standin.Person{"sub": "unverified", "email": "a@example.com", "email_verified": false},
			standin.Person{"sub": "silent", "email": "a@example.com"},
			standin.Person{"sub": "odd", "email": "a@example.com", "email_verified": "TRUE"},
			standin.Person{"sub": "taken", "email": "b@example.com", "email_verified": true},
			standin.Person{"sub": "twice", "email": "c@example.com", "email_verified": true},
			standin.Person{"sub": "temporary", "email": "d@example.com", "email_verified": true},
			standin.Person{"sub": "nobody", "email": "e@example.com", "email_verified": true},
			standin.Person{"sub": "again", "email": "e@example.com", "email_verified": true},
		)
		s.addOwn(t, "a", "email", "a@example.com", "email_verified", "true")
		s.addOwn(t, "b", "email", "b@example.com", "email_verified", "false") // by whoever signed up with an address of somebody else
		s.addOwn(t, "c", "email", "c@example.com", "email_verified", "true")
		s.addOwn(t, "c2", "email", "c@example.com", "email_verified", "true")
		_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &s.pool, Username: ptr("d"), MessageAction: "SUPPRESS",
			UserAttributes: []types.AttributeType{{Name: ptr("email"), Value: ptr("d@example.com")}, {Name: ptr("email_verified"), Value: ptr("true")}},
		})
		must(t, err)
		for _, person := range []string{"unverified", "silent", "odd", "taken", "twice", "temporary", "nobody", "again"} {
			got := s.enter(t, newBrowser(t), person, "", "scope", "openid profile").arrived()
			if claims := payload(t, s.tokens(t, got.Get("code")).token(t, "id_token")); claims["cognito:username"] != "corp_"+person {
				t.Errorf("%s leads to %v", person, claims["cognito:username"])
			}
		}
	})
}

func TestADisabledUserIsNotLinkedNorReplaced(t *testing.T) {
	t.Parallel()
	s := newLinkingSite(t, "", nil)
	s.addOwn(t, "anna", "email", "ann@example.com", "email_verified", "true")
	_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: ptr("anna")})
	must(t, err)
	if got := s.enter(t, newBrowser(t), "ann", "").arrived(); got.Get("error_description") != "User is disabled." {
		t.Errorf("the application got %v", got)
	}
	if _, err := s.SDK().AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &s.pool, Username: ptr("corp_ann")}); err == nil {
		t.Error("the account got around by a user of its own")
	}
	if _, attributes := s.user(t, "anna"); attributes["identities"] != "" {
		t.Errorf("linked: %s", attributes["identities"])
	}
}

func TestAMovedAliasLeadsToWhoHasItNow(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newLinkingSite(t, database, func(p *idp.CreateUserPoolInput) { p.AliasAttributes = []types.AliasAttributeType{"email"} })
		s.addOwn(t, "before", "email", "ann@example.com", "email_verified", "true")
		s.addOwn(t, "now", "email", "ann@example.com", "email_verified", "true") // takes the alias over
		if claims := s.claims(t, "ann"); claims["cognito:username"] != "now" {
			t.Errorf("claims %v", claims)
		}
	})
}

func TestOneOfSeveralAccountsWithAnAddressIsLinked(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newLinkingSite(t, database, nil)
		s.addOwn(t, "anna", "email", "ann@example.com", "email_verified", "true")
		var people []standin.Person
		names := []string{"p0", "p1", "p2", "p3"}
		for _, name := range names {
			people = append(people, standin.Person{"sub": name, "email": "ann@example.com", "email_verified": true})
		}
		s.people(t, people...)
		users := make([]string, len(names))
		var group sync.WaitGroup
		for i, name := range names {
			back := newBrowser(t)
			address := s.back(t, back, name, "scope", "openid profile")
			group.Go(func() {
				claims := payload(t, s.tokens(t, back.open(address).arrived().Get("code")).token(t, "id_token"))
				users[i], _ = claims["cognito:username"].(string)
			})
		}
		group.Wait()
		linked := 0
		for i, name := range names {
			if users[i] == "anna" {
				linked++
			} else if users[i] != "corp_"+name {
				t.Errorf("%s leads to %s", name, users[i])
			}
		}
		if linked != 1 {
			t.Errorf("%d accounts were linked: %v", linked, users)
		}
	})
}

func TestAFunctionDoesNotVouchForAnAddress(t *testing.T) {
	t.Parallel()
	f := &functions{answers: map[string]func(map[string]any) (map[string]any, string){
		"InboundFederation_ExternalProvider": func(map[string]any) (map[string]any, string) {
			return map[string]any{"userAttributesToMap": map[string]any{"email": "ann@example.com", "email_verified": "true"}}, ""
		},
	}}
	hook := httptest.NewServer(f)
	t.Cleanup(hook.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
	s := newLinkingSite(t, "", func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{InboundFederation: &types.InboundFederationLambdaType{LambdaArn: &arn, LambdaVersion: "V1_0"}}
	}, "trigger:hook", hook.URL)
	s.addOwn(t, "anna", "email", "ann@example.com", "email_verified", "true")
	if claims := s.claims(t, "bob"); claims["cognito:username"] != "corp_bob" || claims["email"] != "ann@example.com" {
		t.Errorf("claims %v", claims)
	}
}

func TestProviderExtensionsAreTheOperatorsToAllow(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	details := func(pairs ...string) map[string]string {
		d := map[string]string{
			"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid email", "attributes_request_method": "GET", "oidc_issuer": s.URL + "/_cenote/idp/oidc",
		}
		for i := 0; i < len(pairs); i += 2 {
			d[pairs[i]] = pairs[i+1]
		}
		return d
	}
	update := func(s *providerSite, details map[string]string, attributes map[string]string) error {
		_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
			UserPoolId: &s.pool, ProviderName: ptr("Corp"), ProviderDetails: details, AttributeMapping: attributes,
		})
		return err
	}
	refused := func(what string, err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "InvalidParameterException: "+want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"link_verified_email", "ask_mfa"} {
		refused(name, update(s, details(name, "true"), nil), "Invalid ProviderDetails: "+name+" is not known for providers of type OIDC.")
	}
	allowed := newLinkingSite(t, "", nil)
	s = allowed
	refused("neither true nor false", update(s, details("ask_mfa", "yes"), nil), "Invalid ProviderDetails: ask_mfa must be true or false.")
	refused("without the address", update(s, details("link_verified_email", "true"), map[string]string{"name": "name"}), "Invalid ProviderDetails: link_verified_email needs a mapping")
	refused("without the address any more", update(s, nil, map[string]string{"name": "name"}), "Invalid ProviderDetails: link_verified_email needs a mapping")
	must(t, update(s, details(), nil)) // details are replaced as a whole
	s.addOwn(t, "anna", "email", "ann@example.com", "email_verified", "true")
	if claims := s.claims(t, "ann"); claims["cognito:username"] != "corp_ann" {
		t.Errorf("without the detail: %v", claims)
	}
}

func TestASecondFactorFollowsAProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newProviderSite(t, database, types.IdentityProviderTypeTypeSaml, "Corp", map[string]string{
			"MetadataURL": "{server}/_cenote/idp/saml/metadata", "IDPSignout": "true", "ask_mfa": "true",
		}, mapping, true, nil, "provider-extensions", "true")
		s.operate(t, "UpdateUserPool", object{"UserPoolId": s.pool, "DeviceConfiguration": object{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true}})
		s.claims(t, "ann") // MFA is off
		s.authenticatorApps(t, "OPTIONAL")
		s.claims(t, "ann") // or optional, and the user has no factor
		s.authenticatorApps(t, "ON")
		b := newBrowser(t)
		s.enter(t, b, "ann", "").shows("authenticator app")
		if strings.Contains(b.page, `name="remember"`) {
			t.Error("the browser of a provider's user can be remembered")
		}
		secret := b.secret()
		code := func() string { return s.totp(t, secret) }
		if got := b.submit("/login/continue", "code", code(), "remember", "1").arrived(); got.Get("code") == "" || got.Get("state") != "a b&c" {
			t.Errorf("the application got %v", got)
		}
		if cookies := b.header.Values("Set-Cookie"); strings.Contains(strings.Join(cookies, "\n"), "cenote-device") {
			t.Errorf("the browser of a provider's user is remembered: %q", cookies)
		}
		s.Advance(t, 60*1e9)
		// A browser without the factor gets nowhere, neither by the provider nor in silence.
		b = newBrowser(t)
		s.enter(t, b, "ann", "", "scope", "openid profile")
		b.submit("/login/continue", "code", cenotetest.WrongTOTP(t, secret, s.Now())).shows("Code")
		other := *b
		if got := other.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("before the second factor: %v", got)
		}
		claims := payload(t, s.tokens(t, b.submit("/login/continue", "code", code()).arrived().Get("code")).token(t, "id_token"))
		if claims["cognito:username"] != "corp_ann" {
			t.Errorf("claims %v", claims)
		}
		b.open(s.authorize("identity_provider", "Corp")).arrived()
		// The session at the provider is known behind the factor, too.
		if b.post(s.URL+"/saml2/logout", b.open(s.logout()).signedOut("")).arrived(); b.at.Path != "/goodbye" {
			t.Errorf("the browser went to %s", b.at)
		}
	})
}
