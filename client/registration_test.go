package client_test

import (
	"errors"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/client"
)

func TestAUserRegistersConfirmsAndSignsIn(t *testing.T) {
	t.Parallel()
	for name, secret := range map[string]bool{"a public client": false, "a client with a secret": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := live(t, setup{app: func(c *idp.CreateUserPoolClientInput) { c.GenerateSecret = secret }})
			made, err := a.SignUp(t.Context(), client.SignUp{
				Username: "ann", Password: password, Attributes: []client.Attribute{{Name: "email", Value: "ann@example.com"}},
			})
			must(t, err)
			if made.Confirmed || made.Sub == "" || made.CodeDelivery == nil || *made.CodeDelivery != (client.CodeDelivery{Attribute: "email", Medium: "EMAIL", Destination: "a***@e***"}) {
				t.Errorf("signed up: %+v, code to %+v", made, made.CodeDelivery)
			}
			ann := made.User
			_, err = ann.SignIn(t.Context(), client.SignIn{Password: password})
			refused[*types.UserNotConfirmedException](t, err)
			a.nextCode(t, "ann@example.com")
			again, err := ann.ResendConfirmationCode(t.Context())
			must(t, err)
			if again.Destination != "a***@e***" {
				t.Errorf("sent again to %+v", again)
			}
			err = ann.ConfirmRegistration(t.Context(), "not-the-code", false)
			refused[*types.CodeMismatchException](t, err)
			var e *client.Error
			if !errors.As(err, &e) || e.Code != "CodeMismatchException" || e.StatusCode != 400 || e.RequestID == "" || e.Operation != "ConfirmSignUp" {
				t.Errorf("the error is %+v", e)
			}
			must(t, ann.ConfirmRegistration(t.Context(), a.nextCode(t, "ann@example.com"), false))

			session := signedIn(t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
			if got := session.IDToken.Claims()["sub"]; got != made.Sub {
				t.Errorf("the ID token is of %v, want %s", got, made.Sub)
			}
			current, err := a.CurrentUser(t.Context())
			must(t, err)
			if current.Username() != "ann" {
				t.Errorf("the current user is %s", current.Username())
			}
			_, err = a.SignUp(t.Context(), client.SignUp{Username: "ann", Password: password})
			refused[*types.UsernameExistsException](t, err)

			sent, err := ann.ForgotPassword(t.Context())
			must(t, err)
			if sent.Medium != "EMAIL" {
				t.Errorf("sent to %+v", sent)
			}
			must(t, ann.ConfirmPassword(t.Context(), a.nextCode(t, "ann@example.com"), "An0ther-horse!"))
			must(t, ann.ChangePassword(t.Context(), "An0ther-horse!", password))
			signedIn(t)(ann.SignIn(t.Context(), client.SignIn{Password: password}))
		})
	}
}

func TestAForcedAliasMovesToTheNewUser(t *testing.T) {
	t.Parallel()
	a := live(t, setup{pool: func(p *idp.CreateUserPoolInput) { p.AliasAttributes = []types.AliasAttributeType{"email"} }})
	a.addUser(t, "old", "email", "shared@example.com", "email_verified", "true")
	made, err := a.SignUp(t.Context(), client.SignUp{
		Username: "new", Password: password, Attributes: []client.Attribute{{Name: "email", Value: "shared@example.com"}},
	})
	must(t, err)
	code := a.srv.Code(t, "shared@example.com")
	refused[*types.AliasExistsException](t, made.User.ConfirmRegistration(t.Context(), code, false))
	must(t, made.User.ConfirmRegistration(t.Context(), code, true))
	u := signIn(t, a.Pool, "shared@example.com")
	if u.Username() != "new" {
		t.Errorf("the alias leads to %s", u.Username())
	}
}

func TestAConfirmedRegistrationSignsInWithoutAnotherQuestion(t *testing.T) {
	t.Parallel()
	a := live(t, setup{pool: func(p *idp.CreateUserPoolInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{
			AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"},
		}}
	}})
	made, err := a.SignUp(t.Context(), client.SignUp{Username: "ann", Attributes: []client.Attribute{{Name: "email", Value: "ann@example.com"}}})
	must(t, err)
	must(t, made.User.ConfirmRegistration(t.Context(), a.srv.Code(t, "ann@example.com"), false))
	signedIn(t)(made.User.SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice}))
	_, err = a.another().User("ann").SignIn(t.Context(), client.SignIn{Flow: client.FlowChoice})
	must(t, err)
}

func TestMetadataReachesTheTriggers(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	h.answer("PreSignUp_SignUp", func(event) any { return map[string]any{"autoConfirmUser": true} })
	a := live(t, setup{options: h.options(), pool: func(p *idp.CreateUserPoolInput) {
		p.LambdaConfig = &types.LambdaConfigType{PreSignUp: &hookARN, PreAuthentication: &hookARN}
	}})
	made, err := a.SignUp(t.Context(), client.SignUp{
		Username: "ann", Password: password, ValidationData: []client.Attribute{{Name: "invited", Value: "yes"}}, ClientMetadata: map[string]string{"from": "sign-up"},
	})
	must(t, err)
	if !made.Confirmed {
		t.Error("the trigger has not confirmed the user")
	}
	asked := h.seen(t, "PreSignUp_SignUp")
	if data, _ := asked.Request["validationData"].(map[string]any); data["invited"] != "yes" {
		t.Errorf("validation data: %v", asked.Request)
	}
	if data, _ := asked.Request["clientMetadata"].(map[string]any); data["from"] != "sign-up" {
		t.Errorf("metadata: %v", asked.Request)
	}
	ann := made.User.WithMetadata(map[string]string{"from": "sign-in"})
	signedIn(t)(ann.SignIn(t.Context(), client.SignIn{Password: password, ValidationData: map[string]string{"captcha": "ok"}}))
	if data, _ := h.seen(t, "PreAuthentication_Authentication").Request["validationData"].(map[string]any); data["captcha"] != "ok" || data["from"] != nil {
		t.Errorf("validation data of the sign-in: %v", data)
	}
	if made.User.Username() != ann.Username() {
		t.Error("the user with metadata is another one")
	}
}
