package gosdk_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"
)

func byMail() *idp.CreateUserPoolInput {
	return &idp.CreateUserPoolInput{AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypeEmail}}
}

func TestSignUpConfirmForget(t *testing.T) {
	onEachDatabase(t, byMail(), nil, func(t *testing.T, a *app) {
		ctx, to, name := t.Context(), address(), aws.String("ann")
		made, err := a.SignUp(ctx, &idp.SignUpInput{ClientId: &a.clientID, Username: name, Password: aws.String(password), UserAttributes: list("email", to)})
		must(t, err)
		d := made.CodeDeliveryDetails
		if made.UserConfirmed || d == nil || *d.Destination != to[:1]+"***@e***" || d.DeliveryMedium != types.DeliveryMediumTypeEmail || *d.AttributeName != "email" {
			t.Errorf("sign-up answers %+v", made)
		}
		first := a.code(t, to)
		_, err = a.InitiateAuth(ctx, a.passwordInput("ann", password))
		refused[*types.UserNotConfirmedException](t, err, "User is not confirmed.")
		confirm := func(code string) error {
			_, err := a.ConfirmSignUp(ctx, &idp.ConfirmSignUpInput{ClientId: &a.clientID, Username: name, ConfirmationCode: &code})
			return err
		}
		refused[*types.CodeMismatchException](t, confirm("x"+first), "Invalid verification code provided, please try again.")
		must(t, confirm(first))
		_, err = a.SignUp(ctx, &idp.SignUpInput{ClientId: &a.clientID, Username: name, Password: aws.String(password)})
		refused[*types.UsernameExistsException](t, err, "User already exists")
		_, err = a.SignUp(ctx, &idp.SignUpInput{ClientId: &a.clientID, Username: aws.String("bob"), Password: aws.String("alllower1!")})
		refused[*types.InvalidPasswordException](t, err, "Password did not conform with policy: Password must have uppercase characters")

		_, err = a.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &a.clientID, Username: name})
		must(t, err)
		second := a.newCode(t, to, 2)
		recover := func(code string) error {
			_, err := a.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{
				ClientId: &a.clientID, Username: name, ConfirmationCode: &code, Password: aws.String("Bett3r-horse!"),
			})
			return err
		}
		refused[*types.CodeMismatchException](t, recover("x"+second), "")
		must(t, recover(second))
		refused[*types.ExpiredCodeException](t, recover(second), "Invalid code provided, please request a code again.")
		a.signIn(t, "ann", "Bett3r-horse!")
		_, err = a.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &a.clientID, Username: aws.String("nobody")})
		refused[*types.UserNotFoundException](t, err, "Username/client id combination not found.")
	})
}

func (a *app) passwordInput(name, secret string) *idp.InitiateAuthInput {
	return &idp.InitiateAuthInput{
		ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: a.hashed(name, "USERNAME", name, "PASSWORD", secret),
	}
}

func TestUsersKeepThemselves(t *testing.T) {
	onEachDatabase(t, byMail(), nil, func(t *testing.T, a *app) {
		ctx, to := t.Context(), address()
		a.makeUser(t, "ann", password, "name", "Ann")
		access := a.signIn(t, "ann", password).AccessToken
		updated, err := a.UpdateUserAttributes(ctx, &idp.UpdateUserAttributesInput{AccessToken: access, UserAttributes: list("name", "Anna", "email", to)})
		must(t, err)
		if len(updated.CodeDeliveryDetailsList) != 1 || *updated.CodeDeliveryDetailsList[0].AttributeName != "email" {
			t.Errorf("delivery %v", updated.CodeDeliveryDetailsList)
		}
		_, err = a.VerifyUserAttribute(ctx, &idp.VerifyUserAttributeInput{AccessToken: access, AttributeName: aws.String("email"), Code: aws.String(a.code(t, to))})
		must(t, err)
		got, err := a.GetUser(ctx, &idp.GetUserInput{AccessToken: access})
		must(t, err)
		attributes := values(got.UserAttributes)
		delete(attributes, "sub")
		if diff := cmp.Diff(map[string]string{"name": "Anna", "email": to, "email_verified": "true"}, attributes); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
		change := func(from, to string) error {
			_, err := a.ChangePassword(ctx, &idp.ChangePasswordInput{AccessToken: access, PreviousPassword: &from, ProposedPassword: &to})
			return err
		}
		refused[*types.NotAuthorizedException](t, change("Wr0ng-horse!", "Bett3r-horse!"), wrongPassword)
		must(t, change(password, "Bett3r-horse!"))
		a.signIn(t, "ann", "Bett3r-horse!")
		_, err = a.DeleteUser(ctx, &idp.DeleteUserInput{AccessToken: access})
		must(t, err)
		_, err = a.InitiateAuth(ctx, a.passwordInput("ann", "Bett3r-horse!"))
		refused[*types.UserNotFoundException](t, err, "User does not exist.")
	})
}

func TestTokensAreRenewedAndRevoked(t *testing.T) {
	onEachDatabase(t, nil, nil, func(t *testing.T, a *app) {
		ctx := t.Context()
		a.makeUser(t, "ann", password)
		first, other := a.signIn(t, "ann", password), a.signIn(t, "ann", password)
		renew := func(token *string) (*types.AuthenticationResultType, error) {
			out, err := a.InitiateAuth(ctx, &idp.InitiateAuthInput{
				ClientId: &a.clientID, AuthFlow: types.AuthFlowTypeRefreshTokenAuth, AuthParameters: map[string]string{"REFRESH_TOKEN": *token},
			})
			if err != nil {
				return nil, err
			}
			return out.AuthenticationResult, nil
		}
		renewed, err := renew(first.RefreshToken)
		must(t, err)
		if renewed.RefreshToken != nil || renewed.ExpiresIn != 3600 || aws.ToString(renewed.TokenType) != "Bearer" {
			t.Errorf("a refresh answers %v, %d s, %v", renewed.RefreshToken, renewed.ExpiresIn, renewed.TokenType)
		}
		before, after := claims(t, first.AccessToken), claims(t, renewed.AccessToken)
		for _, name := range []string{"sub", "origin_jti", "auth_time", "event_id", "client_id", "username"} {
			if before[name] == nil || before[name] != after[name] {
				t.Errorf("%s is %v, then %v", name, before[name], after[name])
			}
		}
		if before["jti"] == after["jti"] {
			t.Error("a renewed token has the id of the old one")
		}
		out, err := a.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: &a.clientID, RefreshToken: first.RefreshToken})
		must(t, err)
		claims(t, out.AuthenticationResult.IdToken)

		_, err = a.RevokeToken(ctx, &idp.RevokeTokenInput{ClientId: &a.clientID, Token: first.AccessToken})
		refused[*types.UnsupportedTokenTypeException](t, err, "")
		_, err = a.RevokeToken(ctx, &idp.RevokeTokenInput{ClientId: &a.clientID, Token: first.RefreshToken})
		must(t, err)
		_, err = renew(first.RefreshToken)
		refused[*types.NotAuthorizedException](t, err, "Refresh Token has been revoked")
		_, err = a.GetUser(ctx, &idp.GetUserInput{AccessToken: renewed.AccessToken})
		refused[*types.NotAuthorizedException](t, err, "Access Token has been revoked")
		_, err = renew(other.RefreshToken)
		must(t, err)
		_, err = a.AdminUserGlobalSignOut(ctx, &idp.AdminUserGlobalSignOutInput{UserPoolId: &a.pool, Username: aws.String("ann")})
		must(t, err)
		_, err = renew(other.RefreshToken)
		refused[*types.NotAuthorizedException](t, err, "Refresh Token has been revoked")
		_, err = a.GetUser(ctx, &idp.GetUserInput{AccessToken: a.signIn(t, "ann", password).AccessToken})
		must(t, err)
	})
}
