package client_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/descope/virtualwebauthn"

	"github.com/cenote-id/cenote/client"
)

func TestUsersReadAndChangeTheirAttributes(t *testing.T) {
	t.Parallel()
	var s spy
	a := live(t, setup{config: s.config})
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true", "nickname", "Ännchen 💧")
	ann := signIn(t, a.Pool, "ann")
	attributes, err := ann.Attributes(t.Context())
	must(t, err)
	if !has(attributes, "nickname", "Ännchen 💧") || !has(attributes, "email_verified", "true") {
		t.Errorf("attributes: %v", attributes)
	}
	session, err := ann.Session(t.Context())
	must(t, err)
	var claims struct {
		Nickname string
		Verified bool `json:"email_verified"`
	}
	must(t, session.IDToken.Decode(&claims))
	if claims.Nickname != "Ännchen 💧" || !claims.Verified {
		t.Errorf("claims: %+v", claims)
	}

	for range 3 {
		d, err := ann.Data(t.Context())
		must(t, err)
		if d.Username != "ann" || !has(d.UserAttributes, "email", "ann@example.com") {
			t.Errorf("data: %+v", d)
		}
	}
	if n := s.count("GetUser"); n != 2 {
		t.Errorf("Data asked the service %d times more than once", n-2)
	}
	sent, err := ann.UpdateAttributes(t.Context(), client.Attribute{Name: "email", Value: "new@example.com"}, client.Attribute{Name: "nickname", Value: "Anna"})
	must(t, err)
	if len(sent) != 1 || sent[0].Destination != "n***@e***" || sent[0].Attribute != "email" {
		t.Errorf("codes were sent to %+v", sent)
	}
	d, err := ann.Data(t.Context())
	must(t, err)
	if !has(d.UserAttributes, "nickname", "Anna") || !has(d.UserAttributes, "email_verified", "false") {
		t.Errorf("after the change: %v", d.UserAttributes)
	}
	refused[*types.CodeMismatchException](t, ann.VerifyAttribute(t.Context(), "email", wrong(a.srv.Code(t, "new@example.com"))))
	must(t, ann.VerifyAttribute(t.Context(), "email", a.srv.Code(t, "new@example.com")))
	must(t, ann.DeleteAttributes(t.Context(), "nickname"))
	d, err = ann.Data(t.Context())
	must(t, err)
	if has(d.UserAttributes, "nickname", "Anna") || !has(d.UserAttributes, "email_verified", "true") {
		t.Errorf("after the deletion: %v", d.UserAttributes)
	}
	if _, err := ann.FetchData(t.Context()); err != nil {
		t.Error(err)
	}
	again, err := ann.AttributeVerificationCode(t.Context(), "email")
	must(t, err)
	if again.Destination != "n***@e***" {
		t.Errorf("sent to %+v", again)
	}
}

func TestAttributesHaveTheJSONOfTheService(t *testing.T) {
	t.Parallel()
	a := client.Attribute{Name: "email", Value: "ann@example.com"}
	const want = `{"Name":"email","Value":"ann@example.com"}`
	if a.String() != want {
		t.Errorf("got %s, want %s", a, want)
	}
	var back client.Attribute
	must(t, json.Unmarshal([]byte(want), &back))
	if back != a {
		t.Errorf("got %+v back", back)
	}
}

func TestUsersSeeAndEndTheirSessions(t *testing.T) {
	t.Parallel()
	a := live(t, setup{})
	body := `{"UserPoolId":"` + a.ID() + `","UserSessionTracking":"ENABLED","TokenSession":{"MaxPerUser":10}}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.srv.URL+"/", strings.NewReader(body)) // the SDK lacks the operation
	must(t, err)
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.SetUserPoolSessionConfiguration")
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	must(t, res.Body.Close())
	if res.StatusCode != http.StatusOK {
		t.Fatalf("SetUserPoolSessionConfiguration: %s", res.Status)
	}
	a.advance(t, time.Second)
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	other := signIn(t, a.another(), "ann")
	list, err := ann.ActiveSessions(t.Context())
	must(t, err)
	if len(list) != 2 {
		t.Fatalf("sessions: %+v", list)
	}
	for _, s := range list {
		if s.ID == "" || s.ClientID != a.ClientID() || s.Created.IsZero() || s.LastIP == "" {
			t.Errorf("session %+v", s)
		}
		if !s.Current {
			must(t, ann.RevokeSession(t.Context(), s.ID))
		}
	}
	if _, err := other.Attributes(t.Context()); client.Code(err) != "NotAuthorizedException" {
		t.Errorf("the ended session: %v", err)
	}
	err = ann.RevokeSession(t.Context(), "none such")
	if client.Code(err) == "" || client.Code(err) == client.NetworkError {
		t.Errorf("an unknown session: %v", err)
	}
	_, err = ann.Attributes(t.Context())
	must(t, err)
}

func TestPasskeysAreRegisteredUsedAndDeleted(t *testing.T) {
	t.Parallel()
	a := live(t, setup{
		pool: func(p *idp.CreateUserPoolInput) {
			p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{
				AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "WEB_AUTHN"},
			}}
		},
		mfa: &idp.SetUserPoolMfaConfigInput{
			MfaConfiguration:      types.UserPoolMfaTypeOff,
			WebAuthnConfiguration: &types.WebAuthnConfigurationType{RelyingPartyId: aws.String("example.com"), UserVerification: "preferred"},
		},
	})
	a.addUser(t, "ann")
	ann := signIn(t, a.Pool, "ann")
	rp := virtualwebauthn.RelyingParty{ID: "example.com", Origin: "https://login.example.com"}
	device, key := virtualwebauthn.NewAuthenticator(), virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeRSA)
	options, err := ann.StartPasskeyRegistration(t.Context())
	must(t, err)
	creation, err := virtualwebauthn.ParseAttestationOptions(string(options))
	must(t, err)
	device.Options.UserHandle = []byte(creation.UserID)
	must(t, ann.CompletePasskeyRegistration(t.Context(), json.RawMessage(virtualwebauthn.CreateAttestationResponse(rp, device, key, *creation))))
	device.AddCredential(key)
	list, err := ann.Passkeys(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].ID == "" || list[0].RelyingPartyID != "example.com" || list[0].Created.IsZero() {
		t.Fatalf("passkeys: %+v", list)
	}

	in := client.SignIn{Flow: client.FlowChoice, Prefer: client.FactorPasskey}
	c := asked[*client.PasskeyRequired](t)(a.another().User("ann").SignIn(t.Context(), in))
	assertion, err := virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + string(c.Options) + `}`)
	must(t, err)
	signedIn(t)(c.Answer(t.Context(), json.RawMessage(virtualwebauthn.CreateAssertionResponse(rp, device, key, *assertion))))
	c = asked[*client.PasskeyRequired](t)(a.another().User("ann").SignIn(t.Context(), in))
	signedIn(t)(asked[*client.PasswordRequired](t)(c.Choose(t.Context(), client.FactorPassword)).Answer(t.Context(), password))

	must(t, ann.DeletePasskey(t.Context(), list[0].ID))
	list, err = ann.Passkeys(t.Context())
	must(t, err)
	if len(list) != 0 {
		t.Errorf("left over: %+v", list)
	}
}
