package flows

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

// The steps that a function answers.
func challenge(name string) any { return map[string]any{"challengeName": name} }

var (
	issueTokens = map[string]any{"issueTokens": true, "failAuthentication": false}
	failSignIn  = map[string]any{"failAuthentication": true}
)

// steps returns the session of the event.
func (e hookEvent) steps() []any {
	s, _ := e.Request["session"].([]any)
	return s
}

// step is how a function is shown a step.
func step(name string, passed bool, metadata any) map[string]any {
	return map[string]any{"challengeName": name, "challengeResult": passed, "challengeMetadata": metadata}
}

// ladder has the functions ask one question, which a user may answer twice. The length of the secret part is the test's.
func (a *hooked) ladder(padding int) {
	a.on("DefineAuthChallenge", func(e hookEvent) any {
		steps := e.steps()
		switch {
		case len(steps) == 0:
			return challenge("CUSTOM_CHALLENGE")
		case steps[len(steps)-1].(map[string]any)["challengeResult"] == true:
			return issueTokens
		case len(steps) < 2:
			return challenge("CUSTOM_CHALLENGE")
		}
		return failSignIn
	})
	a.always("CreateAuthChallenge", map[string]any{
		"publicChallengeParameters":  map[string]string{"question": "2+2", "USERNAME": "a function's"},
		"privateChallengeParameters": map[string]string{"answer": "4", "padding": strings.Repeat("x", padding)},
		"challengeMetadata":          "SUM",
	})
	a.on("VerifyAuthChallengeResponse", func(e hookEvent) any {
		secret, _ := e.Request["privateChallengeParameters"].(map[string]any)
		padded, _ := secret["padding"].(string)
		return map[string]any{"answerCorrect": secret["answer"] == e.Request["challengeAnswer"] && len(padded) == padding}
	})
}

const customChallenge = types.ChallengeNameTypeCustomChallenge

func TestACustomChallengeIsAskedAnsweredAndShown(t *testing.T) {
	t.Parallel()
	for name, padding := range map[string]int{"the state fits the session": 0, "the state is kept in a row": 100_000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newHooked(t, nil)
			a.addUser(t, "ann")
			a.ladder(padding)
			if _, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann@example.com"); err == nil {
				t.Fatal("an address that is no alias leads to a user")
			}
			first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann")
			hookMust(t, err)
			if diff := cmp.Diff(map[string]string{"question": "2+2", "USERNAME": "ann"}, first.ChallengeParameters); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
			if n := len(*first.Session); n > 1905 {
				t.Errorf("the session has %d characters", n)
			}
			e := a.take()
			if e[0].Source != "PreAuthentication_Authentication" || len(e) != 3 || e[1].Source != "DefineAuthChallenge_Authentication" ||
				e[2].Source != "CreateAuthChallenge_Authentication" {
				t.Fatalf("events: %+v", e)
			}
			if s, ok := e[1].Request["session"].([]any); !ok || len(s) != 0 {
				t.Errorf("the first session is %v", e[1].Request["session"])
			}
			if e[1].Request["clientMetadata"] != nil || e[2].Request["challengeName"] != "CUSTOM_CHALLENGE" {
				t.Errorf("requests: %v, %v", e[1].Request, e[2].Request)
			}

			second, err := a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "5")
			hookMust(t, err)
			if second.ChallengeName != customChallenge || *second.Session == *first.Session {
				t.Errorf("after a wrong answer: %s, the same session: %v", second.ChallengeName, *second.Session == *first.Session)
			}
			e = a.take()
			if len(e) != 3 || e[0].Source != "VerifyAuthChallengeResponse_Authentication" {
				t.Fatalf("events: %+v", e)
			}
			for _, event := range e {
				if !cmp.Equal(event.Request["clientMetadata"], any(map[string]any{"from": "answer"})) {
					t.Errorf("%s has the metadata %v", event.Source, event.Request["clientMetadata"])
				}
			}
			if diff := cmp.Diff([]any{step("CUSTOM_CHALLENGE", false, "SUM")}, e[1].steps()); diff != "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
			_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
			hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
			a.wantSources(t)

			done, err := a.answer(t, customChallenge, second.Session, "USERNAME", "ann", "ANSWER", "4")
			hookMust(t, err)
			if done.AuthenticationResult == nil || done.AuthenticationResult.AccessToken == nil {
				t.Fatalf("after the right answer: %+v", done)
			}
			e = a.take()
			want := []any{step("CUSTOM_CHALLENGE", false, "SUM"), step("CUSTOM_CHALLENGE", true, "SUM")}
			if diff := cmp.Diff(want, e[1].steps()); diff != "" {
				t.Errorf("session (-want +got):\n%s", diff)
			}
			if len(e) != 4 || e[2].Source != "PostAuthentication_Authentication" || e[3].Source != "TokenGeneration_Authentication" {
				t.Errorf("events: %+v", e)
			}
			_, err = a.answer(t, customChallenge, second.Session, "USERNAME", "ann", "ANSWER", "4")
			hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
		})
	}
}

func TestFunctionsEndACustomSignIn(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	begin := func() (*idp.InitiateAuthOutput, error) {
		return a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann", "CHALLENGE_NAME", "CUSTOM_CHALLENGE")
	}
	a.ladder(0)
	first, err := begin()
	hookMust(t, err)
	second, err := a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "5")
	hookMust(t, err)
	_, err = a.answer(t, customChallenge, second.Session, "USERNAME", "ann", "ANSWER", "5")
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")

	for _, tc := range []struct {
		name, trigger string
		answer        any
		code, text    string
	}{
		{"define answers nothing", "DefineAuthChallenge", map[string]any{"challengeName": nil}, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{
			"define wants a password of a client that sent none", "DefineAuthChallenge", challenge("PASSWORD_VERIFIER"),
			"InvalidLambdaResponseException", "Unrecognizable lambda output",
		},
		{"define wants what nobody knows", "DefineAuthChallenge", challenge("RIDDLE"), "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"create throws", "CreateAuthChallenge", &hookError{message: "'x'"}, "UserLambdaValidationException", "CreateAuthChallenge failed with error 'x'."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a.ladder(0)
			a.always(tc.trigger, tc.answer)
			_, err := begin()
			hookRefused(t, err, tc.code, tc.text)
		})
	}
	a.ladder(0)
	first, err = begin()
	hookMust(t, err)
	a.always("VerifyAuthChallengeResponse", &hookError{message: "down"})
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
	hookRefused(t, err, "UserLambdaValidationException", "VerifyAuthChallengeResponse failed with error down.")
	a.ladder(0)
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
	hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
	first, err = begin()
	hookMust(t, err)
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann")
	hookRefused(t, err, "InvalidParameterException", "Missing required parameter ANSWER")
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
	hookMust(t, err) // an incomplete answer used nothing up

	first, err = begin()
	hookMust(t, err)
	a.srv.Advance(t, 4*time.Minute)
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
	hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session is expired.")

	_, err = a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann", "CHALLENGE_NAME", "SRP_A")
	hookRefused(t, err, "InvalidParameterException", "Missing required parameter SRP_A")
	_, err = a.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &a.pool})
	hookMust(t, err)
	_, err = begin()
	hookRefused(t, err, "InvalidParameterException", "Custom auth lambda trigger is not configured for the user pool.")
}

// srpAnswer answers PASSWORD_VERIFIER with the password.
func (a *hooked) srpAnswer(
	t testing.TB, e *srp.Ephemeral, p map[string]string, session *string, password string,
) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return a.srpAnswerAt(t, e, p, session, password, time.Now())
}

func (a *hooked) srpAnswerAt(
	t testing.TB, e *srp.Ephemeral, p map[string]string, session *string, password string, at time.Time,
) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
	hookMust(t, err)
	_, poolName, _ := strings.Cut(a.pool, "_")
	stamp := srp.FormatTimestamp(at)
	proof, err := e.Proof(poolName, p["USER_ID_FOR_SRP"], password, p["SALT"], p["SRP_B"], block, stamp)
	hookMust(t, err)
	return a.answer(t, "PASSWORD_VERIFIER", session, "USERNAME", p["USERNAME"],
		"PASSWORD_CLAIM_SECRET_BLOCK", p["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE", proof, "TIMESTAMP", stamp)
}

func TestACustomSignInBeginsWithThePassword(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	a.ladder(0)
	a.on("DefineAuthChallenge", func(e hookEvent) any {
		switch len(e.steps()) {
		case 1:
			return challenge("PASSWORD_VERIFIER")
		case 2:
			return challenge("CUSTOM_CHALLENGE")
		}
		return issueTokens
	})
	ephemeral := srp.NewEphemeral()
	first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann", "CHALLENGE_NAME", "SRP_A", "SRP_A", ephemeral.A())
	hookMust(t, err)
	if first.ChallengeName != "PASSWORD_VERIFIER" || first.Session == nil || len(*first.Session) > 1905 {
		t.Fatalf("SRP begins with %s and a session of %d characters", first.ChallengeName, len(aws.ToString(first.Session)))
	}
	e := a.take()
	if diff := cmp.Diff([]any{step("SRP_A", true, nil)}, e[1].steps()); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	_, err = a.srpAnswer(t, ephemeral, first.ChallengeParameters, first.Session, "wrong")
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	a.wantSources(t)

	second, err := a.srpAnswer(t, ephemeral, first.ChallengeParameters, first.Session, hookPassword)
	hookMust(t, err)
	if second.ChallengeName != customChallenge {
		t.Fatalf("after the password: %s", second.ChallengeName)
	}
	e = a.take()
	want := []any{step("SRP_A", true, nil), step("PASSWORD_VERIFIER", true, nil)}
	if len(e) != 2 || !cmp.Equal(want, e[0].steps()) {
		t.Errorf("events: %+v", e)
	}
	done, err := a.answer(t, customChallenge, second.Session, "USERNAME", "ann", "ANSWER", "4")
	hookMust(t, err)
	if done.AuthenticationResult == nil {
		t.Fatalf("after the answer: %s", done.ChallengeName)
	}
	a.wantSources(t, "VerifyAuthChallengeResponse_Authentication", "DefineAuthChallenge_Authentication",
		"PostAuthentication_Authentication", "TokenGeneration_Authentication")
}

func TestTheServiceInsertsNewPasswordAndSecondFactor(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	ctx := t.Context()
	_, err := a.SetUserPoolMfaConfig(ctx, &idp.SetUserPoolMfaConfigInput{
		UserPoolId: &a.pool, MfaConfiguration: "OPTIONAL", SoftwareTokenMfaConfiguration: &types.SoftwareTokenMfaConfigType{Enabled: true},
	})
	hookMust(t, err)
	a.addUser(t, "ann")
	auth, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	token := auth.AuthenticationResult.AccessToken
	secret, err := a.AssociateSoftwareToken(ctx, &idp.AssociateSoftwareTokenInput{AccessToken: token})
	hookMust(t, err)
	offset := time.Duration(0) // of the server's clock
	code := func() string {
		a.srv.Advance(t, 30*time.Second) // a code counts once
		offset += 30 * time.Second
		text, err := totp.GenerateCode(*secret.SecretCode, time.Now().Add(offset))
		hookMust(t, err)
		return text
	}
	_, err = a.VerifySoftwareToken(ctx, &idp.VerifySoftwareTokenInput{AccessToken: token, UserCode: aws.String(code())})
	hookMust(t, err)
	_, err = a.SetUserMFAPreference(ctx, &idp.SetUserMFAPreferenceInput{
		AccessToken: token, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	hookMust(t, err)
	_, err = a.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("ann"), Password: aws.String("Temp0rary!")})
	hookMust(t, err)
	a.ladder(50_000)
	a.on("DefineAuthChallenge", func(e hookEvent) any {
		switch len(e.steps()) {
		case 1:
			return challenge("PASSWORD_VERIFIER")
		case 4:
			return challenge("CUSTOM_CHALLENGE")
		}
		return issueTokens
	})
	a.take()
	ephemeral := srp.NewEphemeral()
	first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann", "CHALLENGE_NAME", "SRP_A", "SRP_A", ephemeral.A())
	hookMust(t, err)
	second, err := a.srpAnswerAt(t, ephemeral, first.ChallengeParameters, first.Session, "Temp0rary!", time.Now().Add(offset))
	hookMust(t, err)
	if second.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Fatalf("after the temporary password: %s", second.ChallengeName)
	}
	third, err := a.answer(t, second.ChallengeName, second.Session, "USERNAME", "ann", "NEW_PASSWORD", hookPassword)
	hookMust(t, err)
	if third.ChallengeName != "SOFTWARE_TOKEN_MFA" {
		t.Fatalf("after the new password: %s", third.ChallengeName)
	}
	a.wantSources(t, "PreAuthentication_Authentication", "DefineAuthChallenge_Authentication")
	fourth, err := a.answer(t, third.ChallengeName, third.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", code())
	hookMust(t, err)
	e := a.take()
	want := []any{
		step("SRP_A", true, nil), step("PASSWORD_VERIFIER", true, nil), step("NEW_PASSWORD_REQUIRED", true, nil), step("SOFTWARE_TOKEN_MFA", true, nil),
	}
	if len(e) != 2 || fourth.ChallengeName != customChallenge {
		t.Fatalf("after the code: %s, events %+v", fourth.ChallengeName, e)
	}
	if diff := cmp.Diff(want, e[0].steps()); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	done, err := a.answer(t, customChallenge, fourth.Session, "USERNAME", "ann", "ANSWER", "4")
	hookMust(t, err)
	if done.AuthenticationResult == nil {
		t.Errorf("after the answer: %s", done.ChallengeName)
	}
	if e := a.take(); len(e) != 4 || e[3].Source != "TokenGeneration_NewPasswordChallenge" {
		t.Errorf("events at the end: %+v", e)
	}

	// Without a password, no code of a second factor is right.
	a.on("DefineAuthChallenge", func(e hookEvent) any { return challenge("SOFTWARE_TOKEN_MFA") })
	blind, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann")
	hookMust(t, err)
	_, err = a.answer(t, blind.ChallengeName, blind.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", code())
	hookRefused(t, err, "CodeMismatchException", "Invalid code or auth state for the user.")
	// Custom challenges alone ask for neither.
	a.on("DefineAuthChallenge", func(hookEvent) any { return issueTokens })
	alone, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann")
	hookMust(t, err)
	if alone.AuthenticationResult == nil {
		t.Errorf("functions sign in: %s", alone.ChallengeName)
	}
}

func TestACustomSignInOfNobody(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "ENABLED"
	})
	a.ladder(0)
	first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "nobody")
	hookMust(t, err)
	if first.ChallengeParameters["USERNAME"] != "nobody" || first.ChallengeName != customChallenge {
		t.Errorf("nobody is asked %s: %v", first.ChallengeName, first.ChallengeParameters)
	}
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "nobody", "ANSWER", "4")
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.") // though the functions would issue tokens
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "nobody", "ANSWER", "4")
	hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user.")
	for _, e := range a.take() {
		if e.Request["userNotFound"] != true || len(e.attributes()) != 0 {
			t.Errorf("%s: %v", e.Source, e.Request)
		}
	}
	a.on("DefineAuthChallenge", func(hookEvent) any { return challenge("PASSWORD_VERIFIER") })
	ephemeral := srp.NewEphemeral()
	begun, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "nobody", "CHALLENGE_NAME", "SRP_A", "SRP_A", ephemeral.A())
	hookMust(t, err)
	_, err = a.srpAnswer(t, ephemeral, begun.ChallengeParameters, begun.Session, hookPassword)
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

func TestOfSimultaneousAnswersOneCounts(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	a.ladder(0)
	first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann")
	hookMust(t, err)
	a.take()
	results := make(chan error, 6)
	for range cap(results) {
		go func() {
			_, err := a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "5")
			results <- err
		}()
	}
	passed := 0
	for range cap(results) {
		if err := <-results; err == nil {
			passed++
		}
	}
	verified := 0
	for _, e := range a.take() {
		if strings.HasPrefix(e.Source, "Verify") {
			verified++
		}
	}
	if passed != 1 || verified != 1 {
		t.Errorf("%d answers were taken and %d verified, want 1", passed, verified)
	}
}

func TestARememberedDeviceProvesItselfAfterTheFunctions(t *testing.T) {
	t.Parallel()
	h := newHook(t)
	srv := cenotetest.Start(t, cenotetest.Options{Triggers: map[string]string{"hook": h.url}})
	d := newDeviceApp(t, srv, tracking(true, false))
	ctx := t.Context()
	_, err := d.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{
		UserPoolId: &d.pool, LambdaConfig: allTriggers(), DeviceConfiguration: tracking(true, false),
	})
	hookMust(t, err)
	_, err = d.UpdateUserPoolClient(ctx, &idp.UpdateUserPoolClientInput{
		UserPoolId: &d.pool, ClientId: &d.client, ExplicitAuthFlows: []types.ExplicitAuthFlowsType{
			"ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		},
	})
	hookMust(t, err)
	device, _ := d.confirm(t, d.signIn(t, "ann"))
	newDevice := func() any {
		for _, e := range h.take() {
			if e.Source == "PostAuthentication_Authentication" {
				return e.Request["newDeviceUsed"]
			}
		}
		return nil
	}
	if newDevice() != true {
		t.Error("PostAuthentication is not told of the new device")
	}
	a := &hooked{Client: d.Client, hook: h, srv: srv, pool: d.pool, client: d.client}
	a.ladder(0)
	first, err := a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann", "DEVICE_KEY", device.key)
	hookMust(t, err)
	second, err := a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4", "DEVICE_KEY", device.key)
	hookMust(t, err)
	if second.ChallengeName != types.ChallengeNameTypeDeviceSrpAuth {
		t.Fatalf("after the functions: %s", second.ChallengeName)
	}
	h.take()
	done := d.answer(t, types.ChallengeNameTypeDevicePasswordVerifier, nil, d.prove(t, device, "ann", second.Session))
	if done.AuthenticationResult == nil || done.AuthenticationResult.NewDeviceMetadata != nil {
		t.Fatalf("after the device: %s", done.ChallengeName)
	}
	events := h.take()
	if len(events) != 2 || events[0].Request["newDeviceUsed"] != false || events[1].Source != "TokenGeneration_AuthenticateDevice" {
		t.Errorf("events: %+v", events)
	}
	// An unknown device is refused and uses nothing up.
	first, err = a.start(t, types.AuthFlowTypeCustomAuth, "USERNAME", "ann")
	hookMust(t, err)
	stranger := "us-east-1_00000000-0000-4000-8000-000000000000"
	_, err = a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4", "DEVICE_KEY", stranger)
	hookRefused(t, err, "ResourceNotFoundException", "Device does not exist.")
	last, err := a.answer(t, customChallenge, first.Session, "USERNAME", "ann", "ANSWER", "4")
	hookMust(t, err)
	if last.AuthenticationResult == nil || last.AuthenticationResult.NewDeviceMetadata == nil {
		t.Errorf("without a device: %s", last.ChallengeName)
	}
}
