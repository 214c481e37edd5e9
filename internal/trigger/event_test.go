package trigger

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/trigger/carrier"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// TestEvents compares every event with what the service sends, member by member: what is absent is not null.
func TestEvents(t *testing.T) {
	t.Parallel()
	attributes := map[string]string{"sub": "u1", "cognito:user_status": "CONFIRMED", "email": "a@example.com"}
	metadata := map[string]string{"k": "v"}
	const shown = `{"sub":"u1","cognito:user_status":"CONFIRMED","email":"a@example.com"}`
	yes, no, meta := true, false, "round 1"
	versioned := func(version string) *pool.Pool {
		p := newPool()
		p.Settings.LambdaConfig.PreTokenGenerationConfig = &wire.PreTokenGenerationVersionConfigType{LambdaVersion: version, LambdaArn: arn}
		return p
	}
	tests := []struct {
		name     string
		source   Source
		ask      func(ctx context.Context, r *Runner, c Call) error
		version  string
		request  string
		response string
		pool     *pool.Pool
	}{
		{
			name: "a sign-up", source: PreSignUpSignUp, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.PreSignUp(ctx, c, PreSignUpRequest{UserAttributes: map[string]string{"email": "a@example.com"}})
				return err
			},
			request:  `{"userAttributes":{"email":"a@example.com"},"validationData":null}`,
			response: `{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}`,
		},
		{
			name: "a sign-up with everything", source: PreSignUpExternalProvider, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.PreSignUp(ctx, c, PreSignUpRequest{ValidationData: map[string]string{}, ClientMetadata: metadata})
				return err
			},
			request:  `{"userAttributes":{},"validationData":{},"clientMetadata":{"k":"v"}}`,
			response: `{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false}`,
		},
		{
			name: "a confirmation", source: PostConfirmationConfirmSignUp, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				return r.PostConfirmation(ctx, c, PostConfirmationRequest{UserAttributes: attributes})
			},
			request: `{"userAttributes":` + shown + `}`, response: `{}`,
		},
		{
			name: "the begin of a sign-in", source: PreAuthenticationAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				return r.PreAuthentication(ctx, c, PreAuthenticationRequest{UserAttributes: attributes})
			},
			request: `{"userAttributes":` + shown + `,"validationData":null}`, response: `{}`,
		},
		{
			name: "the begin of a sign-in of nobody", source: PreAuthenticationAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				return r.PreAuthentication(ctx, c, PreAuthenticationRequest{ValidationData: metadata, UserNotFound: &yes})
			},
			request: `{"userAttributes":{},"validationData":{"k":"v"},"userNotFound":true}`, response: `{}`,
		},
		{
			name: "the end of a sign-in", source: PostAuthenticationAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				return r.PostAuthentication(ctx, c, PostAuthenticationRequest{UserAttributes: attributes, ClientMetadata: metadata})
			},
			request: `{"userAttributes":` + shown + `,"newDeviceUsed":false,"clientMetadata":{"k":"v"}}`, response: `{}`,
		},
		{
			name: "tokens by V1", source: TokenGenerationAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.PreTokenGeneration(ctx, c, PreTokenGenerationRequest{
					UserAttributes: attributes, GroupConfiguration: &Groups{}, Scopes: []string{"openid"},
				})
				return err
			},
			request: `{"userAttributes":` + shown +
				`,"groupConfiguration":{"groupsToOverride":[],"iamRolesToOverride":[],"preferredRole":null}}`,
			response: `{"claimsOverrideDetails":null}`,
		},
		{
			name: "tokens by V2", source: TokenGenerationHostedAuth, version: "2", pool: versioned(V2),
			ask: func(ctx context.Context, r *Runner, c Call) error {
				role := "arn:r"
				_, err := r.PreTokenGeneration(ctx, c, PreTokenGenerationRequest{
					UserAttributes: attributes, ClientMetadata: metadata, Scopes: []string{"openid"},
					GroupConfiguration: &Groups{[]string{"g1"}, []string{"arn:r"}, &role},
				})
				return err
			},
			request: `{"userAttributes":` + shown + `,"groupConfiguration":{"groupsToOverride":["g1"],"iamRolesToOverride":["arn:r"],` +
				`"preferredRole":"arn:r"},"clientMetadata":{"k":"v"},"scopes":["openid"]}`,
			response: `{"claimsAndScopeOverrideDetails":null}`,
		},
		{
			name: "tokens of a machine by V3", source: TokenGenerationClientCredentials, version: "3", pool: versioned(V3),
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.PreTokenGeneration(ctx, c, PreTokenGenerationRequest{})
				return err
			},
			request:  `{"userAttributes":{},"groupConfiguration":null,"scopes":[]}`,
			response: `{"claimsAndScopeOverrideDetails":null}`,
		},
		{
			name: "a migration", source: UserMigrationAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.UserMigration(ctx, c, UserMigrationRequest{Password: "p<w>&"})
				return err
			},
			request: `{"password":"p<w>&","validationData":null,"userAttributes":null}`,
			response: `{"userAttributes":null,"forceAliasCreation":null,"finalUserStatus":null,"messageAction":null,` +
				`"desiredDeliveryMediums":null,"enableSMSMFA":null}`,
		},
		{
			name: "a migration on a forgotten password", source: UserMigrationForgotPassword, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.UserMigration(ctx, c, UserMigrationRequest{ClientMetadata: metadata})
				return err
			},
			request: `{"validationData":null,"userAttributes":null,"clientMetadata":{"k":"v"}}`,
			response: `{"userAttributes":null,"forceAliasCreation":null,"finalUserStatus":null,"messageAction":null,` +
				`"desiredDeliveryMediums":null,"enableSMSMFA":null}`,
		},
		{
			name: "the next step", source: DefineAuthChallengeAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.DefineAuthChallenge(ctx, c, DefineAuthChallengeRequest{UserAttributes: attributes})
				return unlessUnset(err)
			},
			request:  `{"userAttributes":` + shown + `,"session":[]}`,
			response: `{"challengeName":null,"issueTokens":null,"failAuthentication":null}`,
		},
		{
			name: "the next step after two", source: DefineAuthChallengeAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.DefineAuthChallenge(ctx, c, DefineAuthChallengeRequest{UserNotFound: &no, Session: []ChallengeResult{
					{ChallengeName: "SRP_A", ChallengeResult: true},
					{ChallengeName: "CUSTOM_CHALLENGE", ChallengeMetadata: &meta},
				}})
				return unlessUnset(err)
			},
			request: `{"userAttributes":{},"session":[{"challengeName":"SRP_A","challengeResult":true,"challengeMetadata":null},` +
				`{"challengeName":"CUSTOM_CHALLENGE","challengeResult":false,"challengeMetadata":"round 1"}],"userNotFound":false}`,
			response: `{"challengeName":null,"issueTokens":null,"failAuthentication":null}`,
		},
		{
			name: "a challenge", source: CreateAuthChallengeAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.CreateAuthChallenge(ctx, c, CreateAuthChallengeRequest{UserAttributes: attributes, ChallengeName: "CUSTOM_CHALLENGE"})
				return err
			},
			request:  `{"userAttributes":` + shown + `,"challengeName":"CUSTOM_CHALLENGE","session":[]}`,
			response: `{"publicChallengeParameters":null,"privateChallengeParameters":null,"challengeMetadata":null}`,
		},
		{
			name: "an answer to a challenge", source: VerifyAuthChallengeAuthentication, version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.VerifyAuthChallenge(ctx, c, VerifyAuthChallengeRequest{
					UserAttributes: attributes, PrivateChallengeParameters: map[string]string{"answer": "5"}, ChallengeAnswer: "5",
				})
				return err
			},
			request:  `{"userAttributes":` + shown + `,"privateChallengeParameters":{"answer":"5"},"challengeAnswer":"5"}`,
			response: `{"answerCorrect":null}`,
		},
		{
			name: "the words of a message", source: CustomMessage.On(OnSignUp), version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.CustomMessage(ctx, c, CustomMessageRequest{UserAttributes: attributes})
				return err
			},
			request:  `{"userAttributes":` + shown + `,"codeParameter":"{####}","linkParameter":"{##Click Here##}","usernameParameter":null}`,
			response: `{"smsMessage":null,"emailMessage":null,"emailSubject":null}`,
		},
		{
			name: "the words of an invitation", source: CustomMessage.On(OnAdminCreateUser), version: "1",
			ask: func(ctx context.Context, r *Runner, c Call) error {
				_, err := r.CustomMessage(ctx, c, CustomMessageRequest{ClientMetadata: metadata})
				return err
			},
			request: `{"userAttributes":{},"codeParameter":"{####}","linkParameter":"{##Click Here##}","usernameParameter":"{username}",` +
				`"clientMetadata":{"k":"v"}}`,
			response: `{"smsMessage":null,"emailMessage":null,"emailSubject":null}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []byte
			r := newRunner(func(_ context.Context, functionARN string, event []byte) (carrier.Result, error) {
				got = event
				if functionARN != arn {
					t.Errorf("invoked %s, want %s", functionARN, arn)
				}
				return carrier.Result{Payload: event}, nil // untouched: the defaults
			})
			p := tt.pool
			if p == nil {
				p = newPool()
			}
			if err := tt.ask(t.Context(), r, call(p, tt.source)); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf(`{"version":%q,"region":"eu-west-1","userPoolId":"eu-west-1_AbCdEfGhI","userName":"alice",`+
				`"callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"1example23456789"},"triggerSource":%q,`+
				`"request":%s,"response":%s}`, tt.version, tt.source, tt.request, tt.response)
			if diff := cmp.Diff(decode(t, want), decode(t, string(got))); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// unlessUnset passes over the fault of a step that nobody chose.
func unlessUnset(err error) error {
	if err == errUnrecognizable { //nolint:errorlint // the value itself is answered
		return nil
	}
	return err
}

func decode(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func TestCallerContext(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, agent, want string }{
		{"the JavaScript SDK", "aws-sdk-js/3.473.0 ua/2.0 os/linux", "aws-sdk-js-3.473.0"},
		{"the Java SDK", "aws-sdk-java/1.11.93 Linux/4.9 OpenJDK", "aws-sdk-java-1.11.93"},
		{"an SDK that is not named first", "app/1 aws-sdk-nodejs/2.856.0 linux", "aws-sdk-nodejs-2.856.0"},
		{"a library that is no SDK", "aws-amplify/6.0 auth/4", unknownSDK},
		{"another program", "Boto3/1.28.0 md/Botocore#1.31.0", unknownSDK},
		{"nothing", "", unknownSDK},
		{"a name without a version", "aws-sdk-js/", unknownSDK},
		{"something that is no version", `aws-sdk-js/3"<x>`, unknownSDK},
		{"an endless version", "aws-sdk-js/" + strings.Repeat("1", 100), unknownSDK},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := Call{Pool: newPool(), UserAgent: tt.agent, Source: PreSignUpAdminCreateUser}
			payload, err := c.write("1", struct{}{}, `{}`)
			if err != nil {
				t.Fatal(err)
			}
			var got event
			if err := json.Unmarshal(payload, &got); err != nil {
				t.Fatal(err)
			}
			if got.CallerContext.SDKVersion != tt.want || *got.CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" {
				t.Errorf("got %s by %s, want %s by CLIENT_ID_NOT_APPLICABLE", got.CallerContext.SDKVersion, *got.CallerContext.ClientID, tt.want)
			}
		})
	}
}

func TestUserAttributes(t *testing.T) {
	t.Parallel()
	u := &user.User{ID: "u1", Status: user.Confirmed, Attributes: user.Attributes{
		"email": "a@example.com", "email_verified": "true", "phone_number": "+15551234567",
	}}
	plain := map[string]string{
		"sub": "u1", "cognito:user_status": "CONFIRMED",
		"email": "a@example.com", "email_verified": "true", "phone_number": "+15551234567",
	}
	if diff := cmp.Diff(plain, UserAttributes(newPool(), u)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	p := newPool()
	p.Settings.AliasAttributes = []string{"email", "phone_number"}
	aliased := maps.Clone(plain)
	aliased["cognito:email_alias"] = "a@example.com"
	if diff := cmp.Diff(aliased, UserAttributes(p, u)); diff != "" {
		t.Errorf("attributes in a pool with aliases, one verified (-want +got):\n%s", diff)
	}
	u.Factors.LegacySMS = true
	texts := maps.Clone(plain)
	texts["cognito:mfa_enabled"] = "true"
	if diff := cmp.Diff(texts, UserAttributes(newPool(), u)); diff != "" {
		t.Errorf("attributes of a user of SetUserSettings (-want +got):\n%s", diff)
	}
	if _, ok := u.Attributes["cognito:user_status"]; ok {
		t.Error("the user was changed")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	const secret = "Hunter2"
	for _, v := range []any{
		UserMigrationRequest{Password: secret},
		CustomSenderRequest{Code: secret},
		VerifyAuthChallengeRequest{ChallengeAnswer: secret},
		CreateAuthChallengeResponse{PrivateChallengeParameters: map[string]string{"answer": secret}},
		Record{Request: json.RawMessage(`{"password":"` + secret + `"}`)},
	} {
		if text := fmt.Sprintf("%v %+v %#v %s", v, v, v, v); strings.Contains(text, secret) {
			t.Errorf("%T prints its secret: %s", v, text)
		}
	}
}
