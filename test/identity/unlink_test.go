package identity_test

import (
	"slices"
	"testing"

	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// Whoever knows the id of an identity that has lost its logins is neither a guest there nor its new owner.
func TestAnIdentityWithoutItsLoginsIsOutOfReach(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, cenotetest.Options{Database: database}, nil)
		const provider, byToken = "login.example.com", "cognito-identity.amazonaws.com"
		ann, _ := s.signIn(t, "ann")
		eve, _ := s.signIn(t, "eve")
		annID := s.getID(t, map[string]string{s.key: ann})
		dan, err := s.ids.GetOpenIdTokenForDeveloperIdentity(t.Context(), &ci.GetOpenIdTokenForDeveloperIdentityInput{
			IdentityPoolId: &s.pool, Logins: map[string]string{provider: "dan"},
		})
		must(t, err)
		_, err = s.ids.UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &annID, Logins: map[string]string{s.key: ann}, LoginsToRemove: []string{s.awsForm}})
		must(t, err)
		_, err = s.ids.UnlinkDeveloperIdentity(t.Context(), &ci.UnlinkDeveloperIdentityInput{
			IdentityPoolId: &s.pool, IdentityId: dan.IdentityId, DeveloperProviderName: ptr(provider), DeveloperUserIdentifier: ptr("dan"),
		})
		must(t, err)
		for _, id := range []string{annID, *dan.IdentityId} {
			for login, logins := range map[string]map[string]string{"no login": nil, "eve's": {s.key: eve}, "dan's": {byToken: *dan.Token}, "ann's": {s.key: ann}} {
				_, err := s.credentials(t, id, logins)
				if err == nil {
					t.Errorf("%s leads to %s", login, id)
				}
			}
			_, err := s.ids.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &id})
			refused(t, err, "NotAuthorizedException", "Access to Identity '"+id+"' is forbidden.")
		}
		anew := s.getID(t, map[string]string{s.key: ann})
		if anew == annID {
			t.Error("an unlinked login leads to its old identity")
		}
		shown, err := s.ids.ListIdentities(t.Context(), &ci.ListIdentitiesInput{IdentityPoolId: &s.pool, MaxResults: ptr(int32(60)), HideDisabled: true})
		must(t, err)
		if len(shown.Identities) != 1 || *shown.Identities[0].IdentityId != anew {
			t.Errorf("%d identities are shown", len(shown.Identities))
		}
		_, err = s.ids.UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &anew, Logins: map[string]string{s.key: ann}, LoginsToRemove: []string{s.key}})
		must(t, err)
		if again := s.getID(t, map[string]string{s.key: ann}); again == anew {
			t.Error("a login is not unlinked by the name under which it was shown")
		}
		guest := s.getID(t, nil)
		_, err = s.ids.UnlinkIdentity(t.Context(), &ci.UnlinkIdentityInput{IdentityId: &guest, Logins: map[string]string{}, LoginsToRemove: []string{s.awsForm}})
		must(t, err)
		_, err = s.credentials(t, guest, nil)
		must(t, err) // a guest has no login to lose
	})
}

func TestSettingsThatNoIdentityPoolCanHave(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, cenotetest.Options{Database: database}, nil)
		create := func(change func(*ci.CreateIdentityPoolInput)) error {
			in := &ci.CreateIdentityPoolInput{IdentityPoolName: ptr("app"), AllowUnauthenticatedIdentities: true}
			change(in)
			_, err := s.ids.CreateIdentityPool(t.Context(), in)
			return err
		}
		for _, name := range []string{s.users, "https://" + s.awsForm, s.awsForm + "/", "cognito-idp.us-east-1.amazonaws.com", "host/pool"} {
			refused(t, create(func(in *ci.CreateIdentityPoolInput) {
				in.CognitoIdentityProviders = []citypes.CognitoIdentityProvider{{ProviderName: &name, ClientId: &s.client}}
			}), "InvalidParameterException", "Invalid Cognito Identity Provider")
		}
		refused(t, create(func(in *ci.CreateIdentityPoolInput) { in.IdentityPoolTags = map[string]string{"aws:cost": "x"} }),
			"InvalidParameterException", "Tag keys beginning with aws: are reserved: aws:cost")

		for _, name := range []string{"graph.facebook.com", "accounts.google.com", "cognito-identity.amazonaws.com", "login.example.com"} {
			refused(t, create(func(in *ci.CreateIdentityPoolInput) {
				in.DeveloperProviderName = &name
				in.OpenIdConnectProviderARNs = []string{"arn:aws:iam::000000000000:oidc-provider/login.example.com"}
			}), "InvalidParameterException", "Invalid developer provider name: "+name)
		}
		made, err := s.ids.CreateIdentityPool(t.Context(), &ci.CreateIdentityPoolInput{IdentityPoolName: ptr("app"), DeveloperProviderName: ptr("login.example.com")})
		must(t, err)
		_, err = s.ids.UpdateIdentityPool(t.Context(), &ci.UpdateIdentityPoolInput{
			IdentityPoolId: made.IdentityPoolId, IdentityPoolName: ptr("app"), OpenIdConnectProviderARNs: []string{"arn:aws:iam::000000000000:oidc-provider/login.example.com"},
		})
		refused(t, err, "InvalidParameterException", "Invalid developer provider name: login.example.com")

		const saml = "arn:aws:iam::000000000000:saml-provider/corp"
		must(t, create(func(in *ci.CreateIdentityPoolInput) { in.SamlProviderARNs = []string{saml} }))
		rules := citypes.RoleMapping{Type: "Token", AmbiguousRoleResolution: "Deny"}
		for _, key := range []string{saml, "graph.facebook.com", s.awsForm, s.awsForm + ":other", s.key + ":" + s.client} {
			_, err := s.ids.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
				IdentityPoolId: &s.pool, Roles: map[string]string{}, RoleMappings: map[string]citypes.RoleMapping{s.awsForm + ":" + s.client: rules, key: rules},
			})
			refused(t, err, "InvalidParameterException", "("+key+") is not a valid RoleMapping ProviderName or is not a configured provider.")
		}
		got, err := s.ids.GetIdentityPoolRoles(t.Context(), &ci.GetIdentityPoolRolesInput{IdentityPoolId: &s.pool})
		must(t, err)
		if len(got.RoleMappings) != 0 || !slices.Equal([]string{got.Roles["authenticated"], got.Roles["unauthenticated"]}, []string{members, guests}) {
			t.Errorf("roles after the refusals: %v, mappings %v", got.Roles, got.RoleMappings)
		}
	})
}

func TestARefusedClassicFlowLinksNothing(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSite(t, cenotetest.Options{Database: database}, func(in *ci.CreateIdentityPoolInput) { in.AllowClassicFlow = nil })
		guest := s.getID(t, nil)
		ann, _ := s.signIn(t, "ann")
		_, err := s.ids.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &guest, Logins: map[string]string{s.key: ann}})
		refused(t, err, "InvalidParameterException", "Basic (classic) flow is not enabled, please use enhanced flow.")
		_, err = s.credentials(t, guest, nil)
		must(t, err) // still a guest
	})
}
