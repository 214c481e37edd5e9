package flows

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/client/srp"
)

// newChoiceApp makes a pool whose users sign in by a password or a one-time code, as they choose.
func newChoiceApp(t testing.TB, in *idp.SetUserPoolMfaConfigInput, change func(*idp.CreateUserPoolInput, *idp.CreateUserPoolClientInput)) *factorApp {
	t.Helper()
	return newFactorApp(t, in, func(p *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "SMS_OTP"}}}
		p.AutoVerifiedAttributes = []types.VerifiedAttributeType{"email", "phone_number"}
		if change != nil {
			change(p, c)
		}
	})
}

func (a *factorApp) choose(t testing.TB, pairs ...string) *idp.InitiateAuthOutput {
	t.Helper()
	out, err := a.start(t, "USER_AUTH", pairs...)
	factorMust(t, err)
	return out
}

// wantChoice expects a challenge with the challenges that the user could have chosen.
func wantChoice(t testing.TB, out *idp.InitiateAuthOutput, want types.ChallengeNameType, available ...types.ChallengeNameType) {
	t.Helper()
	if out.ChallengeName != want || out.Session == nil || out.AuthenticationResult != nil {
		t.Errorf("the challenge is %q, want %q", out.ChallengeName, want)
	}
	if diff := cmp.Diff(available, out.AvailableChallenges); diff != "" {
		t.Errorf("available (-want +got):\n%s", diff)
	}
}

var passwords = []types.ChallengeNameType{"PASSWORD_SRP", "PASSWORD"}

func TestAUserChoosesHowToSignIn(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, nil)
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true", "phone_number", "+15555550123")
	byMail := append(passwords[:2:2], "EMAIL_OTP") // the number is not verified

	out := a.choose(t, "USERNAME", "ann")
	wantChoice(t, out, "SELECT_CHALLENGE", byMail...)
	if len(out.ChallengeParameters) != 0 {
		t.Errorf("parameters %v", out.ChallengeParameters)
	}
	for _, unavailable := range []string{"SMS_OTP", "WEB_AUTHN"} {
		wantChoice(t, a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", unavailable), "SELECT_CHALLENGE", byMail...)
	}
	_, err := a.start(t, "USER_AUTH", "USERNAME", "ann", "PREFERRED_CHALLENGE", "NONSENSE")
	factorRefused(t, err, "InvalidParameterException", "")
	_, err = a.start(t, "USER_AUTH")
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter USERNAME")
	_, err = a.start(t, "USER_AUTH", "USERNAME", "ann", "TARGET_ACR_VALUES", "x")
	factorRefused(t, err, "InvalidParameterException", "")

	// The password: with the choice, or when it is asked for.
	if a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", factorPassword).AuthenticationResult == nil {
		t.Error("a preferred password that is right signs nobody in")
	}
	_, err = a.start(t, "USER_AUTH", "USERNAME", "ann", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", "wrong")
	factorRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	asked := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "PASSWORD")
	wantChoice(t, asked, "PASSWORD", byMail...)
	_, err = a.answer(t, "PASSWORD", asked.Session, "USERNAME", "ann", "PASSWORD", "wrong")
	factorRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	a.tokens(t, "PASSWORD", asked.Session, "USERNAME", "ann", "PASSWORD", factorPassword)
}

func TestAChoiceIsAnswered(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, nil)
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	selection := func() *string {
		t.Helper()
		return a.choose(t, "USERNAME", "ann").Session
	}
	_, err := a.answer(t, "SELECT_CHALLENGE", selection(), "USERNAME", "ann")
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter ANSWER")
	for _, choice := range []string{"SMS_OTP", "WEB_AUTHN", "NONSENSE"} {
		_, err = a.answer(t, "SELECT_CHALLENGE", selection(), "USERNAME", "ann", "ANSWER", choice)
		factorRefused(t, err, "InvalidParameterException", "")
	}
	session := selection()
	a.tokens(t, "SELECT_CHALLENGE", session, "USERNAME", "ann", "ANSWER", "PASSWORD", "PASSWORD", factorPassword)
	_, err = a.answer(t, "SELECT_CHALLENGE", session, "USERNAME", "ann", "ANSWER", "PASSWORD", "PASSWORD", factorPassword)
	factorRefused(t, err, "NotAuthorizedException", usedSession)
	asked, err := a.answer(t, "SELECT_CHALLENGE", selection(), "USERNAME", "ann", "ANSWER", "PASSWORD")
	factorMust(t, err)
	if asked.ChallengeName != "PASSWORD" {
		t.Fatalf("the choice is followed by %s", asked.ChallengeName)
	}
	_, err = a.answer(t, "SELECT_CHALLENGE", asked.Session, "USERNAME", "ann", "ANSWER", "PASSWORD")
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	a.tokens(t, "PASSWORD", asked.Session, "USERNAME", "ann", "PASSWORD", factorPassword)

	// A one-time code.
	session = selection()
	sent, err := a.answer(t, "SELECT_CHALLENGE", session, "USERNAME", "ann", "ANSWER", "EMAIL_OTP")
	factorMust(t, err)
	if diff := cmp.Diff(map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***"}, sent.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	_, err = a.answer(t, "SELECT_CHALLENGE", session, "USERNAME", "ann", "ANSWER", "EMAIL_OTP")
	factorRefused(t, err, "NotAuthorizedException", usedSession)
	code := a.srv.Code(t, "ann@example.com")
	if len(code) != 8 {
		t.Errorf("a code of %d digits", len(code))
	}
	for range 6 {
		_, err = a.answer(t, "EMAIL_OTP", sent.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", "123")
		factorRefused(t, err, "CodeMismatchException", wrongCode)
	}
	a.tokens(t, "EMAIL_OTP", sent.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", code)
	_, err = a.answer(t, "EMAIL_OTP", sent.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", code)
	factorRefused(t, err, "NotAuthorizedException", usedSession)

	late := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	a.advance(t, 3*time.Minute)
	_, err = a.answer(t, "EMAIL_OTP", late.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
	factorRefused(t, err, "NotAuthorizedException", expiredSession)
}

func TestSRPIsAChoice(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, nil)
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	e := srp.NewEphemeral()
	prove := func(params map[string]string, session *string, typed string) (*idp.RespondToAuthChallengeOutput, error) {
		t.Helper()
		block, err := base64.StdEncoding.DecodeString(params["SECRET_BLOCK"])
		factorMust(t, err)
		stamp := srp.FormatTimestamp(time.Now().Add(a.offset))
		_, name, _ := cutPool(a.pool)
		proof, err := e.Proof(name, params["USER_ID_FOR_SRP"], typed, params["SALT"], params["SRP_B"], block, stamp)
		factorMust(t, err)
		return a.answer(t, "PASSWORD_VERIFIER", session, "USERNAME", "ann", "PASSWORD_CLAIM_SECRET_BLOCK", params["SECRET_BLOCK"],
			"PASSWORD_CLAIM_SIGNATURE", proof, "TIMESTAMP", stamp)
	}
	at := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", e.A())
	wantChoice(t, at, "PASSWORD_VERIFIER", "PASSWORD_SRP", "PASSWORD", "EMAIL_OTP")
	_, err := prove(at.ChallengeParameters, at.Session, "wrong")
	factorRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	if out, err := prove(at.ChallengeParameters, at.Session, factorPassword); err != nil || out.AuthenticationResult == nil {
		t.Errorf("the proof: %v", err)
	}
	selected, err := a.answer(t, "SELECT_CHALLENGE", a.choose(t, "USERNAME", "ann").Session, "USERNAME", "ann", "ANSWER", "PASSWORD_SRP", "SRP_A", e.A())
	factorMust(t, err)
	if out, err := prove(selected.ChallengeParameters, selected.Session, factorPassword); err != nil || out.AuthenticationResult == nil {
		t.Errorf("the proof after a selection: %v", err)
	}
	asked := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "PASSWORD_SRP")
	if asked.ChallengeName != "PASSWORD_SRP" {
		t.Fatalf("without SRP_A the challenge is %s", asked.ChallengeName)
	}
	begun, err := a.answer(t, "PASSWORD_SRP", asked.Session, "USERNAME", "ann", "SRP_A", e.A())
	factorMust(t, err)
	if out, err := prove(begun.ChallengeParameters, begun.Session, factorPassword); err != nil || out.AuthenticationResult == nil {
		t.Errorf("the proof after a challenge of its own: %v", err)
	}
}

// cutPool takes a pool id apart.
func cutPool(id string) (region, name string, ok bool) {
	for i := range id {
		if id[i] == '_' {
			return id[:i], id[i+1:], true
		}
	}
	return id, "", false
}

func TestCodesAreNoChoiceForWhoNeedsMore(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, mfa("OPTIONAL", "totp"), nil)
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	waiting := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	token := a.password(t, "ann", "").AuthenticationResult.AccessToken
	secret := a.usesTOTP(t, token)
	wantChoice(t, a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "EMAIL_OTP"), "SELECT_CHALLENGE", passwords...)
	_, err := a.answer(t, "EMAIL_OTP", waiting.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
	factorRefused(t, err, "NotAuthorizedException", invalidSession) // the code was sent before the token was turned on
	out, err := a.answer(t, "SELECT_CHALLENGE", a.choose(t, "USERNAME", "ann").Session, "USERNAME", "ann", "ANSWER", "PASSWORD", "PASSWORD", factorPassword)
	factorMust(t, err)
	a.tokens(t, "SOFTWARE_TOKEN_MFA", out.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.totp(t, secret))

	name := "bob"
	_, err = a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: &name, TemporaryPassword: aws.String(factorPassword), MessageAction: "SUPPRESS",
		UserAttributes: factorAttributes("email", "bob@example.com", "email_verified", "true"),
	})
	factorMust(t, err)
	wantChoice(t, a.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", "EMAIL_OTP"), "SELECT_CHALLENGE", passwords...)
	if next := a.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", factorPassword); next.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Errorf("a temporary password is followed by %s", next.ChallengeName)
	}
}

func TestAClientMustAllowTheFlow(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH"}
	})
	_, err := a.start(t, "USER_AUTH", "USERNAME", "ann")
	factorRefused(t, err, "InvalidParameterException", "USER_AUTH is not enabled for the client.")
	out, err := a.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &a.clientID, Username: aws.String("ann"), Password: aws.String(factorPassword), UserAttributes: factorAttributes("email", "ann@example.com"),
	})
	if err != nil || out.Session != nil {
		t.Errorf("SignUp: %v, session %v", err, out.Session)
	}
	_, err = a.SignUp(t.Context(), &idp.SignUpInput{ClientId: &a.clientID, Username: aws.String("bob"), UserAttributes: factorAttributes("email", "bob@example.com")})
	factorRefused(t, err, "InvalidParameterException", "")
}

// signUp signs up without a password and returns the session of the answer.
func (a *factorApp) signUp(t testing.TB, name string) *string {
	t.Helper()
	out, err := a.SignUp(t.Context(), &idp.SignUpInput{ClientId: &a.clientID, Username: &name, UserAttributes: factorAttributes("email", name+"@example.com")})
	factorMust(t, err)
	if out.Session == nil || out.UserConfirmed {
		t.Fatalf("SignUp answers %+v", out)
	}
	return out.Session
}

func (a *factorApp) confirm(t testing.TB, name string, session *string) (*idp.ConfirmSignUpOutput, error) {
	t.Helper()
	return a.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{
		ClientId: &a.clientID, Username: &name, ConfirmationCode: aws.String(a.srv.Code(t, name+"@example.com")), Session: session,
	})
}

func (a *factorApp) goOn(t testing.TB, name string, session *string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	return a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &a.clientID, AuthFlow: "USER_AUTH", Session: session, AuthParameters: factorMap("USERNAME", name, "PREFERRED_CHALLENGE", "EMAIL_OTP"),
	})
}

func TestASignUpGoesOnAsASignIn(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, nil)
	begun := a.signUp(t, "ann")
	_, err := a.goOn(t, "ann", begun)
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	_, err = a.answer(t, "SELECT_CHALLENGE", begun, "USERNAME", "ann", "ANSWER", "EMAIL_OTP")
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	other := a.signUp(t, "bob")
	_, err = a.confirm(t, "ann", other)
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	confirmed, err := a.confirm(t, "ann", begun)
	factorMust(t, err)
	if confirmed.Session == nil {
		t.Fatal("ConfirmSignUp answers no session")
	}
	_, err = a.goOn(t, "bob", confirmed.Session)
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	out, err := a.goOn(t, "ann", confirmed.Session)
	factorMust(t, err)
	if out.AuthenticationResult == nil || factorClaims(t, out.AuthenticationResult.IdToken)["email_verified"] != true {
		t.Errorf("the sign-in answers %s", out.ChallengeName)
	}
	_, err = a.goOn(t, "ann", confirmed.Session)
	factorRefused(t, err, "NotAuthorizedException", usedSession)

	// Later on the code is the only way, so it is sent without a question.
	sent := a.choose(t, "USERNAME", "ann")
	wantChoice(t, sent, "EMAIL_OTP", "EMAIL_OTP")
	a.tokens(t, "EMAIL_OTP", sent.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
	_, err = a.start(t, "USER_PASSWORD_AUTH", "USERNAME", "ann", "PASSWORD", factorPassword)
	factorRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")

	// A code that comes late still confirms, but signs in nobody.
	begun = a.signUp(t, "cid")
	a.advance(t, 4*time.Minute)
	late, err := a.confirm(t, "cid", begun)
	factorMust(t, err)
	if late.Session != nil {
		t.Error("a session whose time is over is exchanged")
	}
	_, err = a.confirm(t, "bob", nil)
	factorMust(t, err)
}

func TestASignUpGoesOnToTheSetUpOfAFactor(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "totp"), func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.AutoVerifiedAttributes = []types.VerifiedAttributeType{"email"}
	})
	name := "ann"
	_, err := a.SignUp(t.Context(), &idp.SignUpInput{ClientId: &a.clientID, Username: &name, UserAttributes: factorAttributes("email", "ann@example.com")})
	factorRefused(t, err, "InvalidParameterException", "") // nobody signs in without a password here
	begun, err := a.SignUp(t.Context(), &idp.SignUpInput{
		ClientId: &a.clientID, Username: &name, Password: aws.String(factorPassword), UserAttributes: factorAttributes("email", "ann@example.com"),
	})
	factorMust(t, err)
	confirmed, err := a.confirm(t, name, begun.Session)
	factorMust(t, err)
	out, err := a.goOn(t, name, confirmed.Session)
	factorMust(t, err)
	if out.ChallengeName != "MFA_SETUP" || out.AuthenticationResult != nil {
		t.Errorf("the sign-in answers %q", out.ChallengeName)
	}
}

func TestAdministratorsMakeUsersWithoutAPassword(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, nil)
	make := func(name string, attributes ...string) types.UserStatusType {
		t.Helper()
		out, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: &name, UserAttributes: factorAttributes(attributes...)})
		factorMust(t, err)
		return out.User.UserStatus
	}
	if got := make("ann", "phone_number", "+15555550123", "phone_number_verified", "true"); got != "CONFIRMED" {
		t.Errorf("with a verified number the status is %s", got)
	}
	if got := make("bob", "email", "bob@example.com"); got != "FORCE_CHANGE_PASSWORD" {
		t.Errorf("with an address that no code can go to the status is %s", got)
	}
	sent := a.choose(t, "USERNAME", "ann")
	wantChoice(t, sent, "SMS_OTP", "SMS_OTP")
	_, err := a.answer(t, "SMS_OTP", sent.Session, "USERNAME", "ann", "SMS_MFA_CODE", a.srv.Code(t, "+15555550123"))
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter SMS_OTP_CODE")
	tokens := a.tokens(t, "SMS_OTP", sent.Session, "USERNAME", "ann", "SMS_OTP_CODE", a.srv.Code(t, "+15555550123"))
	factors, err := a.GetUserAuthFactors(t.Context(), &idp.GetUserAuthFactorsInput{AccessToken: tokens.AccessToken})
	factorMust(t, err)
	if diff := cmp.Diff([]types.AuthFactorType{"SMS_OTP"}, factors.ConfiguredUserAuthFactors); diff != "" {
		t.Errorf("factors (-want +got):\n%s", diff)
	}
	_, err = a.ChangePassword(t.Context(), &idp.ChangePasswordInput{AccessToken: tokens.AccessToken, ProposedPassword: aws.String(factorPassword)})
	factorMust(t, err)
	wantChoice(t, a.choose(t, "USERNAME", "ann"), "SELECT_CHALLENGE", "PASSWORD_SRP", "PASSWORD", "SMS_OTP")
}

// nobody returns a name of the form that nobody has and the challenge that it is asked, which is the preferred one. What an unknown user can
// sign in with is drawn from what users can: now and then one seems to have no password, or to have been given a temporary one only.
func (a *factorApp) nobody(t testing.TB, form string, preferred types.ChallengeNameType) (name string, asked *idp.InitiateAuthOutput) {
	t.Helper()
	for k := range 40 {
		name = fmt.Sprintf(form, k)
		if asked = a.choose(t, "USERNAME", name, "PREFERRED_CHALLENGE", string(preferred)); asked.ChallengeName == preferred {
			return name, asked
		}
	}
	t.Fatalf("no unknown name is asked for %s", preferred)
	return "", nil
}

func TestNobodyIsOfferedWhatUsersAre(t *testing.T) {
	t.Parallel()
	a := newChoiceApp(t, nil, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "ENABLED"
	})
	a.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	real := a.choose(t, "USERNAME", "ann", "PREFERRED_CHALLENGE", "EMAIL_OTP")
	nobody, none := a.nobody(t, "nobody%d@example.com", "EMAIL_OTP")
	if none.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "n***@e***" {
		t.Errorf("nobody is asked for %s, %v", none.ChallengeName, none.ChallengeParameters)
	}
	if diff := cmp.Diff(none.AvailableChallenges, a.choose(t, "USERNAME", nobody).AvailableChallenges); diff != "" {
		t.Errorf("nobody is offered something else the next time:\n%s", diff)
	}
	if len(a.srv.Messages(t, nobody)) > 0 {
		t.Error("a code is sent to nobody")
	}
	for name, session := range map[string]*string{"ann": real.Session, nobody: none.Session} {
		for range 60 {
			_, err := a.answer(t, "EMAIL_OTP", session, "USERNAME", name, "EMAIL_OTP_CODE", "123")
			factorRefused(t, err, "CodeMismatchException", wrongCode)
		}
		_, err := a.answer(t, "EMAIL_OTP", session, "USERNAME", name, "EMAIL_OTP_CODE", "123")
		factorRefused(t, err, "NotAuthorizedException", "Attempt limit exceeded, please try after some time.")
	}
	stranger, asked := a.nobody(t, "stranger%d@example.com", "PASSWORD")
	_, err := a.answer(t, "PASSWORD", asked.Session, "USERNAME", stranger, "PASSWORD", factorPassword)
	factorRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	if _, phone := a.nobody(t, "+15555%02d9999", "SMS_OTP"); phone.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "+*******9999" {
		t.Errorf("a number is shown as %v", phone.ChallengeParameters)
	}
	open := newChoiceApp(t, nil, nil)
	_, err = open.start(t, "USER_AUTH", "USERNAME", "nobody")
	factorRefused(t, err, "UserNotFoundException", "User does not exist.")
}

func TestAUserWhoNeedsNoConfirmationSignsInAtOnce(t *testing.T) {
	t.Parallel()
	h := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
		p.LambdaConfig = &types.LambdaConfigType{PreSignUp: aws.String(hookARN)}
	})
	a := &factorApp{Client: h.Client, srv: h.srv, pool: h.pool, clientID: h.client}
	for _, c := range []struct {
		name     string
		verifies bool
	}{{"ann", true}, {"bob", false}} {
		h.always("PreSignUp", map[string]any{"autoConfirmUser": true, "autoVerifyEmail": c.verifies, "autoVerifyPhone": false})
		out, err := a.SignUp(t.Context(), &idp.SignUpInput{ClientId: &a.clientID, Username: &c.name, UserAttributes: factorAttributes("email", c.name+"@example.com")})
		factorMust(t, err)
		if !out.UserConfirmed || (out.Session != nil) != c.verifies {
			t.Fatalf("%s: confirmed %v, session %v", c.name, out.UserConfirmed, out.Session != nil)
		}
		if !c.verifies {
			continue // nothing has been shown that would let this user in later
		}
		in, err := a.goOn(t, c.name, out.Session)
		factorMust(t, err)
		if in.AuthenticationResult == nil {
			t.Errorf("the sign-in answers %s", in.ChallengeName)
		}
	}
}
