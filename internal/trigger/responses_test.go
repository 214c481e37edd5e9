package trigger

import (
	"context"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestPreSignUpAnswers(t *testing.T) {
	t.Parallel()
	r := newRunner(returning(`{"response":{"autoConfirmUser":true,"autoVerifyEmail":true,"autoVerifyPhone":null}}`))
	for source, want := range map[Source]PreSignUpResponse{
		PreSignUpSignUp:          {AutoConfirmUser: true, AutoVerifyEmail: true},
		PreSignUpAdminCreateUser: {},
	} {
		got, err := r.PreSignUp(t.Context(), call(newPool(), source), PreSignUpRequest{})
		if err != nil || got != want {
			t.Errorf("%s: got %+v (%v), want %+v", source, got, err, want)
		}
	}
}

func TestUserMigrationAnswers(t *testing.T) {
	t.Parallel()
	r := newRunner(returning(`{"response":{"userAttributes":{"email":"a@example.com","email_verified":"true"},"finalUserStatus":"CONFIRMED",` +
		`"messageAction":"SUPPRESS","desiredDeliveryMediums":["EMAIL"],"forceAliasCreation":true,"enableSMSMFA":null}}`))
	got, err := r.UserMigration(t.Context(), call(newPool(), UserMigrationAuthentication), UserMigrationRequest{Password: "pw"})
	want := UserMigrationResponse{
		UserAttributes:  map[string]string{"email": "a@example.com", "email_verified": "true"},
		FinalUserStatus: "CONFIRMED", MessageAction: "SUPPRESS", DesiredDeliveryMediums: []string{"EMAIL"}, ForceAliasCreation: true,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestDefineAuthChallengeAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, response string
		want           DefineAuthChallengeResponse
		code           fault.Code
	}{
		{
			name: "a challenge", response: `{"challengeName":"CUSTOM_CHALLENGE","issueTokens":false,"failAuthentication":false}`,
			want: DefineAuthChallengeResponse{ChallengeName: "CUSTOM_CHALLENGE"},
		},
		{name: "tokens", response: `{"challengeName":null,"issueTokens":true}`, want: DefineAuthChallengeResponse{IssueTokens: true}},
		{name: "failure", response: `{"failAuthentication":true}`, want: DefineAuthChallengeResponse{FailAuthentication: true}},
		{
			name: "failure and tokens are a failure", response: `{"issueTokens":true,"failAuthentication":true}`,
			want: DefineAuthChallengeResponse{FailAuthentication: true},
		},
		{
			name: "tokens and a left-over name are tokens", response: `{"issueTokens":true,"challengeName":"X"}`,
			want: DefineAuthChallengeResponse{IssueTokens: true},
		},
		{name: "nothing is no answer", response: `{"issueTokens":false}`, code: fault.InvalidLambdaResponse},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(returning(`{"response":` + tt.response + `}`))
			got, err := r.DefineAuthChallenge(t.Context(), call(newPool(), DefineAuthChallengeAuthentication), DefineAuthChallengeRequest{})
			if got != tt.want || fault.CodeOf(err) != tt.code {
				t.Errorf("got %+v (%v), want %+v %s", got, err, tt.want, tt.code)
			}
		})
	}
}

func TestChallengeAnswers(t *testing.T) {
	t.Parallel()
	r := newRunner(returning(`{"response":{"publicChallengeParameters":{"question":"2+3"},"privateChallengeParameters":{"answer":"5"},` +
		`"challengeMetadata":"round 1","answerCorrect":true}}`))
	got, err := r.CreateAuthChallenge(t.Context(), call(newPool(), CreateAuthChallengeAuthentication), CreateAuthChallengeRequest{})
	if err != nil || got.PublicChallengeParameters["question"] != "2+3" || got.PrivateChallengeParameters["answer"] != "5" ||
		*got.ChallengeMetadata != "round 1" {
		t.Errorf("got %v %v (%v)", got.PublicChallengeParameters, got.PrivateChallengeParameters, err)
	}
	correct, err := r.VerifyAuthChallenge(t.Context(), call(newPool(), VerifyAuthChallengeAuthentication), VerifyAuthChallengeRequest{})
	if err != nil || !correct {
		t.Errorf("got %t (%v), want true", correct, err)
	}
	correct, err = newRunner(echo).VerifyAuthChallenge(t.Context(), call(newPool(), VerifyAuthChallengeAuthentication), VerifyAuthChallengeRequest{})
	if err != nil || correct {
		t.Errorf("an untouched event: got %t (%v), want false", correct, err)
	}
}

func TestCustomMessageTexts(t *testing.T) {
	t.Parallel()
	p := func(s string) *string { return &s }
	const pattern = `failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}`
	tests := []struct {
		name          string
		on            Occasion
		byLink        bool
		text, subject *string
		wantBody      *string
		wantSubject   *string
		wantErr       string
	}{
		{name: "no text means the template", on: OnSignUp},
		{name: "no text with a subject means the template with that subject", on: OnSignUp, subject: p("S"), wantSubject: p("S")},
		{name: "a text with the code", on: OnForgotPassword, text: p("{####}!"), subject: p("S"), wantBody: p("{####}!"), wantSubject: p("S")},
		{name: "a text without the code", on: OnForgotPassword, text: p("no code in it"), wantErr: `1 validation error detected: Value 'no code in it' at 'emailBody' ` + pattern},
		{name: "a no-break space, which a template cannot have", on: OnForgotPassword, text: p("Hello\u00a0you, {####}"), wantErr: "Value 'Hello\u00a0you, {####}' at 'emailBody' " + pattern},
		{name: "a no-break space in an invitation", on: OnAdminCreateUser, text: p("{username}\u00a0{####}"), wantErr: "Value '{username}\u00a0{####}' at 'emailBody' failed"},
		{name: "a no-break space in the subject", on: OnSignUp, subject: p("a\u00a0b"), wantErr: "Value 'a\u00a0b' at 'emailSubject' failed"},
		{name: "an empty text", on: OnSignUp, text: p(""), wantErr: "InvalidParameterException: The message is empty."},
		{name: "an invitation", on: OnAdminCreateUser, text: p("{username} {####}"), wantBody: p("{username} {####}")},
		{name: "an invitation without the name is ignored", on: OnAdminCreateUser, text: p("{####}"), subject: p("S")},
		{name: "a link in a pool of links", on: OnSignUp, byLink: true, text: p("{##here##}"), wantBody: p("{##here##}")},
		{name: "no link in a pool of links", on: OnResendCode, byLink: true, text: p("here you are"), wantErr: `\{##`},
		{name: "a link where a code is due", on: OnForgotPassword, byLink: true, text: p("{##here##}"), wantErr: pattern},
		{name: "a text that is too long", on: OnSignUp, text: p("{####}" + strings.Repeat("é", 20_000)), wantErr: "less than or equal to 20000"},
		{name: "a subject that is too long", on: OnSignUp, subject: p(strings.Repeat("é", 141)), wantErr: "less than or equal to 140"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := CustomMessageResponse{EmailMessage: tt.text, EmailSubject: tt.subject}
			subject, body, err := m.Email(tt.on, tt.byLink)
			if diff := cmp.Diff([]*string{tt.wantSubject, tt.wantBody}, []*string{subject, body}); diff != "" {
				t.Errorf("subject and body (-want +got):\n%s", diff)
			}
			if (tt.wantErr == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tt.wantErr)) {
				t.Errorf("got %v, want %q", err, tt.wantErr)
			}
		})
	}
	if text, err := (CustomMessageResponse{SMSMessage: p("{####}"), EmailMessage: p("")}).SMS(OnSignUp); err != nil || *text != "{####}" {
		t.Errorf("a flaw in the other medium matters: %v", err)
	}
	if _, err := (CustomMessageResponse{SMSMessage: p("{####}" + strings.Repeat("x", 135))}).SMS(OnSignUp); !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("141 characters: %v, want InvalidParameterException", err)
	}
}

// TestCustomSenders opens the code as a sender would.
func TestCustomSenders(t *testing.T) {
	t.Parallel()
	keys, err := esdk.OpenLocalKeys(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	r := New(Options{Now: time.Now, Keys: keys, Carrier: functions(func(_ context.Context, _ string, event []byte) (carrier.Result, error) {
		got, _ = decode(t, string(event)).(map[string]any)
		return carrier.Result{Payload: []byte("null")}, nil // what a sender returns is of no interest
	})})
	attributes := map[string]string{"sub": "u1"}
	email := func(o Occasion, code string) error {
		got = nil
		return r.CustomEmailSender(t.Context(), call(newPool(), CustomEmailSender.On(o)), CustomSenderRequest{Code: code, UserAttributes: attributes})
	}
	open := func() string {
		request, _ := got["request"].(map[string]any)
		text, _ := request["code"].(string)
		message, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		code, encContext, err := esdk.Decrypt(t.Context(), keys, message)
		if err != nil || encContext["userpool-id"] != "eu-west-1_AbCdEfGhI" {
			t.Errorf("%v with context %v", err, encContext)
		}
		delete(request, "code")
		return string(code)
	}

	if err := email(OnSignUp, "123456"); err != nil {
		t.Fatal(err)
	}
	if code := open(); code != "123456" {
		t.Errorf("the sender reads %q, want 123456", code)
	}
	want := decode(t, `{"version":"1","region":"eu-west-1","userPoolId":"eu-west-1_AbCdEfGhI","userName":"alice","callerContext":{"awsSdkVersion":
		"aws-sdk-unknown-unknown","clientId":"1example23456789"},"triggerSource":"CustomEmailSender_SignUp","request":{
		"type":"customEmailSenderRequestV1","clientMetadata":null,"userAttributes":{"sub":"u1"}}}`)
	if diff := cmp.Diff(want, any(got)); diff != "" {
		t.Errorf("event without its code (-want +got):\n%s", diff)
	}
	if err := email(OnAdminCreateUser, "<p>&1"); err != nil {
		t.Fatal(err)
	}
	if code := open(); code != "&lt;p&gt;&1" {
		t.Errorf("the sender reads the temporary password %q, want &lt;p&gt;&1", code)
	}
	if err := email(OnResendCode, ""); err != nil || got != nil {
		t.Errorf("an empty code was sent: %v %v", got, err)
	}
	c := call(newPool(), CustomEmailSender.On(OnAccountTakeOver))
	c.ClientID = ""
	if err := r.CustomEmailSender(t.Context(), c, CustomSenderRequest{}); err != nil {
		t.Fatal(err)
	}
	notice := decode(t, `{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":null}`)
	if request, _ := got["request"].(map[string]any); request["code"] != nil || cmp.Diff(notice, got["callerContext"]) != "" {
		t.Errorf("a notice has code %v and caller %v", request["code"], got["callerContext"])
	}
	if err := r.CustomSMSSender(t.Context(), call(newPool(), CustomSMSSender.On(OnAuthentication)), CustomSenderRequest{Code: "1"}); err != nil {
		t.Fatal(err)
	}
	if request, _ := got["request"].(map[string]any); request["type"] != "customSMSSenderRequestV1" {
		t.Errorf("type is %v", request["type"])
	}
}

func TestCustomSendersNeedAKeyService(t *testing.T) {
	t.Parallel()
	r := newRunner(failing(errors.New("must not be invoked")))
	c := call(newPool(), CustomSMSSender.On(OnSignUp))
	if err := r.CustomSMSSender(t.Context(), c, CustomSenderRequest{Code: "123456"}); err == nil || strings.Contains(err.Error(), "123456") {
		t.Errorf("got %v, want an error without the code", err)
	}
}

// A function may repeat what it was told. Its words are for the caller, as they are; the log does without the secret.
func TestAFunctionsWordsAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()
	const secret = "Hunter2-horse"
	r := newRunner(func(context.Context, string, []byte) (carrier.Result, error) {
		return carrier.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"` + secret + ` is wrong"}`)}, nil
	})
	_, migration := r.UserMigration(t.Context(), call(newPool(), UserMigrationAuthentication), UserMigrationRequest{Password: secret})
	_, answered := r.VerifyAuthChallenge(t.Context(), call(newPool(), VerifyAuthChallengeAuthentication), VerifyAuthChallengeRequest{ChallengeAnswer: secret})
	_, private := r.VerifyAuthChallenge(t.Context(), call(newPool(), VerifyAuthChallengeAuthentication), VerifyAuthChallengeRequest{
		ChallengeAnswer: "x", PrivateChallengeParameters: map[string]string{"answer": secret},
	})
	p := newPool()
	p.Settings.LambdaConfig.InboundFederation = &wire.InboundFederationLambdaType{LambdaVersion: V1, LambdaArn: arn}
	_, federation := r.InboundFederation(t.Context(), call(p, InboundFederationExternalProvider), InboundFederationRequest{
		Attributes: ProviderAttributes{TokenResponse: map[string]string{"access_token": secret, "token_type": "Bearer"}},
	})
	for name, err := range map[string]error{
		"UserMigration": migration, "an answer": answered, "a private parameter": private, "a provider's token": federation,
	} {
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.UserLambdaValidation || !strings.Contains(f.Message, secret+" is wrong.") {
			t.Errorf("%s: the caller is told %v", name, f)
		}
		if text := err.Error(); strings.Contains(text, secret) || !strings.Contains(text, "[hidden] is wrong.") {
			t.Errorf("%s: the log is told %s", name, text)
		}
	}
}

// A text of a function in JavaScript can be cut inside an emoji; then half a pair of UTF-16 is left.
func TestTextsCutInsideAnEmojiAreRead(t *testing.T) {
	t.Parallel()
	r := newRunner(returning(`{"response":{"publicChallengeParameters":{"hint":"a\ud83d","n":"\u0041\ud83d\ude00"},"challengeMetadata":"m"}}`))
	got, err := r.CreateAuthChallenge(t.Context(), call(newPool(), CreateAuthChallengeAuthentication), CreateAuthChallengeRequest{})
	if diff := cmp.Diff(map[string]string{"hint": "a\uFFFD", "n": "A\U0001F600"}, got.PublicChallengeParameters); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	r = newRunner(func(context.Context, string, []byte) (carrier.Result, error) {
		return carrier.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"No \ud83d"}`)}, nil
	})
	var f *fault.Error
	if err := preSignUp(t.Context(), r); !errors.As(err, &f) || f.Message != "PreSignUp failed with error No \uFFFD." {
		t.Errorf("thrown: %v", err)
	}
	changes, err := tokenChanges(t, V2, `{"response":{"claimsAndScopeOverrideDetails":{"idTokenGeneration":{"claimsToAddOrOverride":{"o":{"a":"\ud83d","n":12345678901234567890}}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := wire.Encode(changes.ID(map[string]any{}))
	if err != nil || string(claims) != `{"o":{"a":"`+"\uFFFD"+`","n":12345678901234567890}}` {
		t.Errorf("claims %s (%v)", claims, err)
	}
}
