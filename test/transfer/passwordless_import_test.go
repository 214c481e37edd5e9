package transfer

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestImportedUsersSignInByACodeAtOnce(t *testing.T) {
	both(t, func(t *testing.T, srv node) {
		api := srv.SDK()
		made, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
			PoolName: aws.String("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail},
			Policies: &types.UserPoolPolicyType{SignInPolicy: &types.SignInPolicyType{AllowedFirstAuthFactors: []types.AuthFactorType{"PASSWORD", "EMAIL_OTP"}}},
		})
		must(t, err)
		poolID := *made.UserPool.Id
		client, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
			UserPoolId: &poolID, ClientName: aws.String("app"), PreventUserExistenceErrors: types.PreventUserExistenceErrorTypesEnabled,
			ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		})
		must(t, err)
		clientID := client.UserPoolClient.ClientId
		importNames(t, srv.Server, poolID, "ann", "bob")

		// Who has a password again, by way of a reset, has to choose another one first.
		_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &poolID, Username: aws.String("bob"), Password: aws.String(password), Permanent: true})
		must(t, err)
		_, err = api.AdminResetUserPassword(t.Context(), &idp.AdminResetUserPasswordInput{UserPoolId: &poolID, Username: aws.String("bob")})
		must(t, err)
		start := func(name string) (*idp.InitiateAuthOutput, error) {
			return api.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
				ClientId: clientID, AuthFlow: types.AuthFlowTypeUserAuth, AuthParameters: map[string]string{"USERNAME": name, "PREFERRED_CHALLENGE": "EMAIL_OTP"},
			})
		}
		if _, err := start("bob"); err == nil || cenotetest.CodeOf(t, err) != "PasswordResetRequiredException" {
			t.Errorf("a user whose password was reset is answered %v", err)
		}
		if _, err := signIn(t, api, *clientID, "ann", password); err == nil || cenotetest.CodeOf(t, err) != "NotAuthorizedException" {
			t.Errorf("a password is answered %v", err)
		}
		status := func() types.UserStatusType {
			u, err := api.AdminGetUser(t.Context(), &idp.AdminGetUserInput{UserPoolId: &poolID, Username: aws.String("ann")})
			must(t, err)
			return u.UserStatus
		}
		asked, err := start("ann")
		must(t, err)
		if asked.ChallengeName != types.ChallengeNameTypeEmailOtp || status() != types.UserStatusTypeResetRequired {
			t.Fatalf("asked %s, the user is %s", asked.ChallengeName, status())
		}
		answer := func(code string) (*idp.RespondToAuthChallengeOutput, error) {
			return api.RespondToAuthChallenge(t.Context(), &idp.RespondToAuthChallengeInput{
				ClientId: clientID, ChallengeName: asked.ChallengeName, Session: asked.Session,
				ChallengeResponses: map[string]string{"USERNAME": "ann", "EMAIL_OTP_CODE": code},
			})
		}
		if _, err := answer(cenotetest.Wrong(srv.Code(t, "ann@example.com"))); err == nil || cenotetest.CodeOf(t, err) != "CodeMismatchException" || status() != types.UserStatusTypeResetRequired {
			t.Errorf("a wrong code is answered %v, the user is %s", err, status())
		}
		in, err := answer(srv.Code(t, "ann@example.com"))
		must(t, err)
		if status() != types.UserStatusTypeConfirmed {
			t.Errorf("the user is %s after the sign-in", status())
		}
		_, err = api.GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: clientID, RefreshToken: in.AuthenticationResult.RefreshToken})
		if err != nil && cenotetest.CodeOf(t, err) != "UnsupportedOperationException" {
			t.Errorf("a refresh is answered %v", err)
		}
		_, err = api.GetUser(t.Context(), &idp.GetUserInput{AccessToken: in.AuthenticationResult.AccessToken})
		must(t, err)
	})
}

// importNames imports users without a password, each with a verified address at example.com.
func importNames(t *testing.T, srv *cenotetest.Server, poolID string, names ...string) {
	t.Helper()
	api := srv.SDK()
	columns, err := api.GetCSVHeader(t.Context(), &idp.GetCSVHeaderInput{UserPoolId: &poolID})
	must(t, err)
	file := strings.Join(columns.CSVHeader, ",") + "\n"
	for _, name := range names {
		file += row(columns.CSVHeader, map[string]string{"cognito:username": name, "cognito:mfa_enabled": "false", "email": name + "@example.com", "email_verified": "true"})
	}
	job := createJob(t, srv, poolID, "")
	if status := put(t, job.PreSignedUrl, file); status != http.StatusOK {
		t.Fatalf("the upload is answered %d", status)
	}
	_, err = api.StartUserImportJob(t.Context(), &idp.StartUserImportJobInput{UserPoolId: &poolID, JobId: &job.JobId})
	must(t, err)
	if done := finished(t, api, poolID, job.JobId); done.ImportedUsers != int64(len(names)) {
		t.Fatalf("the job ends as %+v", done)
	}
}
