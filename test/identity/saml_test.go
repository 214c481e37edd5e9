package identity_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	ci "github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	citypes "github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/standin"
)

const (
	corp         = "arn:aws:iam::000000000000:saml-provider/Corp"
	unregistered = "arn:aws:iam::000000000000:saml-provider/Other"
	unlisted     = "arn:aws:iam::000000000000:saml-provider/Unlisted"
	awsAudience  = "urn:amazon:webservices"
	awsRecipient = "https://signin.aws.amazon.com/saml"
)

// samlSite is a site whose identity pool takes assertions of a SAML provider.
type samlSite struct {
	*site
	provider *standin.Provider
}

func newSAMLSite(t testing.TB, database string) *samlSite {
	t.Helper()
	s := &samlSite{}
	s.provider = standin.New("https://idp.example.com", func() time.Time { return s.Now() })
	folder := t.TempDir()
	metadata := filepath.Join(folder, "metadata.xml")
	must(t, writeFile(metadata, metadataOf(t, s.provider)))
	config := filepath.Join(folder, "cenote.yaml")
	must(t, writeFile(config, "saml-providers:\n  "+corp+": "+metadata+"\n  "+unlisted+": "+metadata+"\n"))
	o := options(database)
	if o.Settings == nil {
		o.Settings = map[string]string{}
	}
	o.Settings["config"] = config
	s.site = newSite(t, o, func(in *ci.CreateIdentityPoolInput) { in.SamlProviderARNs = []string{corp, unregistered} })
	return s
}

func metadataOf(t testing.TB, p *standin.Provider) string {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, standin.Path+"saml/metadata", nil))
	return w.Body.String()
}

// assertion returns a response about the person, as an application gets it, which answers a request of the application's.
func (s *samlSite) assertion(t testing.TB, person string, fault standin.Fault) string {
	t.Helper()
	raw, err := s.provider.Response(standin.Person{"sub": person, "team": "blue"}, fault, awsRecipient, awsAudience, "_of_the_application")
	must(t, err)
	return raw
}

func TestAssertionsAreLogins(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database)
		first := map[string]string{corp: s.assertion(t, "ann", "")}
		ann := s.getID(t, first)
		out, err := s.credentials(t, ann, first) // the same assertion, as the SDKs send it
		must(t, err)
		if *out.IdentityId != ann || *out.Credentials.AccessKeyId == "" {
			t.Errorf("credentials %+v", out)
		}
		if again := s.getID(t, map[string]string{corp: s.assertion(t, "ann", "")}); again != ann {
			t.Errorf("another assertion of the same person leads to %s, not %s", again, ann)
		}
		if bob := s.getID(t, map[string]string{corp: s.assertion(t, "bob", "")}); bob == ann {
			t.Error("two people are one identity")
		}
		guest := s.getID(t, nil)
		open, err := s.ids.GetOpenIdToken(t.Context(), &ci.GetOpenIdTokenInput{IdentityId: &guest, Logins: map[string]string{corp: s.assertion(t, "carl", "")}})
		must(t, err)
		amr, _ := verify(t, s.URL, *open.Token)["amr"].([]any)
		if *open.IdentityId != guest || len(amr) != 3 || amr[1] != corp || amr[2] != corp+":SAML:carl" {
			t.Errorf("a guest who signed in is %s with %v", *open.IdentityId, amr)
		}
		described, err := s.ids.DescribeIdentity(t.Context(), &ci.DescribeIdentityInput{IdentityId: &guest})
		must(t, err)
		if len(described.Logins) != 1 || described.Logins[0] != corp {
			t.Errorf("logins %v", described.Logins)
		}
		// Roles by what the provider says.
		_, err = s.ids.SetIdentityPoolRoles(t.Context(), &ci.SetIdentityPoolRolesInput{
			IdentityPoolId: &s.pool, Roles: map[string]string{"authenticated": members},
			RoleMappings: map[string]citypes.RoleMapping{corp: {
				Type: "Rules", AmbiguousRoleResolution: "Deny",
				RulesConfiguration: &citypes.RulesConfigurationType{Rules: []citypes.MappingRule{{Claim: ptr("team"), MatchType: "Equals", Value: ptr("red"), RoleARN: ptr(admins)}}},
			}},
		})
		must(t, err)
		_, err = s.credentials(t, ann, map[string]string{corp: s.assertion(t, "ann", "")})
		refused(t, err, "NotAuthorizedException", "The ambiguous role mapping rules for: "+corp+" denied this request.")
	})
}

func TestAssertionsThatAreNoLogins(t *testing.T) {
	databases(t, func(t *testing.T, database string) {
		s := newSAMLSite(t, database)
		ask := func(arn, raw string) error {
			_, err := s.ids.GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &s.pool, Logins: map[string]string{arn: raw}})
			return err
		}
		const forged = "Invalid login token. Couldn't verify signed token."
		for fault, want := range map[standin.Fault]string{
			standin.BadSignature: forged, standin.UnsignedAssertion: forged, standin.OtherIssuer: forged, standin.OtherRecipient: forged, standin.Denied: forged,
			standin.NoSubject: forged, standin.OtherAudience: "Incorrect token audience.", standin.Early: "Invalid login token. Token expired",
			standin.Expired: "Invalid login token. Token expired",
		} {
			refused(t, ask(corp, s.assertion(t, "ann", fault)), "NotAuthorizedException", want)
		}
		refused(t, ask(corp, "%"), "InvalidParameterException", "Invalid base64 SAMLResponse")
		refused(t, ask(corp, base64.StdEncoding.EncodeToString([]byte("<!DOCTYPE x><x/>"))), "NotAuthorizedException", forged)
		const foreign = "Token is not from a supported provider of this identity pool."
		refused(t, ask(unregistered, s.assertion(t, "ann", "")), "NotAuthorizedException", foreign)
		refused(t, ask(unlisted, s.assertion(t, "ann", "")), "NotAuthorizedException", foreign)
		refused(t, ask("arn:aws:iam::000000000000:saml-provider/Nobody", s.assertion(t, "ann", "")), "NotAuthorizedException", foreign)

		// An assertion for a user pool is none for an identity pool.
		raw, err := s.provider.Response(standin.Person{"sub": "ann"}, "", s.URL+"/saml2/idpresponse", "urn:amazon:cognito:sp:"+s.users, "")
		must(t, err)
		if err := ask(corp, raw); err == nil {
			t.Error("an assertion for a user pool is taken")
		}
		// Each operation takes an assertion once, and none when it is old.
		logins := map[string]string{corp: s.assertion(t, "ann", "")}
		late := s.assertion(t, "ann", "")
		id := s.getID(t, logins)
		refused(t, ask(corp, logins[corp]), "NotAuthorizedException", "Invalid login token. Token has been used before.")
		_, err = s.credentials(t, id, logins)
		must(t, err)
		_, err = s.credentials(t, id, logins)
		refused(t, err, "NotAuthorizedException", "Invalid login token. Token has been used before.")
		s.Advance(t, 7*time.Minute)
		refused(t, ask(corp, late), "NotAuthorizedException", "Invalid login token. Token expired")
		_, err = s.credentials(t, id, nil)
		refused(t, err, "NotAuthorizedException", "Access to Identity '"+id+"' is forbidden.")
	})
}

func TestMetadataOfARegisteredProviderIsFetched(t *testing.T) {
	t.Parallel()
	s := &samlSite{}
	s.provider = standin.New("https://idp.example.com", func() time.Time { return s.Now() })
	away := false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		r.URL.Path = standin.Path + "saml/metadata"
		s.provider.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	config := filepath.Join(t.TempDir(), "cenote.yaml")
	must(t, writeFile(config, "saml-providers:\n  "+corp+": "+server.URL+"\n  "+unregistered+": http://127.0.0.1:1\n"))
	s.site = newSite(t, cenotetest.Options{Settings: map[string]string{"config": config}}, func(in *ci.CreateIdentityPoolInput) { in.SamlProviderARNs = []string{corp, unregistered} })
	ask := func(arn string, fault standin.Fault) error {
		_, err := s.ids.GetId(t.Context(), &ci.GetIdInput{IdentityPoolId: &s.pool, Logins: map[string]string{arn: s.assertion(t, "ann", fault)}})
		return err
	}
	must(t, ask(corp, ""))
	refused(t, ask(unregistered, ""), "ExternalServiceException", "The identity provider could not be reached.")
	s.provider.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, standin.Path+"keys", nil))
	refused(t, ask(corp, ""), "NotAuthorizedException", "Invalid login token.")
	s.Advance(t, 5*time.Hour)
	away = true
	must(t, ask(corp, standin.RetiredKey)) // what is known counts on
	away = false
	s.Advance(t, 2*time.Minute)
	must(t, ask(corp, ""))
	refused(t, ask(corp, standin.RetiredKey), "NotAuthorizedException", "Invalid login token.")
}
