package gosdk_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

// identityProvider is a server that publishes an OpenID Connect discovery document, and SAML metadata at /metadata.
func identityProvider(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{
			"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token",
			"userinfo_endpoint": s.URL + "/userinfo", "jwks_uri": s.URL + "/keys",
		})
	})
	mux.HandleFunc("GET /other/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": s.URL, "authorization_endpoint": "x", "token_endpoint": "x", "jwks_uri": "x"})
	})
	mux.HandleFunc("GET /metadata", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, samlMetadata) })
	return s.URL
}

func details(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// with returns a copy with another value; the empty value leaves the name out.
func with(m map[string]string, name, value string) map[string]string {
	c := maps.Clone(m)
	if c[name] = value; value == "" {
		delete(c, name)
	}
	return c
}

func oidcDetails(issuer string) map[string]string {
	return details("client_id", "c", "client_secret", "s", "authorize_scopes", "openid email", "attributes_request_method", "GET", "oidc_issuer", issuer)
}

func (a *app) createProvider(t *testing.T, name string, kind types.IdentityProviderTypeType, d, mapping map[string]string, identifiers ...string) (*types.IdentityProviderType, error) {
	t.Helper()
	made, err := a.CreateIdentityProvider(t.Context(), &idp.CreateIdentityProviderInput{
		UserPoolId: &a.pool, ProviderName: &name, ProviderType: kind, ProviderDetails: d, AttributeMapping: mapping, IdpIdentifiers: identifiers,
	})
	if err != nil {
		return nil, err
	}
	return made.IdentityProvider, nil
}

func (a *app) provider(t *testing.T, name string) *types.IdentityProviderType {
	t.Helper()
	got, err := a.DescribeIdentityProvider(t.Context(), &idp.DescribeIdentityProviderInput{UserPoolId: &a.pool, ProviderName: &name})
	must(t, err)
	return got.IdentityProvider
}

func TestProvidersOfEachTypeAreCompleted(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		url := identityProvider(t)
		social := details("client_id", "c", "client_secret", "s", "authorize_scopes", "profile")
		for _, tt := range []struct {
			name    string
			kind    types.IdentityProviderTypeType
			given   map[string]string
			added   map[string]string
			hidden  string
			mapping map[string]string
		}{
			{"Discovered", "OIDC", oidcDetails(url), details("attributes_url_add_attributes", "false", "authorize_url", url+"/authorize", "token_url", url+"/token",
				"attributes_url", url+"/userinfo", "jwks_uri", url+"/keys"), "", details("username", "sub")},
			{"Named", "OIDC", with(with(with(with(oidcDetails("https://idp.example.com"), "authorize_url", "https://idp.example.com/a"), "token_url", "https://idp.example.com/t"),
				"attributes_url", "https://idp.example.com/u"), "jwks_uri", "https://idp.example.com/k"), details("attributes_url_add_attributes", "false"), "", details("username", "sub")},
			{"Google", "Google", social, details("attributes_url", "https://people.googleapis.com/v1/people/me?personFields=", "attributes_url_add_attributes", "true",
				"authorize_url", "https://accounts.google.com/o/oauth2/v2/auth", "oidc_issuer", "https://accounts.google.com", "token_request_method", "POST",
				"token_url", "https://www.googleapis.com/oauth2/v4/token"), "", details("username", "sub")},
			{"Facebook", "Facebook", with(social, "api_version", "v19.0"), details("attributes_url", "https://graph.facebook.com/v19.0/me?fields=", "attributes_url_add_attributes", "true",
				"authorize_url", "https://www.facebook.com/v19.0/dialog/oauth", "token_request_method", "GET",
				"token_url", "https://graph.facebook.com/v19.0/oauth/access_token"), "", details("username", "id")},
			{"LoginWithAmazon", "LoginWithAmazon", social, details("attributes_url", "https://api.amazon.com/user/profile", "attributes_url_add_attributes", "false",
				"authorize_url", "https://www.amazon.com/ap/oa", "token_request_method", "POST", "token_url", "https://api.amazon.com/auth/o2/token"), "", details("username", "user_id")},
			{
				"SignInWithApple", "SignInWithApple", details("client_id", "c", "team_id", "t", "key_id", "k", "private_key", "p", "authorize_scopes", "email name"),
				details("attributes_url_add_attributes", "false", "authorize_url", "https://appleid.apple.com/auth/authorize", "oidc_issuer", "https://appleid.apple.com",
					"token_request_method", "POST", "token_url", "https://appleid.apple.com/auth/token"), "private_key", details("username", "sub"),
			},
			{
				"ByAddress", "SAML", details("MetadataURL", url+"/metadata", "IDPSignout", "true", "RequestSigningAlgorithm", "rsa-sha256"),
				details("SSORedirectBindingURI", "https://idp.example.com/sso", "SLORedirectBindingURI", "https://idp.example.com/slo"), "", nil,
			},
			{"ByFile", "SAML", details("MetadataFile", samlMetadata), details("SSORedirectBindingURI", "https://idp.example.com/sso", "SLORedirectBindingURI", "https://idp.example.com/slo"), "", nil},
		} {
			made, err := a.createProvider(t, tt.name, tt.kind, tt.given, nil)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			want := maps.Clone(tt.given)
			maps.Copy(want, tt.added)
			delete(want, tt.hidden)
			shown := a.provider(t, tt.name)
			for when, got := range map[string]*types.IdentityProviderType{"made": made, "described": shown} {
				if diff := cmp.Diff(want, got.ProviderDetails); diff != "" {
					t.Errorf("%s %s: details (-want +got):\n%s", tt.name, when, diff)
				}
				if diff := cmp.Diff(tt.mapping, got.AttributeMapping); diff != "" {
					t.Errorf("%s %s: mapping (-want +got):\n%s", tt.name, when, diff)
				}
			}
			if made.IdpIdentifiers != nil || shown.IdpIdentifiers == nil {
				t.Errorf("%s: identifiers %v when made, %v when described", tt.name, made.IdpIdentifiers, shown.IdpIdentifiers)
			}
			// What Describe shows can be sent back and changes nothing.
			again, err := a.UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{
				UserPoolId: &a.pool, ProviderName: &tt.name, ProviderDetails: shown.ProviderDetails, AttributeMapping: shown.AttributeMapping, IdpIdentifiers: shown.IdpIdentifiers,
			})
			must(t, err)
			if diff := cmp.Diff(shown.ProviderDetails, again.IdentityProvider.ProviderDetails); diff != "" {
				t.Errorf("%s: details after an update with themselves (-before +after):\n%s", tt.name, diff)
			}
		}
	})
}

func TestAnEncryptionCertificateLasts(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		given := details("MetadataFile", samlMetadata, "EncryptedResponses", "true")
		made, err := a.createProvider(t, "Okta", "SAML", given, nil)
		must(t, err)
		certificate := made.ProviderDetails["ActiveEncryptionCertificate"]
		if len(certificate) < 500 || len(made.ProviderDetails) != 5 {
			t.Errorf("details %v", slices.Sorted(maps.Keys(made.ProviderDetails)))
		}
		update := func(d map[string]string) map[string]string {
			got, err := a.UpdateIdentityProvider(t.Context(), &idp.UpdateIdentityProviderInput{UserPoolId: &a.pool, ProviderName: aws.String("Okta"), ProviderDetails: d})
			must(t, err)
			return got.IdentityProvider.ProviderDetails
		}
		if got := update(with(given, "IDPInit", "true"))["ActiveEncryptionCertificate"]; got != certificate {
			t.Error("an update changed the certificate")
		}
		if got, ok := update(with(given, "EncryptedResponses", "false"))["ActiveEncryptionCertificate"]; ok {
			t.Errorf("a certificate for responses in the clear: %s", got)
		}
		if got := update(given)["ActiveEncryptionCertificate"]; got != certificate {
			t.Error("the certificate did not come back")
		}
	})
}

func TestProvidersAreChangedMemberByMember(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		url := identityProvider(t)
		made, err := a.createProvider(t, "Okta", "OIDC", oidcDetails(url), details("email", "mail"), "okta.example", "two")
		must(t, err)
		_, err = a.createProvider(t, "Okta", "OIDC", oidcDetails(url), nil)
		refused[*types.DuplicateProviderException](t, err, "Okta already exists for tenant "+a.pool+".")
		update := func(in idp.UpdateIdentityProviderInput) error {
			in.UserPoolId, in.ProviderName = &a.pool, aws.String("Okta")
			_, err := a.UpdateIdentityProvider(ctx, &in)
			return err
		}
		must(t, update(idp.UpdateIdentityProviderInput{AttributeMapping: details("name", "n")}))
		got := a.provider(t, "Okta")
		if diff := cmp.Diff(details("name", "n", "username", "sub"), got.AttributeMapping); diff != "" {
			t.Errorf("mapping (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(made.ProviderDetails, got.ProviderDetails); diff != "" || !slices.Equal(got.IdpIdentifiers, []string{"okta.example", "two"}) {
			t.Errorf("what was left out changed: %v\n%s", got.IdpIdentifiers, diff)
		}
		must(t, update(idp.UpdateIdentityProviderInput{AttributeMapping: map[string]string{}, IdpIdentifiers: []string{}}))
		if got = a.provider(t, "Okta"); len(got.AttributeMapping) != 1 || len(got.IdpIdentifiers) != 0 {
			t.Errorf("what is empty stayed: %v, %v", got.AttributeMapping, got.IdpIdentifiers)
		}
		must(t, update(idp.UpdateIdentityProviderInput{IdpIdentifiers: []string{"mine"}}))
		_, err = a.createProvider(t, "Auth0", "OIDC", oidcDetails(url), nil, "mine")
		refused[*types.InvalidParameterException](t, err, "")
		by, err := a.GetIdentityProviderByIdentifier(ctx, &idp.GetIdentityProviderByIdentifierInput{UserPoolId: &a.pool, IdpIdentifier: aws.String("mine")})
		must(t, err)
		if *by.IdentityProvider.ProviderName != "Okta" || by.IdentityProvider.IdpIdentifiers == nil {
			t.Errorf("by identifier: %+v", by.IdentityProvider)
		}
		_, err = a.GetIdentityProviderByIdentifier(ctx, &idp.GetIdentityProviderByIdentifierInput{UserPoolId: &a.pool, IdpIdentifier: aws.String("two")})
		refused[*types.ResourceNotFoundException](t, err, "")

		// A refused change leaves everything as it was.
		before := a.provider(t, "Okta")
		refused[*types.InvalidParameterException](t, update(idp.UpdateIdentityProviderInput{ProviderDetails: oidcDetails(url + "/nowhere"), IdpIdentifiers: []string{"x"}}), "")
		refused[*types.InvalidParameterException](t, update(idp.UpdateIdentityProviderInput{ProviderDetails: with(oidcDetails(url), "client_id", "")}), "")
		after := a.provider(t, "Okta")
		if diff := cmp.Diff(before.ProviderDetails, after.ProviderDetails); diff != "" || !slices.Equal(before.IdpIdentifiers, after.IdpIdentifiers) {
			t.Errorf("a refused update changed %v\n%s", after.IdpIdentifiers, diff)
		}

		nobody := aws.String("Nobody")
		_, err = a.DescribeIdentityProvider(ctx, &idp.DescribeIdentityProviderInput{UserPoolId: &a.pool, ProviderName: nobody})
		refused[*types.ResourceNotFoundException](t, err, "Identity provider Nobody for tenantId "+a.pool+" does not exist.")
		_, err = a.UpdateIdentityProvider(ctx, &idp.UpdateIdentityProviderInput{UserPoolId: &a.pool, ProviderName: nobody})
		refused[*types.ResourceNotFoundException](t, err, "Identity provider Nobody in User Pool "+a.pool+" does not exist.")
		_, err = a.DeleteIdentityProvider(ctx, &idp.DeleteIdentityProviderInput{UserPoolId: &a.pool, ProviderName: nobody})
		refused[*types.ResourceNotFoundException](t, err, "")
		_, err = a.DeleteIdentityProvider(ctx, &idp.DeleteIdentityProviderInput{UserPoolId: &a.pool, ProviderName: aws.String("Okta")})
		must(t, err)
		_, err = a.createProvider(t, "Auth0", "OIDC", with(oidcDetails(url), "client_secret", ""), nil, "mine")
		must(t, err)
		if _, given := a.provider(t, "Auth0").ProviderDetails["client_secret"]; given {
			t.Error("a provider without a secret shows one")
		}
	})
}

func TestProvidersThatCannotBe(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		url := identityProvider(t)
		social := details("client_id", "c", "client_secret", "s", "authorize_scopes", "profile")
		saml, oidc := details("MetadataFile", samlMetadata), oidcDetails(url)
		apple := details("client_id", "c", "team_id", "t", "key_id", "k", "private_key", "p", "authorize_scopes", "email name")
		for _, tt := range []struct { // one answer names every key
			name    string
			kind    types.IdentityProviderTypeType
			details map[string]string
			keys    []string
			text    string
		}{
			{"Okta", "OIDC", oidc, []string{"client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"}, "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details."},
			{"Google", "Google", social, []string{"client_id", "client_secret", "authorize_scopes"}, "clientId, clientSecret and authorizeScopes are all required idp details."},
			{"SignInWithApple", "SignInWithApple", apple, []string{"client_id", "team_id", "key_id", "private_key"}, "clientId, privateKey, teamId, and keyId are all required idp details."},
			{"Okta", "SAML", saml, []string{"MetadataFile"}, "At least one of the MetadataURL or MetadataFile should be provided."},
		} {
			for _, key := range tt.keys {
				_, err := a.createProvider(t, tt.name, tt.kind, with(tt.details, key, ""), nil)
				refused[*types.InvalidParameterException](t, err, tt.text)
			}
		}
		_, err := a.createProvider(t, "Okta", "SAML", with(saml, "MetadataURL", url+"/metadata"), nil)
		refused[*types.InvalidParameterException](t, err, "Only one of the MetadataURL or MetadataFile should be provided.")
		for _, tt := range []struct { // social providers are called as their type, and no other provider is
			name    string
			kind    types.IdentityProviderTypeType
			details map[string]string
		}{{"MyGoogle", "Google", social}, {"Facebook", "Google", social}, {"Google", "SAML", saml}, {"COGNITO", "SAML", saml}} {
			_, err := a.createProvider(t, tt.name, tt.kind, tt.details, nil)
			refused[*types.InvalidParameterException](t, err, fmt.Sprintf("Provider %s cannot be of type %s.", tt.name, tt.kind))
		}
		for _, tt := range []struct {
			what, name string
			kind       types.IdentityProviderTypeType
			details    map[string]string
			mapping    map[string]string
		}{
			{"an unknown detail", "Okta", "SAML", with(saml, "EncryptedResponse", "true"), nil},
			{"neither file nor address", "Okta", "SAML", details("IDPInit", "true"), nil},
			{"a switch that is none", "Okta", "SAML", with(saml, "IDPInit", "yes"), nil},
			{"SHA-1", "Okta", "SAML", with(saml, "RequestSigningAlgorithm", "rsa-sha1"), nil},
			{"metadata that is not there", "Okta", "SAML", details("MetadataURL", url+"/nothing"), nil},
			{"metadata that is cut", "Okta", "SAML", details("MetadataFile", samlMetadata[:len(samlMetadata)-30]), nil},
			{"a document type", "Okta", "SAML", details("MetadataFile", "<!DOCTYPE x>"+samlMetadata), nil},
			{"metadata of a service", "Okta", "SAML", details("MetadataFile", strings.ReplaceAll(samlMetadata, "IDPSSO", "SPSSO")), nil},
			{"an issuer that is not there", "Okta", "OIDC", oidcDetails("http://127.0.0.1:1"), nil},
			{"the issuer of somebody else", "Okta", "OIDC", oidcDetails(url + "/other"), nil},
			{"an issuer with a slash", "Okta", "OIDC", oidcDetails(url + "/"), nil},
			{"an issuer that is no address", "Okta", "OIDC", oidcDetails("okta"), nil},
			{"another method", "Okta", "OIDC", with(oidc, "attributes_request_method", "PUT"), nil},
			{"an attribute that the pool lacks", "Okta", "OIDC", oidc, details("custom:x", "x")},
			{"sub as a target", "Okta", "OIDC", oidc, details("sub", "sub")},
			{"a username of another claim", "Okta", "OIDC", oidc, details("username", "email")},
			{"a version that is none", "Facebook", "Facebook", with(social, "api_version", "19"), nil},
			{"a cloud's metadata service", "Okta", "SAML", details("MetadataURL", "http://169.254.169.254/latest"), nil},
		} {
			t.Run(tt.what, func(t *testing.T) {
				_, err := a.createProvider(t, tt.name, tt.kind, tt.details, tt.mapping)
				refused[*types.InvalidParameterException](t, err, "")
			})
		}
		all, err := a.ListIdentityProviders(t.Context(), &idp.ListIdentityProvidersInput{UserPoolId: &a.pool})
		must(t, err)
		if len(all.Providers) != 0 {
			t.Errorf("refusals left %v", all.Providers)
		}
	})
}

func TestProvidersArePagedAndAllowedToClients(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		for i := range 7 {
			_, err := a.createProvider(t, fmt.Sprintf("Okta%d", i), "SAML", details("MetadataFile", samlMetadata), nil)
			must(t, err)
		}
		var names []string
		pages := idp.NewListIdentityProvidersPaginator(a, &idp.ListIdentityProvidersInput{UserPoolId: &a.pool, MaxResults: aws.Int32(3)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			must(t, err)
			for _, p := range page.Providers {
				names = append(names, *p.ProviderName)
				if p.ProviderType != "SAML" || p.CreationDate == nil || p.LastModifiedDate == nil {
					t.Errorf("listed as %+v", p)
				}
			}
		}
		if len(names) != 7 || len(slices.Compact(slices.Sorted(slices.Values(names)))) != 7 {
			t.Errorf("listed %v", names)
		}
		allow := func(names ...string) error {
			_, err := a.UpdateUserPoolClient(ctx, &idp.UpdateUserPoolClientInput{UserPoolId: &a.pool, ClientId: &a.clientID, SupportedIdentityProviders: names})
			return err
		}
		must(t, allow("COGNITO", "Okta3"))
		refused[*types.InvalidParameterException](t, allow("okta3"), "The provider okta3 does not exist for User Pool "+a.pool+".")
		other := newApp(t, a.srv, nil, nil)
		_, err := other.CreateUserPoolClient(ctx, &idp.CreateUserPoolClientInput{UserPoolId: &other.pool, ClientName: aws.String("x"), SupportedIdentityProviders: []string{"Okta3"}})
		refused[*types.InvalidParameterException](t, err, "The provider Okta3 does not exist for User Pool "+other.pool+".")

		// A provider that goes stays in the settings of clients.
		_, err = a.DeleteIdentityProvider(ctx, &idp.DeleteIdentityProviderInput{UserPoolId: &a.pool, ProviderName: aws.String("Okta3")})
		must(t, err)
		got, err := a.DescribeUserPoolClient(ctx, &idp.DescribeUserPoolClientInput{UserPoolId: &a.pool, ClientId: &a.clientID})
		must(t, err)
		if diff := cmp.Diff([]string{"COGNITO", "Okta3"}, got.UserPoolClient.SupportedIdentityProviders); diff != "" {
			t.Errorf("providers of the client (-want +got):\n%s", diff)
		}
	})
}
