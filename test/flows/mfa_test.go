package flows

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// factorApp is an application whose users sign in by several factors.
type factorApp struct {
	*idp.Client
	srv      *cenotetest.Server
	pool     string
	clientID string
	offset   time.Duration // of the server's clock
}

const factorPassword = "Corr3ct-horse!"

// newFactorApp makes a pool that can send mail and texts, with the MFA configuration (nil: none) and one client.
func newFactorApp(t testing.TB, mfa *idp.SetUserPoolMfaConfigInput, change func(*idp.CreateUserPoolInput, *idp.CreateUserPoolClientInput)) *factorApp {
	t.Helper()
	a := &factorApp{srv: cenotetest.Start(t, cenotetest.Options{})}
	a.Client = a.srv.SDK()
	pool := &idp.CreateUserPoolInput{
		PoolName:           aws.String("factors"),
		EmailConfiguration: &types.EmailConfigurationType{EmailSendingAccount: "DEVELOPER", SourceArn: aws.String("arn:aws:ses:us-east-1:000000000000:identity/example.com")},
		SmsConfiguration:   &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
	}
	client := &idp.CreateUserPoolClientInput{
		ClientName: aws.String("app"), PreventUserExistenceErrors: "LEGACY",
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"},
	}
	if change != nil {
		change(pool, client)
	}
	made, err := a.CreateUserPool(t.Context(), pool)
	factorMust(t, err)
	a.pool = *made.UserPool.Id
	client.UserPoolId = &a.pool
	app, err := a.CreateUserPoolClient(t.Context(), client)
	factorMust(t, err)
	a.clientID = *app.UserPoolClient.ClientId
	if mfa != nil {
		mfa.UserPoolId = &a.pool
		_, err = a.SetUserPoolMfaConfig(t.Context(), mfa)
		factorMust(t, err)
	}
	return a
}

// mfa is a configuration with all of the factors: "sms", "totp", "email".
func mfa(mode types.UserPoolMfaType, factors ...string) *idp.SetUserPoolMfaConfigInput {
	in := &idp.SetUserPoolMfaConfigInput{MfaConfiguration: mode}
	if slices.Contains(factors, "sms") {
		in.SmsMfaConfiguration = &types.SmsMfaConfigType{}
	}
	if slices.Contains(factors, "totp") {
		in.SoftwareTokenMfaConfiguration = &types.SoftwareTokenMfaConfigType{Enabled: true}
	}
	if slices.Contains(factors, "email") {
		in.EmailMfaConfiguration = &types.EmailMfaConfigType{Subject: aws.String("Your code"), Message: aws.String("It is {####}")}
	}
	return in
}

func factorMust(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// factorRefused expects an exception and, unless it is "", its text.
func factorRefused(t testing.TB, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || text != "" && api.ErrorMessage() != text {
		t.Errorf("got %v, want %s: %s", err, code, text)
	}
}

// addUser makes a confirmed user with a password and attributes (name, value, ...).
func (a *factorApp) addUser(t testing.TB, name string, attributes ...string) {
	t.Helper()
	_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: &a.pool, Username: &name, TemporaryPassword: aws.String("T3mporary-horse!"), MessageAction: "SUPPRESS", UserAttributes: factorAttributes(attributes...),
	})
	factorMust(t, err)
	_, err = a.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{
		UserPoolId: &a.pool, Username: &name, Password: aws.String(factorPassword), Permanent: true,
	})
	factorMust(t, err)
}

func factorAttributes(pairs ...string) []types.AttributeType {
	var list []types.AttributeType
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, types.AttributeType{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return list
}

// advance moves the server's clock.
func (a *factorApp) advance(t testing.TB, d time.Duration) {
	t.Helper()
	a.srv.Advance(t, d)
	a.offset += d
}

// totp is the code that an authenticator shows.
func (a *factorApp) totp(t testing.TB, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(a.offset))
	factorMust(t, err)
	return code
}

func (a *factorApp) start(t testing.TB, flow types.AuthFlowType, pairs ...string) (*idp.InitiateAuthOutput, error) {
	t.Helper()
	return a.InitiateAuth(t.Context(), &idp.InitiateAuthInput{ClientId: &a.clientID, AuthFlow: flow, AuthParameters: factorMap(pairs...)})
}

// password starts a sign-in with the user's password and expects a challenge, "" for tokens.
func (a *factorApp) password(t testing.TB, name string, want types.ChallengeNameType) *idp.InitiateAuthOutput {
	t.Helper()
	out, err := a.start(t, "USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", factorPassword)
	factorMust(t, err)
	if out.ChallengeName != want || (out.AuthenticationResult == nil) == (want == "") {
		t.Fatalf("the password is followed by %q (tokens: %v), want %q", out.ChallengeName, out.AuthenticationResult != nil, want)
	}
	return out
}

func (a *factorApp) answer(t testing.TB, challenge types.ChallengeNameType, session *string, pairs ...string) (*idp.RespondToAuthChallengeOutput, error) {
	t.Helper()
	return a.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
		ClientId: &a.clientID, ChallengeName: challenge, Session: session, ChallengeResponses: factorMap(pairs...),
	})
}

// tokens expects an answer to end the sign-in.
func (a *factorApp) tokens(t testing.TB, challenge types.ChallengeNameType, session *string, pairs ...string) *types.AuthenticationResultType {
	t.Helper()
	out, err := a.answer(t, challenge, session, pairs...)
	factorMust(t, err)
	if out.AuthenticationResult == nil || out.ChallengeName != "" || out.Session != nil {
		t.Fatalf("%s is followed by %q", challenge, out.ChallengeName)
	}
	return out.AuthenticationResult
}

func factorMap(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// raw calls an operation that the SDK does not know.
func (a *factorApp) raw(t testing.TB, operation string, in map[string]any) map[string]any {
	t.Helper()
	body, err := json.Marshal(in)
	factorMust(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.srv.URL+"/", bytes.NewReader(body))
	factorMust(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	res, err := http.DefaultClient.Do(r)
	factorMust(t, err)
	defer res.Body.Close()
	out := map[string]any{}
	factorMust(t, json.NewDecoder(res.Body).Decode(&out))
	out["status"] = float64(res.StatusCode)
	return out
}

// usesTOTP registers a token for the signed-in user and turns it on; it returns the secret.
func (a *factorApp) usesTOTP(t testing.TB, token *string) string {
	t.Helper()
	made, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: token})
	factorMust(t, err)
	_, err = a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: token, UserCode: aws.String(a.totp(t, *made.SecretCode))})
	factorMust(t, err)
	_, err = a.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{
		AccessToken: token, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true},
	})
	factorMust(t, err)
	a.advance(t, 30*time.Second)
	return *made.SecretCode
}

const (
	usedSession    = "Invalid session for the user, session can only be used once."
	expiredSession = "Invalid session for the user, session is expired."
	invalidSession = "Invalid session for the user."
	wrongCode      = "Invalid code or auth state for the user."
	wrongToken     = "Invalid code received for user"
	usedToken      = "Your software token has already been used once."
)

func TestASoftwareTokenIsSetUpWithinASignIn(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "totp", "sms"), nil)
	a.addUser(t, "ann")
	begun := a.password(t, "ann", "MFA_SETUP")
	if diff := cmp.Diff(map[string]string{"MFAS_CAN_SETUP": `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`, "USER_ID_FOR_SRP": "ann"}, begun.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	_, err := a.answer(t, "MFA_SETUP", begun.Session, "USERNAME", "ann")
	factorRefused(t, err, "InvalidParameterException", "")

	_, err = a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: begun.Session, UserCode: aws.String("000000")})
	factorRefused(t, err, "SoftwareTokenMFANotFoundException", "")
	made, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: begun.Session})
	factorMust(t, err)
	secret := *made.SecretCode
	if len(secret) != 52 || made.Session == nil || *made.Session == *begun.Session {
		t.Fatalf("secret of %d characters, session %v", len(secret), made.Session)
	}
	_, err = a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: begun.Session})
	factorRefused(t, err, "NotAuthorizedException", usedSession)
	_, err = a.answer(t, "MFA_SETUP", made.Session, "USERNAME", "ann")
	factorRefused(t, err, "InvalidParameterException", "")

	verify := func(code string) (*idp.VerifySoftwareTokenOutput, error) {
		return a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{
			Session: made.Session, UserCode: &code, FriendlyDeviceName: aws.String("Ann's phone"),
		})
	}
	_, err = verify(cenotetest.WrongTOTP(t, secret, time.Now().Add(a.offset)))
	factorRefused(t, err, "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
	_, err = verify("12345")
	factorRefused(t, err, "InvalidParameterException", "")
	first := a.totp(t, secret)
	verified, err := verify(first)
	factorMust(t, err)
	if verified.Status != "SUCCESS" || verified.Session == nil {
		t.Fatalf("verified: %v", verified)
	}
	_, err = verify(first)
	factorRefused(t, err, "NotAuthorizedException", usedSession)

	// The token is in force, whether or not the challenge is answered to its end.
	again := a.password(t, "ann", "SOFTWARE_TOKEN_MFA")
	if diff := cmp.Diff(map[string]string{"FRIENDLY_DEVICE_NAME": "Ann's phone", "USER_ID_FOR_SRP": "ann"}, again.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", again.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", first)
	factorRefused(t, err, "ExpiredCodeException", usedToken)
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", again.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", "abc")
	factorRefused(t, err, "CodeMismatchException", wrongToken)
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", again.Session, "USERNAME", "ann")
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter SOFTWARE_TOKEN_MFA_CODE")
	a.advance(t, 30*time.Second)
	second := a.totp(t, secret)
	a.tokens(t, "SOFTWARE_TOKEN_MFA", again.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", second)
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", again.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", second)
	factorRefused(t, err, "NotAuthorizedException", usedSession)

	tokens := a.tokens(t, "MFA_SETUP", verified.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", "ignored")
	me, err := a.GetUser(t.Context(), &idp.GetUserInput{AccessToken: tokens.AccessToken})
	factorMust(t, err)
	if diff := cmp.Diff([]string{"SOFTWARE_TOKEN_MFA"}, me.UserMFASettingList); diff != "" || me.PreferredMfaSetting != nil || me.MFAOptions != nil {
		t.Errorf("GetUser shows %v, %v, %v", me.UserMFASettingList, me.PreferredMfaSetting, me.MFAOptions)
	}
}

func TestASessionOfASetUpIsWorthNothingOnceAFactorIsThere(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "totp", "email"), nil)
	a.addUser(t, "ann")
	stolen, own := a.password(t, "ann", "MFA_SETUP"), a.password(t, "ann", "MFA_SETUP")
	handed, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: stolen.Session})
	factorMust(t, err)
	other := a.password(t, "ann", "MFA_SETUP")

	made, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: own.Session})
	factorMust(t, err)
	_, err = a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: made.Session, UserCode: aws.String(a.totp(t, *made.SecretCode))})
	factorMust(t, err)

	_, err = a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: handed.Session, UserCode: aws.String(a.totp(t, *handed.SecretCode))})
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	_, err = a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: other.Session})
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	_, err = a.answer(t, "MFA_SETUP", other.Session, "USERNAME", "ann", "EMAIL", "mallory@example.com")
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
}

func TestASoftwareTokenIsRegisteredByASignedInUser(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "totp"), nil)
	a.addUser(t, "ann")
	token := a.password(t, "ann", "").AuthenticationResult.AccessToken

	for name, in := range map[string]*idp.AssociateSoftwareTokenInput{
		"neither": {}, "both": {AccessToken: token, Session: aws.String(strings.Repeat("A", 40))},
	} {
		_, err := a.AssociateSoftwareToken(t.Context(), in)
		if factorRefused(t, err, "InvalidParameterException", ""); t.Failed() {
			t.Fatal(name)
		}
	}
	_, err := a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: token, UserCode: aws.String("123456")})
	factorRefused(t, err, "SoftwareTokenMFANotFoundException", "")
	_, err = a.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{
		AccessToken: token, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	factorRefused(t, err, "InvalidParameterException", "User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")

	old, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: token})
	factorMust(t, err)
	if old.Session != nil {
		t.Error("a session comes with an access token")
	}
	made, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: token})
	factorMust(t, err)
	verify := func(code string) error {
		_, err := a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: token, UserCode: &code})
		return err
	}
	factorRefused(t, verify(a.totp(t, *old.SecretCode)), "EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA")
	code := a.totp(t, *made.SecretCode)
	factorMust(t, verify(code))
	factorRefused(t, verify(code), "EnableSoftwareTokenMFAException", "Your software token has already been used once.")
	a.password(t, "ann", "") // verified, and not yet turned on

	_, err = a.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{
		AccessToken: token, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	factorMust(t, err)
	asked := a.password(t, "ann", "SOFTWARE_TOKEN_MFA")
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", asked.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", code)
	factorRefused(t, err, "ExpiredCodeException", usedToken)

	// A new secret takes nothing away before its first code.
	next, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: token})
	factorMust(t, err)
	a.advance(t, 30*time.Second)
	a.tokens(t, "SOFTWARE_TOKEN_MFA", asked.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.totp(t, *made.SecretCode))
	factorMust(t, verify(a.totp(t, *next.SecretCode)))
	a.advance(t, 30*time.Second)
	asked = a.password(t, "ann", "SOFTWARE_TOKEN_MFA")
	_, err = a.answer(t, "SOFTWARE_TOKEN_MFA", asked.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.totp(t, *made.SecretCode))
	factorRefused(t, err, "CodeMismatchException", wrongToken)
	a.tokens(t, "SOFTWARE_TOKEN_MFA", asked.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", a.totp(t, *next.SecretCode))

	lost := a.raw(t, "AdminDeleteSoftwareToken", map[string]any{"UserPoolId": a.pool, "Username": "ann"})
	if diff := cmp.Diff(map[string]any{"status": 200.0}, lost); diff != "" {
		t.Errorf("AdminDeleteSoftwareToken (-want +got):\n%s", diff)
	}
	a.password(t, "ann", "")
	shown, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: aws.String("ann")})
	factorMust(t, err)
	if shown.UserMFASettingList != nil || shown.PreferredMfaSetting != nil {
		t.Errorf("AdminGetUser shows %v, %v", shown.UserMFASettingList, shown.PreferredMfaSetting)
	}
}

func TestAPoolWithoutSoftwareTokensRegistersNone(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "sms"), nil)
	a.addUser(t, "ann")
	token := a.password(t, "ann", "").AuthenticationResult.AccessToken
	_, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{AccessToken: token})
	factorRefused(t, err, "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
	_, err = a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{AccessToken: token, UserCode: aws.String("123456")})
	factorRefused(t, err, "SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the userPool")
	for _, session := range []string{strings.Repeat("A", 40), strings.Repeat("?", 40)} {
		_, err = a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: &session})
		factorRefused(t, err, "NotAuthorizedException", invalidSession)
	}
}

func TestCodesAreASecondFactor(t *testing.T) {
	t.Parallel()
	const phone = "+15555550123"
	a := newFactorApp(t, mfa("OPTIONAL", "sms", "totp", "email"), nil)
	a.addUser(t, "ann", "phone_number", phone, "email", "ann@example.com", "email_verified", "true")
	prefer := func(in idp.AdminSetUserMFAPreferenceInput) {
		t.Helper()
		in.UserPoolId, in.Username = &a.pool, aws.String("ann")
		_, err := a.AdminSetUserMFAPreference(t.Context(), &in)
		factorMust(t, err)
	}
	a.password(t, "ann", "") // addresses alone are no factors here

	prefer(idp.AdminSetUserMFAPreferenceInput{SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true}})
	begun := a.password(t, "ann", "SMS_MFA")
	want := map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": "SMS", "CODE_DELIVERY_DESTINATION": "+*******0123", "USER_ID_FOR_SRP": "ann"}
	if diff := cmp.Diff(want, begun.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	code := a.srv.Code(t, phone)
	if len(code) != 6 {
		t.Errorf("a code of %d digits", len(code))
	}
	for range 6 {
		_, err := a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", "0000000")
		factorRefused(t, err, "CodeMismatchException", wrongCode)
	}
	_, err := a.answer(t, "SOFTWARE_TOKEN_MFA", begun.Session, "USERNAME", "ann", "SOFTWARE_TOKEN_MFA_CODE", code)
	factorRefused(t, err, "SoftwareTokenMFANotFoundException", "Software Token MFA does not exist for the user.")
	_, err = a.answer(t, "EMAIL_OTP", begun.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", code)
	factorRefused(t, err, "NotAuthorizedException", invalidSession)
	_, err = a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_OTP_CODE", code)
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter SMS_MFA_CODE")
	_, err = a.answer(t, "SMS_MFA", nil, "USERNAME", "ann", "SMS_MFA_CODE", code)
	factorRefused(t, err, "InvalidParameterException", "Missing required parameter Session")
	tokens := a.tokens(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", code)
	if !factorClaims(t, tokens.IdToken)["phone_number_verified"].(bool) {
		t.Error("a code that came back does not verify the number in the ID token")
	}
	_, err = a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", code)
	factorRefused(t, err, "NotAuthorizedException", usedSession)

	earlier := a.password(t, "ann", "SMS_MFA")
	code = a.srv.Code(t, phone)
	a.password(t, "ann", "SMS_MFA")
	for _, tried := range []string{code, a.srv.Code(t, phone)} {
		_, err = a.answer(t, "SMS_MFA", earlier.Session, "USERNAME", "ann", "SMS_MFA_CODE", tried)
		factorRefused(t, err, "CodeMismatchException", wrongCode)
	}

	prefer(idp.AdminSetUserMFAPreferenceInput{EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true}})
	begun = a.password(t, "ann", "SELECT_MFA_TYPE")
	if diff := cmp.Diff(map[string]string{"MFAS_CAN_CHOOSE": `["SMS_MFA","EMAIL_OTP"]`, "USER_ID_FOR_SRP": "ann"}, begun.ChallengeParameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
	_, err = a.answer(t, "SELECT_MFA_TYPE", begun.Session, "USERNAME", "ann", "ANSWER", "SOFTWARE_TOKEN_MFA")
	factorRefused(t, err, "InvalidParameterException", "")
	chosen, err := a.answer(t, "SELECT_MFA_TYPE", begun.Session, "USERNAME", "ann", "ANSWER", "EMAIL_MFA")
	factorMust(t, err)
	want = map[string]string{"CODE_DELIVERY_DELIVERY_MEDIUM": "EMAIL", "CODE_DELIVERY_DESTINATION": "a***@e***", "USER_ID_FOR_SRP": "ann"}
	if diff := cmp.Diff(want, chosen.ChallengeParameters); diff != "" || chosen.ChallengeName != "EMAIL_OTP" {
		t.Errorf("%s, parameters (-want +got):\n%s", chosen.ChallengeName, diff)
	}
	_, err = a.answer(t, "SELECT_MFA_TYPE", begun.Session, "USERNAME", "ann", "ANSWER", "SMS_MFA")
	factorRefused(t, err, "NotAuthorizedException", usedSession)
	mail := a.srv.Messages(t, "ann@example.com")[0]
	if mail.Subject != "Your code" || mail.Body != "It is "+mail.Code || len(mail.Code) != 6 {
		t.Errorf("the pool's words are %q, %q", mail.Subject, mail.Body)
	}
	a.tokens(t, "EMAIL_OTP", chosen.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", mail.Code)

	prefer(idp.AdminSetUserMFAPreferenceInput{SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true}})
	begun = a.password(t, "ann", "SMS_MFA")
	a.advance(t, 3*time.Minute)
	_, err = a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", a.srv.Code(t, phone))
	factorRefused(t, err, "NotAuthorizedException", expiredSession)
}

// factorClaims decodes the body of a token.
func factorClaims(t testing.TB, token *string) map[string]any {
	t.Helper()
	return hookClaims(t, token)
}

func TestCodesCannotBeTriedOut(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "sms"), nil)
	a.addUser(t, "ann", "phone_number", "+15555550123")
	begun := a.password(t, "ann", "SMS_MFA")
	for range 20 {
		_, err := a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", "999")
		factorRefused(t, err, "CodeMismatchException", wrongCode)
	}
	_, err := a.answer(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", a.srv.Code(t, "+15555550123"))
	factorRefused(t, err, "NotAuthorizedException", "Attempt limit exceeded, please try after some time.")
	a.advance(t, time.Hour)
	begun = a.password(t, "ann", "SMS_MFA")
	a.tokens(t, "SMS_MFA", begun.Session, "USERNAME", "ann", "SMS_MFA_CODE", a.srv.Code(t, "+15555550123"))
}

func TestAnAddressIsSetUpAsAFactor(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "totp", "email"), nil)
	a.addUser(t, "ann")
	begun := a.password(t, "ann", "MFA_SETUP")
	if got := begun.ChallengeParameters["MFAS_CAN_SETUP"]; got != `["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]` {
		t.Errorf("MFAS_CAN_SETUP is %s", got)
	}
	_, err := a.answer(t, "MFA_SETUP", begun.Session, "USERNAME", "ann", "EMAIL", "no address")
	factorRefused(t, err, "InvalidParameterException", "Invalid email address format.")
	mistyped, err := a.answer(t, "MFA_SETUP", begun.Session, "USERNAME", "ann", "EMAIL", "ann@exmaple.com")
	factorMust(t, err)
	if mistyped.ChallengeName != "EMAIL_OTP" || mistyped.ChallengeParameters["CODE_DELIVERY_DESTINATION"] != "a***@e***" {
		t.Errorf("%s %v", mistyped.ChallengeName, mistyped.ChallengeParameters)
	}

	begun = a.password(t, "ann", "MFA_SETUP") // an address that nobody confirmed is not kept
	sent, err := a.answer(t, "MFA_SETUP", begun.Session, "USERNAME", "ann", "EMAIL", "ann@example.com")
	factorMust(t, err)
	_, err = a.answer(t, "EMAIL_OTP", mistyped.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
	factorRefused(t, err, "CodeMismatchException", wrongCode)
	tokens := a.tokens(t, "EMAIL_OTP", sent.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
	if got := factorClaims(t, tokens.IdToken); got["email"] != "ann@example.com" || got["email_verified"] != true {
		t.Errorf("the ID token has %v, %v", got["email"], got["email_verified"])
	}
	again := a.password(t, "ann", "EMAIL_OTP")
	a.tokens(t, "EMAIL_OTP", again.Session, "USERNAME", "ann", "EMAIL_OTP_CODE", a.srv.Code(t, "ann@example.com"))
}

func TestANewPasswordComesBeforeTheSetUp(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "totp"), nil)
	name := "ann"
	_, err := a.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &a.pool, Username: &name, TemporaryPassword: aws.String(factorPassword), MessageAction: "SUPPRESS"})
	factorMust(t, err)
	begun := a.password(t, name, "NEW_PASSWORD_REQUIRED")
	changed, err := a.answer(t, "NEW_PASSWORD_REQUIRED", begun.Session, "USERNAME", name, "NEW_PASSWORD", factorPassword)
	factorMust(t, err)
	if changed.ChallengeName != "MFA_SETUP" {
		t.Fatalf("the new password is followed by %s", changed.ChallengeName)
	}
	made, err := a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: changed.Session})
	factorMust(t, err)
	verified, err := a.VerifySoftwareToken(t.Context(), &idp.VerifySoftwareTokenInput{Session: made.Session, UserCode: aws.String(a.totp(t, *made.SecretCode))})
	factorMust(t, err)
	out, err := a.AdminRespondToAuthChallenge(t.Context(), &idp.AdminRespondToAuthChallengeInput{
		UserPoolId: &a.pool, ClientId: &a.clientID, ChallengeName: "MFA_SETUP", Session: verified.Session, ChallengeResponses: factorMap("USERNAME", name),
	})
	factorMust(t, err)
	if out.AuthenticationResult == nil {
		t.Errorf("the set-up is followed by %s", out.ChallengeName)
	}
}

func TestPreferencesAreShown(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "sms", "totp", "email"), func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
		p.Policies = &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}}
	})
	name := "ann"
	a.addUser(t, name, "phone_number", "+15555550123", "email", "ann@example.com", "email_verified", "true")
	token := a.password(t, name, "").AuthenticationResult.AccessToken
	a.usesTOTP(t, token)
	_, err := a.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{
		AccessToken: token, EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	factorMust(t, err)
	_, err = a.SetUserMFAPreference(t.Context(), &idp.SetUserMFAPreferenceInput{
		AccessToken: token, EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true, PreferredMfa: true},
		SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true, PreferredMfa: true},
	})
	factorRefused(t, err, "InvalidParameterException", "")

	factors, err := a.GetUserAuthFactors(t.Context(), &idp.GetUserAuthFactorsInput{AccessToken: token})
	factorMust(t, err)
	got := []any{*factors.Username, aws.ToString(factors.PreferredMfaSetting), factors.UserMFASettingList, factors.ConfiguredUserAuthFactors}
	want := []any{name, "EMAIL_OTP", []string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, []types.AuthFactorType{"PASSWORD", "EMAIL_OTP", "SOFTWARE_TOKEN"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("GetUserAuthFactors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{
		"Username": name, "PreferredMfaSetting": "EMAIL_OTP", "UserMFASettingList": []any{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"},
		"ConfiguredUserAuthFactors": []any{"PASSWORD", "EMAIL_OTP", "SOFTWARE_TOKEN"}, "status": 200.0,
	}, a.raw(t, "AdminGetUserAuthFactors", map[string]any{"UserPoolId": a.pool, "Username": name})); diff != "" {
		t.Errorf("AdminGetUserAuthFactors (-want +got):\n%s", diff)
	}

	// The way that came before preferences.
	option := types.MFAOptionType{DeliveryMedium: "SMS", AttributeName: aws.String("phone_number")}
	_, err = a.SetUserSettings(t.Context(), &idp.SetUserSettingsInput{AccessToken: token, MFAOptions: []types.MFAOptionType{option}})
	factorMust(t, err)
	_, err = a.SetUserSettings(t.Context(), &idp.SetUserSettingsInput{AccessToken: token, MFAOptions: []types.MFAOptionType{{DeliveryMedium: "EMAIL", AttributeName: aws.String("email")}}})
	factorRefused(t, err, "InvalidParameterException", "")
	me, err := a.GetUser(t.Context(), &idp.GetUserInput{AccessToken: token})
	factorMust(t, err)
	shown, err := a.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &a.pool, Username: &name})
	factorMust(t, err)
	listed, err := a.ListUsers(t.Context(), &idp.ListUsersInput{UserPoolId: &a.pool})
	factorMust(t, err)
	for where, options := range map[string][]types.MFAOptionType{"GetUser": me.MFAOptions, "AdminGetUser": shown.MFAOptions, "ListUsers": listed.Users[0].MFAOptions} {
		if len(options) != 1 || options[0].DeliveryMedium != "SMS" || aws.ToString(options[0].AttributeName) != "phone_number" {
			t.Errorf("%s shows %v", where, options)
		}
	}
	if diff := cmp.Diff([]string{"SOFTWARE_TOKEN_MFA", "EMAIL_OTP"}, shown.UserMFASettingList); diff != "" {
		t.Errorf("UserMFASettingList (-want +got):\n%s", diff)
	}
	_, err = a.AdminSetUserSettings(t.Context(), &idp.AdminSetUserSettingsInput{UserPoolId: &a.pool, Username: &name, MFAOptions: []types.MFAOptionType{}})
	factorMust(t, err)
	if me, err = a.GetUser(t.Context(), &idp.GetUserInput{AccessToken: token}); err != nil || me.MFAOptions != nil {
		t.Errorf("after they were taken away: %v, %v", me, err)
	}
}

func TestTextMessagesOfOldSettingsAreAskedFor(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "sms"), nil)
	a.addUser(t, "ann")
	option := []types.MFAOptionType{{DeliveryMedium: "SMS", AttributeName: aws.String("phone_number")}}
	_, err := a.AdminSetUserSettings(t.Context(), &idp.AdminSetUserSettingsInput{UserPoolId: &a.pool, Username: aws.String("ann"), MFAOptions: option})
	factorRefused(t, err, "InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
	a.addUser(t, "bob", "phone_number", "+15555550123")
	_, err = a.AdminSetUserSettings(t.Context(), &idp.AdminSetUserSettingsInput{UserPoolId: &a.pool, Username: aws.String("bob"), MFAOptions: option})
	factorMust(t, err)
	begun := a.password(t, "bob", "SMS_MFA")
	a.tokens(t, "SMS_MFA", begun.Session, "USERNAME", "bob", "SMS_MFA_CODE", a.srv.Code(t, "+15555550123"))
}

func TestAPoolIsConfigured(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, nil, nil)
	set := func(in *idp.SetUserPoolMfaConfigInput) error {
		in.UserPoolId = &a.pool
		_, err := a.SetUserPoolMfaConfig(t.Context(), in)
		return err
	}
	off := mfa("OFF", "totp")
	factorRefused(t, set(off), "InvalidParameterException", "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.")
	factorRefused(t, set(mfa("OPTIONAL")), "InvalidParameterException",
		"Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.")
	factorRefused(t, set(&idp.SetUserPoolMfaConfigInput{MfaConfiguration: "SOMETIMES"}), "InvalidParameterException", "")
	_, err := a.SetUserPoolMfaConfig(t.Context(), &idp.SetUserPoolMfaConfigInput{UserPoolId: aws.String("us-east-1_nothing00")})
	factorRefused(t, err, "ResourceNotFoundException", "User pool us-east-1_nothing00 does not exist.")
	factorMust(t, set(mfa("OPTIONAL", "sms", "totp", "email")))
	got, err := a.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &a.pool})
	factorMust(t, err)
	if got.MfaConfiguration != "OPTIONAL" || !got.SoftwareTokenMfaConfiguration.Enabled || aws.ToString(got.EmailMfaConfiguration.Subject) != "Your code" ||
		aws.ToString(got.SmsMfaConfiguration.SmsConfiguration.SnsCallerArn) == "" || got.WebAuthnConfiguration != nil {
		t.Errorf("the configuration is %+v", got)
	}
	described, err := a.DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &a.pool})
	factorMust(t, err)
	if described.UserPool.MfaConfiguration != "OPTIONAL" {
		t.Errorf("the pool shows %s", described.UserPool.MfaConfiguration)
	}
}

func TestAFactorDoesNotRecoverTheAccount(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "sms", "email"), nil)
	name := "ann"
	a.addUser(t, name, "email", "ann@example.com", "email_verified", "true")
	forgot := func() (*idp.ForgotPasswordOutput, error) {
		return a.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &a.clientID, Username: &name})
	}
	_, err := forgot()
	factorMust(t, err)
	_, err = a.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &a.pool, Username: &name, EmailMfaSettings: &types.EmailMfaSettingsType{Enabled: true},
	})
	factorMust(t, err)
	const text = "Cannot reset password for the user as there is no registered/verified email or phone_number"
	_, err = forgot()
	factorRefused(t, err, "InvalidParameterException", text)
	_, err = a.AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &a.pool, Username: &name})
	factorRefused(t, err, "InvalidParameterException", text)
	_, err = a.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
		UserPoolId: &a.pool, Username: &name, UserAttributes: factorAttributes("phone_number", "+15555550123", "phone_number_verified", "true"),
	})
	factorMust(t, err)
	out, err := forgot()
	factorMust(t, err)
	if out.CodeDeliveryDetails.DeliveryMedium != "SMS" {
		t.Errorf("the code goes by %s", out.CodeDeliveryDetails.DeliveryMedium)
	}
}

func TestAFactorThatLostItsAddressIsNoWayAroundMFA(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("OPTIONAL", "sms"), nil)
	name := "ann"
	a.addUser(t, name, "phone_number", "+15555550123")
	_, err := a.AdminSetUserMFAPreference(t.Context(), &idp.AdminSetUserMFAPreferenceInput{
		UserPoolId: &a.pool, Username: &name, SMSMfaSettings: &types.SMSMfaSettingsType{Enabled: true},
	})
	factorMust(t, err)
	_, err = a.AdminDeleteUserAttributes(t.Context(), &idp.AdminDeleteUserAttributesInput{UserPoolId: &a.pool, Username: &name, UserAttributeNames: []string{"phone_number"}})
	factorMust(t, err)
	_, err = a.start(t, "USER_PASSWORD_AUTH", "USERNAME", name, "PASSWORD", factorPassword)
	factorRefused(t, err, "InvalidParameterException", "User does not have delivery config set to turn on SMS_MFA")
}

func TestAnAttemptDoesNotOutliveTheUser(t *testing.T) {
	t.Parallel()
	a := newFactorApp(t, mfa("ON", "sms", "totp"), nil)
	for _, c := range []struct {
		name, code, text string
		change           func(name *string) error
	}{
		{"disabled", "NotAuthorizedException", "User is disabled.", func(name *string) error {
			_, err := a.AdminDisableUser(t.Context(), &idp.AdminDisableUserInput{UserPoolId: &a.pool, Username: name})
			return err
		}},
		{"deleted", "UserNotFoundException", "User does not exist.", func(name *string) error {
			_, err := a.AdminDeleteUser(t.Context(), &idp.AdminDeleteUserInput{UserPoolId: &a.pool, Username: name})
			return err
		}},
		{"reset", "PasswordResetRequiredException", "Password reset required for the user", func(name *string) error {
			_, err := a.AdminUpdateUserAttributes(t.Context(), &idp.AdminUpdateUserAttributesInput{
				UserPoolId: &a.pool, Username: name, UserAttributes: factorAttributes("email", "x@example.com", "email_verified", "true"),
			})
			factorMust(t, err)
			_, err = a.AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &a.pool, Username: name})
			return err
		}},
	} {
		a.addUser(t, c.name)
		begun := a.password(t, c.name, "MFA_SETUP")
		factorMust(t, c.change(&c.name))
		_, err := a.answer(t, "MFA_SETUP", begun.Session, "USERNAME", c.name)
		factorRefused(t, err, c.code, c.text)
		_, err = a.AssociateSoftwareToken(t.Context(), &idp.AssociateSoftwareTokenInput{Session: begun.Session})
		if c.name != "disabled" { // the operation declares no other state of a user
			c.code, c.text = "NotAuthorizedException", "Invalid session for the user."
		}
		factorRefused(t, err, c.code, c.text)
	}
}
