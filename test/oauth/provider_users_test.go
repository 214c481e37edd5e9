package oauth_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/standin"
)

func TestAttributesFollowTheProvider(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newProviderSite(t, database, types.IdentityProviderTypeTypeOidc, "Corp", map[string]string{
			"client_id": "cenote", "client_secret": "secret", "authorize_scopes": "openid", "attributes_request_method": "POST", "oidc_issuer": "{server}/_cenote/idp/oidc",
		}, map[string]string{
			"email": "email", "email_verified": "email_verified", "name": "name", "custom:number": "employee", "custom:groups": "groups", "nickname": "nick",
			"given_name": "given_name",
		}, true, func(p *idp.CreateUserPoolInput) {
			p.Schema = []types.SchemaAttributeType{
				{Name: ptr("email"), Required: ptr(true), Mutable: ptr(true)},
				{Name: ptr("number"), AttributeDataType: "Number", Mutable: ptr(false)},
				{Name: ptr("groups"), AttributeDataType: "String", Mutable: ptr(true)},
			}
		})
		carl := standin.Person{
			"sub": "Carl", "email": "carl@example.com", "email_verified": true, "name": "Carl", "nick": "c", "given_name": "Carl",
			"employee": json.Number("12345678901234567"), "groups": []string{"a b", "c*~,]"},
		}
		s.people(t, carl)
		s.claims(t, "Carl")
		_, attributes := s.user(t, "corp_carl")
		if attributes["custom:number"] != "12345678901234567" || attributes["custom:groups"] != "[a+b,c*%7E%2C%5D]" || attributes["nickname"] != "c" {
			t.Errorf("attributes %v", attributes)
		}
		// Changed, emptied and left out; the immutable one is the same.
		carl["name"], carl["nick"], carl["email"], carl["email_verified"] = "Carlos", "", "carlos@example.com", nil
		delete(carl, "email_verified")
		delete(carl, "given_name")
		s.people(t, carl)
		s.claims(t, "Carl")
		_, attributes = s.user(t, "corp_carl")
		_, nick := attributes["nickname"]
		if attributes["name"] != "Carlos" || nick || attributes["given_name"] != "Carl" || attributes["email"] != "carlos@example.com" || attributes["email_verified"] != "false" {
			t.Errorf("attributes after the second sign-in %v", attributes)
		}
		for _, c := range []struct {
			claim string
			value any
			want  string
		}{
			{"employee", 7, "user.custom:number: Attribute cannot be updated."},
			{"email", "", "Invalid user attributes: email: Required attribute cannot be deleted"},
			{"email", "nonsense", "Invalid email address format."},
			{"name", strings.Repeat("é", 2049), "The value of the attribute name must have a length less than or equal to 2048 characters"},
		} {
			before := carl[c.claim]
			carl[c.claim] = c.value
			s.people(t, carl)
			if got := s.enter(t, newBrowser(t), "Carl", "").arrived(); got.Get("error") != "invalid_request" || got.Get("error_description") != c.want {
				t.Errorf("%s %v: %v", c.claim, c.value, got)
			}
			carl[c.claim] = before
		}
		s.people(t, standin.Person{"sub": "dora"}, standin.Person{"sub": strings.Repeat("x", 130), "email": "x@example.com"}, standin.Person{"sub": "CARL", "email": "c@example.com"})
		for person, want := range map[string]string{
			"dora": "Invalid user attributes: email: The attribute is required", strings.Repeat("x", 130): "Member must have length less than or equal to 128",
			"CARL": "Invalid ProviderName/Username combination.",
		} {
			if got := s.enter(t, newBrowser(t), person, "").arrived(); !strings.Contains(got.Get("error_description"), want) {
				t.Errorf("%s: %v", person, got)
			}
		}
	})
}

func TestALinkedUserSignsInAsTheirOwn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		s.addUser(t, "ann@example.com")
		link := func(attribute, value, to string) error {
			_, err := s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
				UserPoolId:      &s.pool,
				DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: &to},
				SourceUser:      &types.ProviderUserIdentifierType{ProviderName: ptr("Corp"), ProviderAttributeName: &attribute, ProviderAttributeValue: &value},
			})
			return err
		}
		must(t, link("email", "ann@example.com", "ann@example.com"))
		must(t, link("Cognito_Subject", "bob", "ann@example.com"))
		own, _ := s.user(t, "ann@example.com")
		claims := s.claims(t, "ann")
		if claims["cognito:username"] != "ann@example.com" || claims["sub"] != *own.UserAttributes[slices.IndexFunc(own.UserAttributes, func(a types.AttributeType) bool { return *a.Name == "sub" })].Value {
			t.Errorf("claims %v", claims)
		}
		if _, in := claims["cognito:groups"]; in {
			t.Errorf("a linked user is in the provider's group: %v", claims["cognito:groups"])
		}
		_, attributes := s.user(t, "ann@example.com")
		if !strings.Contains(attributes["identities"], `"userId":"ann"`) || attributes["name"] != "Ann Example" {
			t.Errorf("attributes %v", attributes)
		}
		// By the subject, the account leads to the user whatever its address is now.
		s.people(t, standin.Person{"sub": "ann", "email": "other@example.com", "name": "Ann"}, standin.Person{"sub": "bob", "name": "Bob"})
		if again := s.claims(t, "ann"); again["cognito:username"] != "ann@example.com" {
			t.Errorf("claims %v", again)
		}
		if b := s.claims(t, "bob"); b["sub"] != claims["sub"] {
			t.Errorf("claims %v", b)
		}
		if _, err := s.SDK().AdminDisableProviderForUser(t.Context(), &idp.AdminDisableProviderForUserInput{
			UserPoolId: &s.pool, User: &types.ProviderUserIdentifierType{ProviderName: ptr("Corp"), ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: ptr("bob")},
		}); err != nil {
			t.Fatal(err)
		}
		if b := s.claims(t, "bob"); b["sub"] == claims["sub"] {
			t.Error("an account that was unlinked still leads to the user")
		}
		if err := link("Cognito_Subject", "bob", "ann@example.com"); err == nil || !strings.Contains(err.Error(), "Merging is not currently supported") {
			t.Errorf("linking an account that has signed in: %v", err)
		}
		_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: ptr("ann@example.com")})
		must(t, err)
		if got := s.enter(t, newBrowser(t), "ann", "").arrived(); got.Get("error_description") != "User is disabled." {
			t.Errorf("disabled: %v", got)
		}
	})
}

// An account is found by what it was linked by, also where the client may not write that.
func TestALinkDoesNotDependOnWhatTheClientWrites(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	s.addUser(t, "own@example.com")
	_, err := s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
		UserPoolId:      &s.pool,
		DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: ptr("own@example.com")},
		SourceUser:      &types.ProviderUserIdentifierType{ProviderName: ptr("Corp"), ProviderAttributeName: ptr("email"), ProviderAttributeValue: ptr("ann@example.com")},
	})
	must(t, err)
	_, err = s.SDK().UpdateUserPoolClient(t.Context(), &idp.UpdateUserPoolClientInput{
		UserPoolId: &s.pool, ClientId: &s.client, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: []types.OAuthFlowType{"code"},
		AllowedOAuthScopes: []string{"openid", "profile"}, CallbackURLs: []string{callback}, SupportedIdentityProviders: []string{"Corp"}, WriteAttributes: []string{"name"},
	})
	must(t, err)
	if claims := s.claims(t, "ann"); claims["cognito:username"] != "own@example.com" || claims["email"] != "own@example.com" || claims["name"] != "Ann Example" {
		t.Errorf("claims %v", claims)
	}
}

func TestAProvidersAddressIsNobodysName(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", func(p *idp.CreateUserPoolInput) {
		p.UsernameAttributes, p.AutoVerifiedAttributes = []types.UsernameAttributeType{"email"}, []types.VerifiedAttributeType{"email"}
	})
	s.addUser(t, "ann@example.com") // who has the address already
	if claims := s.claims(t, "ann"); claims["cognito:username"] != "corp_ann" {
		t.Errorf("claims %v", claims)
	}
	if claims := s.claims(t, "bob"); claims["cognito:username"] != "corp_bob" {
		t.Errorf("claims %v", claims)
	}
	s.addUser(t, "bob@example.com") // whose address a provider's user has already
	newBrowser(t).open(s.authorize("identity_provider", "COGNITO")).signIn("bob@example.com").arrived()
}

// functions keeps the events of all triggers, and answers what the test says.
type functions struct {
	mu      sync.Mutex
	events  []map[string]any
	answers map[string]func(event map[string]any) (response map[string]any, thrown string)
}

func (f *functions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var event map[string]any
	_ = json.Unmarshal(body, &event)
	source, _ := event["triggerSource"].(string)
	f.mu.Lock()
	f.events = append(f.events, event)
	answer := f.answers[source]
	f.mu.Unlock()
	if answer != nil {
		response, thrown := answer(event)
		if thrown != "" {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			event = map[string]any{"errorMessage": thrown}
		} else if response != nil {
			event["response"] = response
		}
	}
	_ = json.NewEncoder(w).Encode(event)
}

// sources returns the triggerSource of the events since the last call.
func (f *functions) sources() (all []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.events {
		source, _ := e["triggerSource"].(string)
		all = append(all, source)
	}
	f.events = nil
	return all
}

func TestFunctionsHearOfAProvidersUsers(t *testing.T) {
	t.Parallel()
	f := &functions{answers: map[string]func(map[string]any) (map[string]any, string){}}
	hook := httptest.NewServer(f)
	t.Cleanup(hook.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
	s := newOIDCSite(t, "", func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{
			PreSignUp: &arn, PostConfirmation: &arn, PreAuthentication: &arn, PostAuthentication: &arn, PreTokenGeneration: &arn, CustomMessage: &arn, UserMigration: &arn,
			InboundFederation: &types.InboundFederationLambdaType{LambdaArn: &arn, LambdaVersion: "V1_0"},
		}
	}, "trigger:hook", hook.URL)
	s.claims(t, "ann")
	inbound, signUp := f.events[0], f.events[1]
	want := []string{"InboundFederation_ExternalProvider", "PreSignUp_ExternalProvider", "PostConfirmation_ConfirmSignUp", "TokenGeneration_HostedAuth"}
	if got := f.sources(); !slices.Equal(got, want) {
		t.Errorf("first sign-in: %v", got)
	}
	request, _ := inbound["request"].(map[string]any)
	attributes, _ := request["attributes"].(map[string]any)
	if token, _ := attributes["idToken"].(map[string]any); request["providerName"] != "Corp" || request["providerType"] != "OIDC" || token["sub"] != "ann" || inbound["userName"] != "ann" {
		t.Errorf("InboundFederation got %v", inbound)
	}
	request, _ = signUp["request"].(map[string]any)
	told, _ := request["userAttributes"].(map[string]any)
	if signUp["userName"] != "corp_ann" || told["email"] != "ann@example.com" || told["cognito:email_alias"] != "" || told["sub"] != nil {
		t.Errorf("PreSignUp got %v", signUp)
	}
	s.claims(t, "ann")
	want = []string{"InboundFederation_ExternalProvider", "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_HostedAuth"}
	if got := f.sources(); !slices.Equal(got, want) {
		t.Errorf("second sign-in: %v", got)
	}
	set := func(source string, answer func(map[string]any) (map[string]any, string)) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.answers[source] = answer
	}
	set("PreSignUp_ExternalProvider", func(map[string]any) (map[string]any, string) { return nil, "not you" })
	if got := s.enter(t, newBrowser(t), "bob", "").arrived(); got.Get("error") != "invalid_request" || got.Get("error_description") != "PreSignUp failed with error not you. " {
		t.Errorf("refused by PreSignUp: %v", got)
	}
	// The function changes the claims, but not who the person is; and it links the account to a user while it is asked.
	s.addUser(t, "own@example.com")
	set("InboundFederation_ExternalProvider", func(map[string]any) (map[string]any, string) {
		return map[string]any{"userAttributesToMap": map[string]any{"sub": "ann", "name": "Changed", "email": "changed@example.com"}}, ""
	})
	set("PreSignUp_ExternalProvider", func(map[string]any) (map[string]any, string) {
		_, err := s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
			UserPoolId:      &s.pool,
			DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: ptr("own@example.com")},
			SourceUser:      &types.ProviderUserIdentifierType{ProviderName: ptr("Corp"), ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: ptr("bob")},
		})
		if err != nil {
			return nil, err.Error()
		}
		return nil, ""
	})
	if claims := s.claims(t, "bob"); claims["cognito:username"] != "own@example.com" || claims["name"] != "Changed" || claims["email"] != "changed@example.com" {
		t.Errorf("linked while PreSignUp was asked: %v", claims)
	}
	set("TokenGeneration_HostedAuth", func(map[string]any) (map[string]any, string) { return nil, "no tokens" })
	if got := s.enter(t, newBrowser(t), "bob", "", "response_type", "token").arrived(); got.Get("error_description") != "PreTokenGeneration failed with error no tokens. " {
		t.Errorf("refused by PreTokenGeneration: %v", got)
	}
}

func TestTokensOfAProviderBecomeAttributes(t *testing.T) {
	t.Parallel()
	f := &functions{}
	hook := httptest.NewServer(f)
	t.Cleanup(hook.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
	s := newOIDCSite(t, "", func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{InboundFederation: &types.InboundFederationLambdaType{LambdaArn: &arn, LambdaVersion: "V1_0"}}
		for _, name := range []string{"access", "refresh", "id"} {
			p.Schema = append(p.Schema, types.SchemaAttributeType{Name: &name, AttributeDataType: "String", Mutable: ptr(true)})
		}
	}, "trigger:hook", hook.URL)
	_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
		UserPoolId: &s.pool, ProviderName: ptr("Corp"), AttributeMapping: map[string]string{"custom:access": "access_token", "custom:refresh": "refresh_token", "custom:id": "id_token"},
	})
	must(t, err)
	s.claims(t, "ann")
	request, _ := f.events[0]["request"].(map[string]any)
	told, _ := request["attributes"].(map[string]any)
	response, _ := told["tokenResponse"].(map[string]any)
	_, attributes := s.user(t, "corp_ann")
	for attribute, claim := range map[string]string{"custom:access": "access_token", "custom:refresh": "refresh_token", "custom:id": "id_token"} {
		if value := attributes[attribute]; value == "" || value != response[claim] {
			t.Errorf("%s is %q, and the function was told %v", attribute, value, response[claim])
		}
	}
	if response["expires_in"] != "3600" || response["token_type"] != "Bearer" {
		t.Errorf("the function was told %v", response)
	}
}

// Who signs in by a provider alone gets no other way in: neither would it work, nor may it outlast the account at the provider.
func TestAProvidersUserAddsNoOtherWayIn(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, func(p *idp.CreateUserPoolInput) {
			p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"}}}
		})
		_, err := s.SDK().SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{
			UserPoolId: &s.pool, MfaConfiguration: "OFF", WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: ptr("example.com")},
		})
		must(t, err)
		b := s.enter(t, newBrowser(t), "ann", "", "scope", "openid aws.cognito.signin.user.admin")
		access := s.tokens(t, b.arrived().Get("code")).token(t, "access_token")
		refused := func(what string, err error, text string) {
			t.Helper()
			if no := new(types.NotAuthorizedException); !errors.As(err, &no) || no.ErrorMessage() != text {
				t.Errorf("%s: %v", what, err)
			}
		}
		try := func(what string) {
			t.Helper()
			_, err := s.SDK().ChangePassword(t.Context(), &idp.ChangePasswordInput{AccessToken: &access, ProposedPassword: ptr(password)})
			refused(what+", ChangePassword", err, "User is not authorized to change password.")
			_, err = s.SDK().StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: &access})
			refused(what+", StartWebAuthnRegistration", err, "User is not authorized to register a passkey.")
			address := "/passkeys/add?" + url.Values{"client_id": {s.client}, "redirect_uri": {callback}, "response_type": {"code"}}.Encode()
			if b.open(s.URL + address).shows("User is not authorized to register a passkey."); b.status != http.StatusBadRequest {
				t.Errorf("%s, /passkeys/add: status %d", what, b.status)
			}
		}
		try("a user of the provider")
		user, _ := s.user(t, "corp_ann")
		if user.UserStatus != "EXTERNAL_PROVIDER" {
			t.Errorf("status %s", user.UserStatus)
		}
		// An administrator opens the way.
		_, err = s.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: ptr("corp_ann"), Password: ptr(password), Permanent: true})
		must(t, err)
		b = s.enter(t, newBrowser(t), "ann", "", "scope", "openid aws.cognito.signin.user.admin")
		access = s.tokens(t, b.arrived().Get("code")).token(t, "access_token")
		_, err = s.SDK().ChangePassword(t.Context(), &idp.ChangePasswordInput{AccessToken: &access, PreviousPassword: ptr(password), ProposedPassword: ptr(password + "2")})
		must(t, err)
		_, err = s.SDK().StartWebAuthnRegistration(t.Context(), &idp.StartWebAuthnRegistrationInput{AccessToken: &access})
		must(t, err)
	})
}

func TestFunctionsHearOfASAMLProvidersUsers(t *testing.T) {
	t.Parallel()
	f := &functions{answers: map[string]func(map[string]any) (map[string]any, string){}}
	hook := httptest.NewServer(f)
	t.Cleanup(hook.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
	s := newProviderSite(t, "", types.IdentityProviderTypeTypeSaml, "Corp", map[string]string{"MetadataURL": "{server}/_cenote/idp/saml/metadata"}, mapping, true, func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{PreSignUp: &arn, PreAuthentication: &arn, InboundFederation: &types.InboundFederationLambdaType{LambdaArn: &arn, LambdaVersion: "V1_0"}}
	}, "trigger:hook", hook.URL)
	claims := s.claims(t, "ann")
	if groups, _ := claims["cognito:groups"].([]any); len(groups) != 1 || groups[0] != s.pool+"_Corp" {
		t.Errorf("groups %v", claims["cognito:groups"])
	}
	request, _ := f.events[0]["request"].(map[string]any)
	attributes, _ := request["attributes"].(map[string]any)
	if said, _ := attributes["samlResponse"].(map[string]any); request["providerType"] != "SAML" || said["email"] != "ann@example.com" || attributes["idToken"] != nil {
		t.Errorf("InboundFederation got %v", f.events[0])
	}
	if got, want := f.sources(), []string{"InboundFederation_ExternalProvider", "PreSignUp_ExternalProvider"}; !slices.Equal(got, want) {
		t.Errorf("first sign-in: %v", got)
	}
	// What functions refuse is told in the words of SAML.
	f.mu.Lock()
	f.answers["PreAuthentication_Authentication"] = func(map[string]any) (map[string]any, string) { return nil, "not now" }
	f.mu.Unlock()
	got := s.enter(t, newBrowser(t), "ann", "").arrived()
	if got.Get("error") != "server_error" || got.Get("error_description") != "Invalid SAML response received: PreAuthentication failed with error not now. " {
		t.Errorf("refused by PreAuthentication: %v", got)
	}
	// Attributes follow the provider at each sign-in, and keep to the rules of the pool.
	f.mu.Lock()
	delete(f.answers, "PreAuthentication_Authentication")
	f.mu.Unlock()
	s.people(t, standin.Person{"sub": "ann", "email": "new@example.com", "name": ""})
	s.claims(t, "ann")
	if _, attributes := s.user(t, "corp_ann"); attributes["email"] != "new@example.com" || attributes["name"] != "" || attributes["email_verified"] != "false" {
		t.Errorf("attributes %v", attributes)
	}
	s.people(t, standin.Person{"sub": "ann", "email": "nonsense"}, standin.Person{"sub": strings.Repeat("x", 130)})
	for person, want := range map[string]string{"ann": "Invalid email address format.", strings.Repeat("x", 130): "Member must have length less than or equal to 128"} {
		if got := s.enter(t, newBrowser(t), person, "").arrived(); !strings.HasPrefix(got.Get("error_description"), "Invalid SAML response received: ") || !strings.Contains(got.Get("error_description"), want) {
			t.Errorf("%s: %v", person, got)
		}
	}
}

// link makes the account lead to the user.
func (s *providerSite) link(t testing.TB, subject, username string) {
	t.Helper()
	_, err := s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
		UserPoolId:      &s.pool,
		DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: &username},
		SourceUser:      &types.ProviderUserIdentifierType{ProviderName: &s.provider, ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: &subject},
	})
	must(t, err)
}

func TestAUsernameThatNoOperationTakesIsRefused(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		const rule = "' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+"
		for _, subject := range []string{"Ann Example", "ann\n", "ann\u00a0", "a\u202en"} {
			s.people(t, standin.Person{"sub": subject, "email": "ann@example.com"})
			got := s.enter(t, newBrowser(t), subject, "").arrived()
			if want := "1 validation error detected: Value 'corp_" + strings.ToLower(subject) + rule; got.Get("error_description") != want {
				t.Errorf("%q: %v", subject, got)
			}
		}
		users, err := s.SDK().ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &s.pool})
		must(t, err)
		if len(users.Users) > 0 {
			t.Errorf("a refused sign-in made a user: %v", *users.Users[0].Username)
		}
		// It takes no username of its own to be somebody else.
		s.addOwn(t, "anna")
		s.link(t, "Ann Example", "anna")
		s.people(t, standin.Person{"sub": "Ann Example"})
		if claims := s.claims(t, "Ann Example"); claims["cognito:username"] != "anna" {
			t.Errorf("linked: %v", claims)
		}
	})
}

func TestABrowserStaysSignedInWhateverHasToBecomeOfThePassword(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		s.people(t, standin.Person{"sub": "temporary"}, standin.Person{"sub": "reset"})
		_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: ptr("temporary"), MessageAction: "SUPPRESS"})
		must(t, err)
		s.addOwn(t, "reset", "email", "reset@example.com", "email_verified", "true")
		reset := func() {
			t.Helper()
			_, err := s.SDK().AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &s.pool, Username: ptr("reset")})
			must(t, err)
		}
		silent := func(b *browser) string {
			t.Helper()
			return b.open(s.authorize("prompt", "none")).arrived().Get("error")
		}
		s.link(t, "reset", "reset")
		b := newBrowser(t)
		s.enter(t, b, "reset", "").arrived()
		if got := silent(b); got != "" {
			t.Errorf("before the reset: %s", got)
		}
		reset()
		if got := silent(b); got != "login_required" {
			t.Errorf("a reset leaves the browser signed in: %q", got)
		}
		s.link(t, "temporary", "temporary")
		for _, name := range []string{"temporary", "reset"} {
			b := newBrowser(t)
			s.enter(t, b, name, "").arrived()
			if got := silent(b); got != "" {
				t.Errorf("%s, signed in by the provider: %s", name, got)
			}
		}
	})
}

func TestWhatAProviderSaysAtLengthIsToldInShort(t *testing.T) {
	t.Parallel()
	f := &functions{answers: map[string]func(map[string]any) (map[string]any, string){
		"PreSignUp_ExternalProvider": func(map[string]any) (map[string]any, string) { return nil, strings.Repeat("é", 20_000) },
	}}
	hook := httptest.NewServer(f)
	t.Cleanup(hook.Close)
	arn := "arn:aws:lambda:us-east-1:000000000000:function:hook"
	s := newOIDCSite(t, "", func(p *idp.CreateUserPoolInput) { p.LambdaConfig = &types.LambdaConfigType{PreSignUp: &arn} }, "trigger:hook", hook.URL)
	endless := strings.Repeat("é", 2000)
	s.people(t, standin.Person{"sub": "ann"}, standin.Person{"sub": endless})
	short := func(name string, b *browser, want string) {
		t.Helper()
		told := b.arrived().Get("error_description")
		if !strings.HasPrefix(told, want) || len(told) > 1100 || !utf8.ValidString(told) {
			t.Errorf("%s: %d bytes, valid %v: %.200s", name, len(told), utf8.ValidString(told), told)
		}
	}
	short("a function", s.enter(t, newBrowser(t), "ann", ""), "PreSignUp failed with error éé")
	b := newBrowser(t)
	short("another issuer", b.open(s.back(t, b, "ann")+"&iss=x"+url.QueryEscape(endless)), "Bad issuer xéé")
	s.enter(t, b, endless, "")
	short("a subject", b, "1 validation error detected: Value 'corp_éé")
	if told := b.arrived().Get("error_description"); !strings.HasSuffix(told, "Member must have length less than or equal to 128") {
		t.Errorf("a subject: %s", told)
	}
}

func TestAProvidersUserIsDeletedOrDisabledAtAnyTime(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		remove := func() {
			t.Helper()
			_, err := s.SDK().AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &s.pool, Username: ptr("corp_ann")})
			must(t, err)
		}
		before := s.claims(t, "ann")
		remove()
		if after := s.claims(t, "ann"); after["sub"] == before["sub"] || after["cognito:username"] != "corp_ann" {
			t.Errorf("deleted and back: %v", after)
		}
		b := newBrowser(t)
		code := s.enter(t, b, "ann", "").arrived().Get("code")
		remove()
		s.tokens(t, code).is(t, http.StatusBadRequest, "invalid_grant")
		if got := b.open(s.authorize("prompt", "none")).arrived(); got.Get("error") != "login_required" {
			t.Errorf("the browser of a deleted user: %v", got)
		}
		code = s.enter(t, newBrowser(t), "ann", "").arrived().Get("code")
		_, err := s.SDK().AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &s.pool, Username: ptr("corp_ann")})
		must(t, err)
		s.tokens(t, code).is(t, http.StatusBadRequest, "invalid_grant")
		if got := s.enter(t, newBrowser(t), "ann", "").arrived(); got.Get("error_description") != "User is disabled." {
			t.Errorf("disabled: %v", got)
		}
	})
}

func TestAProviderChangesWhileSomebodyIsThere(t *testing.T) {
	t.Parallel()
	s := newOIDCSite(t, "", nil)
	b := newBrowser(t)
	address := s.back(t, b, "ann")
	_, err := s.SDK().UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
		UserPoolId: &s.pool, ProviderName: &s.provider, AttributeMapping: map[string]string{"nickname": "name"},
	})
	must(t, err)
	b.open(address).arrived()
	if _, attributes := s.user(t, "corp_ann"); attributes["nickname"] != "Ann Example" || attributes["email"] != "" {
		t.Errorf("not mapped as the provider says now: %v", attributes)
	}
	address = s.back(t, b, "bob", "prompt", "login")
	own := providerSite{site: s.site, provider: "COGNITO"}
	own.supports(t, false)
	b.open(address).shows("Login option is not available. Please try another one")
	s.supports(t, true)
	address = s.back(t, b, "bob", "prompt", "login")
	_, err = s.SDK().DeleteIdentityProvider(t.Context(), &idp.DeleteIdentityProviderInput{UserPoolId: &s.pool, ProviderName: &s.provider})
	must(t, err)
	b.open(address).shows("Login option is not available. Please try another one")
}

// A provider that says "verified" and names no address vouches for none, least of all for the one that the user has here.
func TestAProviderVerifiesTheAddressThatItNames(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newOIDCSite(t, database, nil)
		_, err := s.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
			UserPoolId: &s.pool, Username: ptr("eve"), MessageAction: "SUPPRESS",
			UserAttributes: []types.AttributeType{{Name: ptr("email"), Value: ptr("victim@example.com")}},
		})
		must(t, err)
		_, err = s.SDK().AdminLinkProviderForUser(t.Context(), &idp.AdminLinkProviderForUserInput{
			UserPoolId: &s.pool, DestinationUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Cognito"), ProviderAttributeValue: ptr("eve")},
			SourceUser: &types.ProviderUserIdentifierType{ProviderName: ptr("Corp"), ProviderAttributeName: ptr("Cognito_Subject"), ProviderAttributeValue: ptr("e-1")},
		})
		must(t, err)
		for _, person := range []standin.Person{{"sub": "e-1", "email_verified": true}, {"sub": "e-1", "email_verified": "true", "name": "Eve"}} {
			s.people(t, person)
			s.enter(t, newBrowser(t), "e-1", "").arrived()
			if _, attributes := s.user(t, "eve"); attributes["email"] != "victim@example.com" || attributes["email_verified"] == "true" {
				t.Errorf("told %v, the user has %v", person, attributes)
			}
		}
		s.people(t, standin.Person{"sub": "e-1", "email": "eve@example.com", "email_verified": true})
		s.enter(t, newBrowser(t), "e-1", "").arrived()
		if _, attributes := s.user(t, "eve"); attributes["email"] != "eve@example.com" || attributes["email_verified"] != "true" {
			t.Errorf("by the address that the provider names, the user has %v", attributes)
		}
	})
}
