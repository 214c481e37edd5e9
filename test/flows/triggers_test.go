package flows

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// wantSources compares the events since the last look.
func (a *hooked) wantSources(t testing.TB, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, a.sources()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestEachCallFiresItsTriggersInOrder(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	ctx := t.Context()

	out, err := a.signUp(t, "ann")
	hookMust(t, err)
	if out.UserConfirmed || out.CodeDeliveryDetails == nil || out.CodeDeliveryDetails.DeliveryMedium != "EMAIL" {
		t.Errorf("sign-up: %+v", out)
	}
	a.wantSources(t, "PreSignUp_SignUp", "CustomMessage_SignUp")

	_, err = a.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &a.client, Username: aws.String("ann")})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_ResendCode")

	_, err = a.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{
		ClientId: &a.client, Username: aws.String("ann"), ConfirmationCode: aws.String(a.srv.Code(t, "ann@example.com")),
	})
	hookMust(t, err)
	e := a.take()
	if len(e) != 1 || e[0].Source != "PostConfirmation_ConfirmSignUp" {
		t.Fatalf("events after the confirmation: %+v", e)
	}
	if got := e[0].attributes(); got["email_verified"] != "true" || got["cognito:user_status"] != "CONFIRMED" || got["sub"] == nil {
		t.Errorf("attributes after the confirmation: %v", got)
	}

	auth, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	a.wantSources(t, "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication")

	_, err = a.password(t, "ann", "wrong")
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	a.wantSources(t, "PreAuthentication_Authentication")

	refresh := *auth.AuthenticationResult.RefreshToken
	_, err = a.start(t, types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", refresh)
	hookMust(t, err)
	a.wantSources(t, "TokenGeneration_RefreshTokens")
	_, err = a.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: &a.client, RefreshToken: &refresh})
	hookMust(t, err)
	a.wantSources(t, "TokenGeneration_RefreshTokens")

	access := auth.AuthenticationResult.AccessToken
	_, err = a.UpdateUserAttributes(ctx, &idp.UpdateUserAttributesInput{
		AccessToken: access, UserAttributes: hookAttributes("email", "ann2@example.com"),
	})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_UpdateUserAttribute")
	_, err = a.GetUserAttributeVerificationCode(ctx, &idp.GetUserAttributeVerificationCodeInput{AccessToken: access, AttributeName: aws.String("email")})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_VerifyUserAttribute")
	_, err = a.VerifyUserAttribute(ctx, &idp.VerifyUserAttributeInput{
		AccessToken: access, AttributeName: aws.String("email"), Code: aws.String(a.srv.Code(t, "ann2@example.com")),
	})
	hookMust(t, err)
	_, err = a.ChangePassword(ctx, &idp.ChangePasswordInput{
		AccessToken: access, PreviousPassword: aws.String(hookPassword), ProposedPassword: aws.String("An0ther-horse!"),
	})
	hookMust(t, err)
	a.wantSources(t)

	_, err = a.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &a.client, Username: aws.String("ann")})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_ForgotPassword")
	_, err = a.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{
		ClientId: &a.client, Username: aws.String("ann"), ConfirmationCode: aws.String(a.srv.Code(t, "ann2@example.com")), Password: aws.String(hookPassword),
	})
	hookMust(t, err)
	a.wantSources(t, "PostConfirmation_ConfirmForgotPassword")

	_, err = a.AdminResetUserPassword(ctx, &idp.AdminResetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("ann")})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_ForgotPassword")
	_, err = a.password(t, "ann", hookPassword)
	hookRefused(t, err, "PasswordResetRequiredException", "Password reset required for the user")
	a.wantSources(t, "PreAuthentication_Authentication")

	for _, suppressed := range []bool{true, false} {
		name, in := "bob", &idp.AdminCreateUserInput{UserPoolId: &a.pool, DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL", "SMS"}}
		if suppressed {
			name, in.MessageAction = "cleo", "SUPPRESS"
		}
		in.Username, in.TemporaryPassword = &name, aws.String("Temp0rary!")
		in.UserAttributes = hookAttributes("email", name+"@example.com", "phone_number", "+15550001111")
		_, err = a.AdminCreateUser(ctx, in)
		hookMust(t, err)
		if suppressed {
			a.wantSources(t, "PreSignUp_AdminCreateUser")
		} else {
			a.wantSources(t, "PreSignUp_AdminCreateUser", "CustomMessage_AdminCreateUser")
		}
	}
	_, err = a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("bob"), MessageAction: "RESEND", DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
		TemporaryPassword: aws.String("Temp0rary!"),
	})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_AdminCreateUser")

	begun, err := a.password(t, "bob", "Temp0rary!")
	hookMust(t, err)
	a.wantSources(t, "PreAuthentication_Authentication")
	_, err = a.answer(t, "NEW_PASSWORD_REQUIRED", begun.Session, "USERNAME", "bob", "NEW_PASSWORD", hookPassword)
	hookMust(t, err)
	e = a.take()
	if len(e) != 2 || e[0].Source != "PostAuthentication_Authentication" || e[1].Source != "TokenGeneration_NewPasswordChallenge" {
		t.Fatalf("events of the new password: %+v", e)
	}
	for _, event := range e {
		if diff := cmp.Diff(map[string]any{"from": "answer"}, event.Request["clientMetadata"]); diff != "" {
			t.Errorf("metadata of %s (-want +got):\n%s", event.Source, diff)
		}
		if event.attributes()["cognito:user_status"] != "CONFIRMED" {
			t.Errorf("%s sees the status %v", event.Source, event.attributes()["cognito:user_status"])
		}
	}

	_, err = a.signUp(t, "dan")
	hookMust(t, err)
	a.take()
	_, err = a.AdminConfirmSignUp(ctx, &idp.AdminConfirmSignUpInput{UserPoolId: &a.pool, Username: aws.String("dan"), ClientMetadata: map[string]string{"by": "admin"}})
	hookMust(t, err)
	e = a.take()
	if len(e) != 1 || e[0].Source != "PostConfirmation_ConfirmSignUp" || e[0].CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" ||
		!cmp.Equal(e[0].Request["clientMetadata"], any(map[string]any{"by": "admin"})) {
		t.Errorf("events of AdminConfirmSignUp: %+v", e)
	}
	_, err = a.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &a.pool, Username: aws.String("dan"), UserAttributes: hookAttributes("email", "dan2@example.com"),
	})
	hookMust(t, err)
	a.wantSources(t, "CustomMessage_UpdateUserAttribute")
	_, err = a.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("dan"), Password: aws.String(hookPassword)})
	hookMust(t, err)
	_, err = a.AdminDeleteUser(ctx, &idp.AdminDeleteUserInput{UserPoolId: &a.pool, Username: aws.String("dan")})
	hookMust(t, err)
	a.wantSources(t)
}

func TestFunctionsAreToldWhatTheCallRoutesToThem(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	_, err := a.signUp(t, "ann")
	hookMust(t, err)
	e := a.take()
	if len(e) != 2 {
		t.Fatalf("events: %+v", e)
	}
	want := map[string]any{
		"userAttributes": map[string]any{"email": "ann@example.com"}, "validationData": map[string]any{"captcha": "solved"},
		"clientMetadata": map[string]any{"from": "sign-up"},
	}
	if diff := cmp.Diff(want, e[0].Request); diff != "" {
		t.Errorf("PreSignUp (-want +got):\n%s", diff)
	}
	if e[0].UserName != "ann" || e[0].UserPoolID != a.pool || e[0].CallerContext.ClientID != a.client || e[0].Version != "1" ||
		!strings.HasPrefix(e[0].CallerContext.SDK, "aws-sdk-go-v2-") {
		t.Errorf("envelope of PreSignUp: %+v", e[0])
	}
	delete(e[1].Request, "userAttributes")
	want = map[string]any{
		"codeParameter": "{####}", "linkParameter": "{##Click Here##}", "usernameParameter": nil, "clientMetadata": map[string]any{"from": "sign-up"},
	}
	if diff := cmp.Diff(want, e[1].Request); diff != "" {
		t.Errorf("CustomMessage (-want +got):\n%s", diff)
	}

	a.addUser(t, "bob")
	_, err = a.password(t, "bob", hookPassword)
	hookMust(t, err)
	for _, event := range a.take() {
		_, has := event.Request["clientMetadata"]
		validation := event.Request["validationData"]
		switch event.Source {
		case "PreAuthentication_Authentication":
			if diff := cmp.Diff(any(map[string]any{"from": "start"}), validation); diff != "" || has {
				t.Errorf("PreAuthentication gets validationData %v, clientMetadata %v", validation, has)
			}
			if _, has := event.Request["userNotFound"]; has {
				t.Error("PreAuthentication of a client that tells who exists has userNotFound")
			}
		default:
			if has || validation != nil {
				t.Errorf("%s hears what InitiateAuth was told: %v", event.Source, event.Request)
			}
		}
	}
	auth, err := a.password(t, "bob", hookPassword)
	hookMust(t, err)
	a.take()
	_, err = a.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{
		ClientId: &a.client, RefreshToken: auth.AuthenticationResult.RefreshToken, ClientMetadata: map[string]string{"k": "v"},
	})
	hookMust(t, err)
	if e := a.take(); len(e) != 1 || !cmp.Equal(e[0].Request["clientMetadata"], any(map[string]any{"k": "v"})) {
		t.Errorf("GetTokensFromRefreshToken: %+v", e)
	}
}

func TestPreSignUpDecides(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	verify := map[string]bool{"autoConfirmUser": true, "autoVerifyEmail": true, "autoVerifyPhone": false}
	a.always("PreSignUp", verify)
	out, err := a.signUp(t, "ann")
	hookMust(t, err)
	if !out.UserConfirmed || out.CodeDeliveryDetails != nil {
		t.Errorf("sign-up: %+v", out)
	}
	e := a.take()
	if len(e) != 2 || e[1].Source != "PostConfirmation_ConfirmSignUp" || e[1].attributes()["email_verified"] != "true" ||
		!cmp.Equal(e[1].Request["clientMetadata"], any(map[string]any{"from": "sign-up"})) {
		t.Errorf("events: %+v", e)
	}
	if sent := a.srv.Messages(t, ""); len(sent) > 0 {
		t.Errorf("sent: %v", sent)
	}
	_, err = a.password(t, "ann", hookPassword)
	hookMust(t, err)

	a.always("PreSignUp", map[string]bool{"autoVerifyPhone": true})
	_, err = a.signUp(t, "bob")
	hookRefused(t, err, "InvalidParameterException", "The user has no phone_number that could be verified.")

	a.take()
	_, err = a.signUp(t, "ann")
	hookRefused(t, err, "UsernameExistsException", "User already exists")
	a.wantSources(t)

	a.on("PreSignUp", func(hookEvent) any { return &hookError{message: "not on the list."} })
	_, err = a.signUp(t, "bob")
	hookRefused(t, err, "UserLambdaValidationException", "PreSignUp failed with error not on the list..")
	_, err = a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: aws.String("bob")})
	hookRefused(t, err, "UserLambdaValidationException", "PreSignUp failed with error not on the list..")
	_, err = a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("bob")})
	hookRefused(t, err, "UserNotFoundException", "User does not exist.")

	a.always("PreSignUp", verify)
	created, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("cleo"), MessageAction: "SUPPRESS", ValidationData: hookAttributes("k", "v"),
		UserAttributes: hookAttributes("email", "cleo@example.com"),
	})
	hookMust(t, err)
	if created.User.UserStatus != "FORCE_CHANGE_PASSWORD" || len(created.User.Attributes) != 2 {
		t.Errorf("what a function says about an administrator's user counts: %+v", created.User)
	}
}

func TestAutoVerifyMovesAnAlias(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.AliasAttributes = []types.AliasAttributeType{"email"}
	})
	a.always("PreSignUp", map[string]bool{"autoConfirmUser": true, "autoVerifyEmail": true})
	for _, name := range []string{"ann", "bob"} {
		_, err := a.SignUp(t.Context(), &idp.SignUpInput{
			ClientId: &a.client, Username: &name, Password: aws.String(hookPassword), UserAttributes: hookAttributes("email", "shared@example.com"),
		})
		hookMust(t, err)
	}
	out, err := a.password(t, "shared@example.com", hookPassword)
	hookMust(t, err)
	if got := hookClaims(t, out.AuthenticationResult.AccessToken)["username"]; got != "bob" {
		t.Errorf("the alias leads to %v", got)
	}
	ann, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
	hookMust(t, err)
	for _, attribute := range ann.UserAttributes {
		if *attribute.Name == "email_verified" && *attribute.Value != "false" {
			t.Errorf("email_verified of the one before is %s", *attribute.Value)
		}
	}
}

func TestFailuresOfFunctionsAreToldInTheServicesWords(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	for _, tc := range []struct {
		name       string
		answer     *hookError
		code, text string
	}{
		{"it throws", &hookError{message: "no."}, "UserLambdaValidationException", "PreAuthentication failed with error no.."},
		{"it returns null", &hookError{raw: "null"}, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"it returns a string", &hookError{raw: `"ok"`}, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"it returns no response", &hookError{raw: `{"version":"1"}`}, "InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"it returns nonsense", &hookError{raw: `{`}, "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON"},
		{
			"it returns 5 MB", &hookError{raw: `{"response":"` + strings.Repeat("x", 5<<20) + `"}`},
			"InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a.on("PreAuthentication", func(hookEvent) any { return tc.answer })
			_, err := a.password(t, "ann", hookPassword)
			hookRefused(t, err, tc.code, tc.text)
			a.on("PreAuthentication", nil)
			_, err = a.password(t, "ann", hookPassword)
			hookMust(t, err)
		})
	}
	a.always("PreSignUp", map[string]any{"autoConfirmUser": "yes"})
	_, err := a.signUp(t, "bob")
	hookRefused(t, err, "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON")
}

func TestAFunctionThatIsMissingOrNeverAnswers(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.LambdaConfig = &types.LambdaConfigType{
			PreSignUp: aws.String("arn:aws:lambda:us-east-1:000000000000:function:nowhere"), PreAuthentication: aws.String(hookARN),
		}
	})
	_, err := a.signUp(t, "bob")
	hookRefused(t, err, "UnexpectedLambdaException", "PreSignUp invocation failed due to error ResourceNotFoundException.")
	_, err = a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("bob")})
	hookRefused(t, err, "UserNotFoundException", "User does not exist.")
	if testing.Short() {
		t.Skip("three attempts of five seconds")
	}
	_, err = a.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{
		UserPoolId: &a.pool, LambdaConfig: &types.LambdaConfigType{PreAuthentication: aws.String(hookARN)},
	})
	hookMust(t, err)
	a.addUser(t, "ann")
	a.on("PreAuthentication", func(hookEvent) any { return &hookError{wait: true} })
	begun := time.Now()
	_, err = a.password(t, "ann", hookPassword)
	hookRefused(t, err, "UnexpectedLambdaException", "PreAuthentication invocation failed due to error Socket timeout while invoking Lambda function.")
	if took := time.Since(begun); took < 14*time.Second || took > time.Minute {
		t.Errorf("gave up after %s", took)
	}
	a.wantSources(t, "PreAuthentication_Authentication", "PreAuthentication_Authentication", "PreAuthentication_Authentication")
}

func TestWhatAFailedTriggerLeavesBehind(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	refuse := func(hookEvent) any { return &hookError{message: "no"} }
	ctx := t.Context()

	a.on("CustomMessage", refuse)
	_, err := a.signUp(t, "ann")
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")
	a.on("CustomMessage", nil)
	_, err = a.ResendConfirmationCode(ctx, &idp.ResendConfirmationCodeInput{ClientId: &a.client, Username: aws.String("ann")})
	hookMust(t, err) // the user is there, unconfirmed

	a.on("PostConfirmation", refuse)
	confirm := &idp.ConfirmSignUpInput{
		ClientId: &a.client, Username: aws.String("ann"), ConfirmationCode: aws.String(a.srv.Code(t, "ann@example.com")),
	}
	_, err = a.ConfirmSignUp(ctx, confirm)
	hookRefused(t, err, "UserLambdaValidationException", "PostConfirmation failed with error no.")
	_, err = a.ConfirmSignUp(ctx, confirm)
	hookRefused(t, err, "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")

	for _, trigger := range []string{"PostAuthentication", "PreTokenGeneration"} {
		a.on(trigger, refuse)
		_, err = a.password(t, "ann", hookPassword)
		hookRefused(t, err, "UserLambdaValidationException", trigger+" failed with error no.")
		a.on(trigger, nil)
	}
	for range 8 { // none of these is a failed password
		a.on("PreAuthentication", refuse)
		_, err = a.password(t, "ann", hookPassword)
		hookRefused(t, err, "UserLambdaValidationException", "PreAuthentication failed with error no.")
	}
	a.on("PreAuthentication", nil)
	out, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)

	a.on("CustomMessage", refuse)
	_, err = a.UpdateUserAttributes(ctx, &idp.UpdateUserAttributesInput{
		AccessToken: out.AuthenticationResult.AccessToken, UserAttributes: hookAttributes("email", "ann2@example.com"),
	})
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")
	_, err = a.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &a.pool, Username: aws.String("ann"), UserAttributes: hookAttributes("email", "ann3@example.com"),
	})
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")
	_, err = a.AdminUpdateUserAttributes(ctx, &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &a.pool, Username: aws.String("ann"), UserAttributes: hookAttributes("email", "ann@example.com", "email_verified", "true"),
	})
	hookMust(t, err)
	_, err = a.AdminResetUserPassword(ctx, &idp.AdminResetUserPasswordInput{UserPoolId: &a.pool, Username: aws.String("ann")})
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")
	_, err = a.password(t, "ann", hookPassword)
	hookMust(t, err) // still with the old password
	_, err = a.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("bob"), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
		UserAttributes: hookAttributes("email", "bob@example.com"),
	})
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")

	a.on("CustomMessage", nil)
	invite := &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("cem"), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
		UserAttributes: hookAttributes("email", "cem@example.com"), TemporaryPassword: aws.String("Temp0rary-first!"),
	}
	_, err = a.AdminCreateUser(ctx, invite)
	hookMust(t, err)
	a.on("CustomMessage", refuse)
	invite.MessageAction, invite.TemporaryPassword, invite.UserAttributes = "RESEND", aws.String("Temp0rary-second!"), nil
	_, err = a.AdminCreateUser(ctx, invite)
	hookRefused(t, err, "UserLambdaValidationException", "CustomMessage failed with error no.")
	challenge, err := a.password(t, "cem", "Temp0rary-first!")
	hookMust(t, err) // the password of the invitation that arrived
	if challenge.ChallengeName != "NEW_PASSWORD_REQUIRED" {
		t.Errorf("the first temporary password leads to %q", challenge.ChallengeName)
	}
	_, err = a.password(t, "cem", "Temp0rary-second!")
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
}

func TestPreAuthenticationHearsOfUsersWhoDoNotExist(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "ENABLED"
		p.LambdaConfig.UserMigration = nil
	})
	_, err := a.password(t, "nobody", hookPassword)
	hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
	e := a.take()
	if len(e) != 1 || e[0].Request["userNotFound"] != true || e[0].UserName != "nobody" || len(e[0].attributes()) != 0 {
		t.Errorf("events: %+v", e)
	}
	a.addUser(t, "ann")
	_, err = a.password(t, "ann", hookPassword)
	hookMust(t, err)
	if e := a.take(); len(e) != 3 || e[0].Request["userNotFound"] != false {
		t.Errorf("events: %+v", e)
	}
}

func TestPreTokenGenerationChangesTokens(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	ctx := t.Context()
	_, err := a.CreateGroup(ctx, &idp.CreateGroupInput{UserPoolId: &a.pool, GroupName: aws.String("staff"), RoleArn: aws.String("arn:aws:iam::000000000000:role/staff"), Precedence: aws.Int32(1)})
	hookMust(t, err)
	_, err = a.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &a.pool, Username: aws.String("ann"), GroupName: aws.String("staff")})
	hookMust(t, err)

	a.always("PreTokenGeneration", map[string]any{"claimsOverrideDetails": map[string]any{
		"claimsToAddOrOverride": map[string]string{"plan": "gold", "sub": "stolen"}, "claimsToSuppress": []string{"email"},
	}})
	out, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	events := a.take()
	e := events[len(events)-1]
	want := map[string]any{
		"groupsToOverride": []any{"staff"}, "iamRolesToOverride": []any{"arn:aws:iam::000000000000:role/staff"},
		"preferredRole": "arn:aws:iam::000000000000:role/staff",
	}
	if diff := cmp.Diff(any(want), e.Request["groupConfiguration"]); diff != "" {
		t.Errorf("groupConfiguration (-want +got):\n%s", diff)
	}
	if _, has := e.Request["scopes"]; has || e.Version != "1" {
		t.Errorf("V1 has scopes: %v, version %s", has, e.Version)
	}
	id := hookClaims(t, out.AuthenticationResult.IdToken)
	if id["plan"] != "gold" || id["email"] != nil || id["sub"] == "stolen" {
		t.Errorf("ID token %v", id)
	}
	if access := hookClaims(t, out.AuthenticationResult.AccessToken); access["plan"] != nil {
		t.Errorf("V1 changed the access token: %v", access)
	}

	config := allTriggers()
	config.PreTokenGenerationConfig = &types.PreTokenGenerationVersionConfigType{LambdaArn: aws.String(hookARN), LambdaVersion: "V2_0"}
	_, err = a.UpdateUserPool(ctx, &idp.UpdateUserPoolInput{UserPoolId: &a.pool, LambdaConfig: config})
	hookMust(t, err)
	a.always("PreTokenGeneration", map[string]any{"claimsAndScopeOverrideDetails": map[string]any{
		"idTokenGeneration": map[string]any{"claimsToAddOrOverride": map[string]any{"limits": map[string]any{"seats": 12345678901234567}}},
		"accessTokenGeneration": map[string]any{
			"claimsToAddOrOverride": map[string]any{"tenant": "t1", "username": "somebody"}, "scopesToAdd": []string{"orders/read"},
		},
		"groupOverrideDetails": map[string]any{"groupsToOverride": []string{"guests"}},
	}})
	out, err = a.start(t, types.AuthFlowTypeRefreshTokenAuth, "REFRESH_TOKEN", *out.AuthenticationResult.RefreshToken)
	hookMust(t, err)
	events = a.take()
	if e = events[len(events)-1]; e.Version != "2" || !cmp.Equal(e.Request["scopes"], any([]any{"aws.cognito.signin.user.admin"})) {
		t.Errorf("V2: version %s, scopes %v", e.Version, e.Request["scopes"])
	}
	access := hookClaims(t, out.AuthenticationResult.AccessToken)
	if access["tenant"] != "t1" || access["scope"] != "aws.cognito.signin.user.admin orders/read" || access["username"] != "somebody" ||
		!cmp.Equal(access["cognito:groups"], any([]any{"guests"})) {
		t.Errorf("access token %v", access)
	}
	if id := hookClaims(t, out.AuthenticationResult.IdToken); id["limits"] == nil || id["plan"] != nil || id["email"] != "ann@example.com" {
		t.Errorf("ID token %v", id)
	}
	me, err := a.GetUser(ctx, &idp.GetUserInput{AccessToken: out.AuthenticationResult.AccessToken})
	hookMust(t, err)
	if *me.Username != "ann" {
		t.Errorf("a token that says it is somebody's opens the data of %s", *me.Username)
	}
	a.always("PreTokenGeneration", map[string]any{"claimsAndScopeOverrideDetails": map[string]any{
		"accessTokenGeneration": map[string]any{"scopesToAdd": []string{"a b"}},
	}})
	_, err = a.password(t, "ann", hookPassword)
	hookRefused(t, err, "InvalidLambdaResponseException", "Invalid lambda function output : scopesToAdd must not contain spaces")
}

func TestAFailingFunctionDoesNotUseUpARotatingToken(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.RefreshTokenRotation = &types.RefreshTokenRotationType{Feature: "ENABLED"}
		c.ExplicitAuthFlows = []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"}
	})
	a.addUser(t, "ann")
	out, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	refresh := func() error {
		_, err := a.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: &a.client, RefreshToken: out.AuthenticationResult.RefreshToken})
		return err
	}
	a.on("PreTokenGeneration", func(hookEvent) any { return &hookError{message: "no"} })
	hookRefused(t, refresh(), "UserLambdaValidationException", "PreTokenGeneration failed with error no.")
	a.on("PreTokenGeneration", nil)
	hookMust(t, refresh())
	hookRefused(t, refresh(), "RefreshTokenReuseException", "Refresh token has already been used.")
}

func TestUsersComeFromAnotherDirectory(t *testing.T) {
	t.Parallel()
	for _, hides := range []bool{false, true} {
		a := newHooked(t, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
			if hides {
				c.PreventUserExistenceErrors = "ENABLED"
			}
		})
		before := []string{}
		if hides {
			before = []string{"PreAuthentication_Authentication"}
		}
		a.on("UserMigration", func(e hookEvent) any {
			if e.Request["password"] != "weak" {
				return &hookError{message: "Bad password"}
			}
			return map[string]any{
				"userAttributes":  map[string]string{"email": "old@example.com", "email_verified": "true"},
				"finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS",
			}
		})
		_, err := a.password(t, "old", "guess")
		hookRefused(t, err, "UserLambdaValidationException", "UserMigration failed with error Bad password.")
		a.take()
		out, err := a.password(t, "old", "weak")
		hookMust(t, err)
		if got := hookClaims(t, out.AuthenticationResult.IdToken)["email"]; got != "old@example.com" {
			t.Errorf("e-mail of the migrated user: %v", got)
		}
		events := a.take()
		if e := events[len(before)]; e.UserName != "old" || !cmp.Equal(e.Request["validationData"], any(map[string]any{"from": "start"})) ||
			e.Request["userAttributes"] != nil {
			t.Errorf("event of the migration: %+v", e)
		}
		var got []string
		for _, e := range events {
			got = append(got, e.Source)
		}
		want := append(before, "UserMigration_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		_, err = a.password(t, "old", "weak")
		hookMust(t, err)
		a.wantSources(t, "PreAuthentication_Authentication", "PostAuthentication_Authentication", "TokenGeneration_Authentication")

		if hides { // by a password that was chosen: its session is used up like any other
			chosen, err := a.start(t, types.AuthFlowTypeUserAuth, "USERNAME", "chooser", "PREFERRED_CHALLENGE", "PASSWORD")
			hookMust(t, err)
			a.always("UserMigration", map[string]any{
				"userAttributes": map[string]string{"email": "chooser@example.com"}, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS",
			})
			in, err := a.answer(t, chosen.ChallengeName, chosen.Session, "USERNAME", "chooser", "PASSWORD", "weak")
			hookMust(t, err)
			if in.AuthenticationResult == nil {
				t.Errorf("the migrated user gets %s", in.ChallengeName)
			}
			_, err = a.answer(t, chosen.ChallengeName, chosen.Session, "USERNAME", "chooser", "PASSWORD", "weak")
			hookRefused(t, err, "NotAuthorizedException", "Invalid session for the user, session can only be used once.")
			a.take()
		}

		a.always("UserMigration", map[string]any{"userAttributes": nil})
		_, err = a.password(t, "nobody", "weak")
		if hides {
			hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
		} else {
			hookRefused(t, err, "UserNotFoundException", "User does not exist.")
		}
		a.always("UserMigration", map[string]any{"userAttributes": map[string]string{"sub": "1", "email": "x@example.com"}})
		_, err = a.password(t, "wrong", "weak")
		if hides {
			hookRefused(t, err, "NotAuthorizedException", "Incorrect username or password.")
		} else {
			hookRefused(t, err, "UserNotFoundException", "Exception migrating user in app client "+a.client)
		}
		// A medium that there is not makes nobody.
		a.always("UserMigration", map[string]any{
			"userAttributes": map[string]string{"email": "fax@example.com"}, "finalUserStatus": "CONFIRMED", "desiredDeliveryMediums": []string{"EMAIL", "FAX"},
		})
		_, err = a.password(t, "fax", "weak")
		hookRefused(t, err, "InvalidLambdaResponseException", "Invalid lambda function output : Invalid JSON")
		_, err = a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("fax")})
		hookRefused(t, err, "UserNotFoundException", "User does not exist.")
		a.always("UserMigration", map[string]any{
			"userAttributes":         map[string]string{"email": "later@example.com", "email_verified": "true"},
			"desiredDeliveryMediums": []string{"EMAIL", "EMAIL"},
		})
		_, err = a.password(t, "later", "weak")
		hookRefused(t, err, "PasswordResetRequiredException", "Password reset required for the user")
		if code := a.srv.Code(t, "later@example.com"); code == "weak" || code == "" {
			t.Errorf("the welcome message tells %q", code)
		}
		if sent := a.srv.Messages(t, "later@example.com"); len(sent) != 1 {
			t.Errorf("%d welcome messages, want 1", len(sent))
		}
		a.await(t, "CustomMessage_AdminCreateUser")
		a.take()

		a.always("UserMigration", map[string]any{
			"userAttributes": map[string]string{"email": "forgot@example.com", "email_verified": "true"}, "messageAction": "SUPPRESS",
		})
		_, err = a.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{
			ClientId: &a.client, Username: aws.String("forgot"), ClientMetadata: map[string]string{"k": "v"},
		})
		hookMust(t, err)
		asked := a.await(t, "UserMigration_ForgotPassword")
		if _, has := asked.Request["password"]; has || !cmp.Equal(asked.Request["clientMetadata"], any(map[string]any{"k": "v"})) {
			t.Errorf("event of the forgotten password: %+v", asked.Request)
		}
		code := a.srv.Code(t, "forgot@example.com")
		a.await(t, "CustomMessage_ForgotPassword")
		_, err = a.ConfirmForgotPassword(t.Context(), &idp.ConfirmForgotPasswordInput{
			ClientId: &a.client, Username: aws.String("forgot"), ConfirmationCode: &code, Password: aws.String(hookPassword),
		})
		hookMust(t, err)
		_, err = a.password(t, "forgot", hookPassword)
		hookMust(t, err)

		// SRP and custom challenges bring no password, so they bring nobody.
		a.take()
		_, _ = a.start(t, types.AuthFlowTypeUserSrpAuth, "USERNAME", "srp", "SRP_A", "abcdef")
		for _, e := range a.take() {
			if strings.HasPrefix(e.Source, "UserMigration") {
				t.Errorf("SRP fired %s", e.Source)
			}
		}
		choice, err := a.start(t, types.AuthFlowTypeUserAuth, "USERNAME", "chosen", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", "weak")
		if err == nil || choice != nil {
			t.Errorf("a user who has to reset signs in: %v", choice)
		}
		hookRefused(t, err, "PasswordResetRequiredException", "Password reset required for the user")
	}
}

func TestCustomSendersGetTheCodeSealed(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.LambdaConfig.KMSKeyID = aws.String("arn:aws:kms:us-east-1:000000000000:key/codes")
		p.LambdaConfig.CustomEmailSender = &types.CustomEmailLambdaVersionConfigType{LambdaArn: aws.String(hookARN), LambdaVersion: "V1_0"}
		p.LambdaConfig.CustomSMSSender = &types.CustomSMSLambdaVersionConfigType{LambdaArn: aws.String(hookARN), LambdaVersion: "V1_0"}
	})
	a.on("CustomEmailSender", func(hookEvent) any { return &hookError{message: "a sender's failure is nobody's business"} })
	out, err := a.signUp(t, "ann")
	hookMust(t, err)
	if out.CodeDeliveryDetails == nil || *out.CodeDeliveryDetails.Destination != "a***@e***" {
		t.Errorf("details: %+v", out.CodeDeliveryDetails)
	}
	e := a.await(t, "CustomEmailSender_SignUp")
	if e.Request["type"] != "customEmailSenderRequestV1" || e.Response != nil || !cmp.Equal(e.Request["clientMetadata"], any(map[string]any{"from": "sign-up"})) {
		t.Errorf("event: %+v", e)
	}
	keys, err := esdk.OpenLocalKeys(filepath.Join(a.srv.DataDir, "kms.key"))
	hookMust(t, err)
	code := openCode(t, keys, e)
	_, err = a.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &a.client, Username: aws.String("ann"), ConfirmationCode: &code})
	hookMust(t, err)
	a.wantSources(t, "PreSignUp_SignUp", "CustomEmailSender_SignUp", "PostConfirmation_ConfirmSignUp") // and no CustomMessage
	if sent := a.srv.Messages(t, ""); len(sent) > 0 {
		t.Errorf("sent beside the sender: %v", sent)
	}

	_, err = a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: aws.String("bob"), TemporaryPassword: aws.String("Temp<0>rary!"),
		UserAttributes: hookAttributes("phone_number", "+15550001111"),
	})
	hookMust(t, err)
	e = a.await(t, "CustomSMSSender_AdminCreateUser")
	if got := openCode(t, keys, e); got != "Temp&lt;0&gt;rary!" || e.CallerContext.ClientID != "CLIENT_ID_NOT_APPLICABLE" {
		t.Errorf("invitation: code %q, client %q", got, e.CallerContext.ClientID)
	}
}

// Functions send to the address that the event has. While users keep their old addresses until the new ones are verified, it has to be the new
// one: a code that the old one gets would verify an address of somebody else.
func TestFunctionsAreToldTheAddressThatIsToBeVerified(t *testing.T) {
	t.Parallel()
	for _, sends := range []bool{true, false} {
		a := newHooked(t, func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
			p.AliasAttributes = []types.AliasAttributeType{"email"}
			p.UserAttributeUpdateSettings = &types.UserAttributeUpdateSettingsType{AttributesRequireVerificationBeforeUpdate: []types.VerifiedAttributeType{"email"}}
			if sends {
				p.LambdaConfig.KMSKeyID = aws.String("arn:aws:kms:us-east-1:000000000000:key/codes")
				p.LambdaConfig.CustomEmailSender = &types.CustomEmailLambdaVersionConfigType{LambdaArn: aws.String(hookARN), LambdaVersion: "V1_0"}
			}
		})
		trigger := "CustomMessage"
		if sends {
			trigger = "CustomEmailSender"
		}
		a.addUser(t, "ann")
		in, err := a.password(t, "ann", hookPassword)
		hookMust(t, err)
		told := func(source, address string) {
			t.Helper()
			got := a.await(t, trigger+"_"+source).attributes()
			if got["email"] != address || got["email_verified"] != "false" || got["cognito:email_alias"] != "ann@example.com" {
				t.Errorf("%s_%s is told %v, want %s", trigger, source, got, address)
			}
			a.take()
		}
		_, err = a.UpdateUserAttributes(t.Context(), &idp.UpdateUserAttributesInput{
			AccessToken: in.AuthenticationResult.AccessToken, UserAttributes: hookAttributes("email", "new@example.com"),
		})
		hookMust(t, err)
		told("UpdateUserAttribute", "new@example.com")
		_, err = a.GetUserAttributeVerificationCode(t.Context(), &idp.GetUserAttributeVerificationCodeInput{
			AccessToken: in.AuthenticationResult.AccessToken, AttributeName: aws.String("email"),
		})
		hookMust(t, err)
		told("VerifyUserAttribute", "new@example.com")
		_, err = a.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
			UserPoolId: &a.pool, Username: aws.String("ann"), UserAttributes: hookAttributes("email", "newer@example.com"),
		})
		hookMust(t, err)
		told("UpdateUserAttribute", "newer@example.com")
	}
}

// openCode opens the code of a sender's event as a function does.
func openCode(t testing.TB, keys *esdk.LocalKeys, e hookEvent) string {
	t.Helper()
	text, _ := e.Request["code"].(string)
	var sealed []byte
	hookMust(t, json.Unmarshal([]byte(`"`+text+`"`), &sealed))
	plain, bound, err := esdk.Decrypt(context.Background(), keys, sealed)
	hookMust(t, err)
	if bound["userpool-id"] != e.UserPoolID {
		t.Errorf("the code is bound to %v", bound)
	}
	return string(plain)
}

func TestEventsAreShownAndReplayed(t *testing.T) {
	t.Parallel()
	a := newHooked(t, nil)
	a.addUser(t, "ann")
	_, err := a.password(t, "ann", hookPassword)
	hookMust(t, err)
	list := func() []map[string]any {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.srv.URL+"/_cenote/triggers", http.NoBody)
		hookMust(t, err)
		req.Header.Set("Accept", "application/json")
		res, err := http.DefaultClient.Do(req)
		hookMust(t, err)
		defer res.Body.Close()
		var all []map[string]any
		hookMust(t, json.NewDecoder(res.Body).Decode(&all))
		return all
	}
	all := list()
	if len(all) != 4 || all[0]["source"] != "TokenGeneration_Authentication" || all[3]["source"] != "PreSignUp_AdminCreateUser" {
		t.Fatalf("records: %v", all)
	}
	a.take()
	res, err := http.Post(a.srv.URL+"/_cenote/triggers/"+all[2]["id"].(string)+"/replay", "", http.NoBody)
	hookMust(t, err)
	defer res.Body.Close()
	var again map[string]any
	hookMust(t, json.NewDecoder(res.Body).Decode(&again))
	if again["replayOf"] != all[2]["id"] || again["source"] != "PreAuthentication_Authentication" {
		t.Errorf("replay: %v", again)
	}
	a.wantSources(t, "PreAuthentication_Authentication")
	if len(list()) != 5 {
		t.Error("the replay is not recorded")
	}
}

// handler is a function as one is written for AWS. It asks the server about the user, by the SDK's environment only.
const handler = `
export const handler = async (event) => {
  if (event.triggerSource === 'PreSignUp_SignUp') event.response.autoConfirmUser = true;
  if (event.triggerSource === 'PreAuthentication_Authentication') {
    const answer = await fetch(process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER, {
      method: 'POST',
      headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.AdminGetUser', 'Content-Type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ UserPoolId: event.userPoolId, Username: event.userName }),
    });
    const user = await answer.json();
    throw new Error('called back about ' + user.Username + ', keys at ' + new URL(process.env.AWS_ENDPOINT_URL_KMS).pathname);
  }
  return event;
};
`

func TestDevRunsAHandlerFromItsFolder(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("needs node")
	}
	folder := t.TempDir()
	hookMust(t, os.WriteFile(filepath.Join(folder, "index.mjs"), []byte(handler), 0o600))
	srv := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Command: "dev", Args: []string{"--function", "hook=" + folder}})
	a := &hooked{Client: srv.SDK()}
	pool, err := a.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: aws.String("local"), LambdaConfig: &types.LambdaConfigType{
		PreSignUp: aws.String(hookARN), PreAuthentication: aws.String(hookARN),
	}})
	hookMust(t, err)
	client, err := a.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: pool.UserPool.Id, ClientName: aws.String("app"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
	})
	hookMust(t, err)
	a.client = *client.UserPoolClient.ClientId
	out, err := a.signUp(t, "ann")
	hookMust(t, err)
	if !out.UserConfirmed {
		t.Error("the handler was not asked")
	}
	_, err = a.password(t, "ann", hookPassword)
	hookRefused(t, err, "UserLambdaValidationException", "PreAuthentication failed with error called back about ann, keys at /_cenote/kms.")
}
