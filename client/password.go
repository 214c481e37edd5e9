package client

import (
	"context"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// ChangePassword changes the password of the signed-in user. The old one is "" for a user who has none.
func (u *User) ChangePassword(ctx context.Context, oldPassword, newPassword string) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	_, err = call(ctx, "ChangePassword", u.pool.sdk.ChangePassword, &idp.ChangePasswordInput{
		AccessToken: token, PreviousPassword: optional(oldPassword), ProposedPassword: &newPassword,
	})
	return err
}

// ForgotPassword sends a code to the user, for ConfirmPassword.
func (u *User) ForgotPassword(ctx context.Context) (*CodeDelivery, error) {
	username := u.Username()
	out, err := call(ctx, "ForgotPassword", u.pool.sdk.ForgotPassword, &idp.ForgotPasswordInput{
		ClientId: &u.pool.config.ClientID, Username: &username, SecretHash: u.pool.secretHash(username), ClientMetadata: u.metadata,
		UserContextData: u.pool.userContext(username),
	})
	if err != nil {
		return nil, err
	}
	return codeDelivery(out.CodeDeliveryDetails), nil
}

// ConfirmPassword sets a new password with the code of ForgotPassword.
func (u *User) ConfirmPassword(ctx context.Context, code, newPassword string) error {
	username := u.Username()
	_, err := call(ctx, "ConfirmForgotPassword", u.pool.sdk.ConfirmForgotPassword, &idp.ConfirmForgotPasswordInput{
		ClientId: &u.pool.config.ClientID, Username: &username, SecretHash: u.pool.secretHash(username), ConfirmationCode: &code,
		Password: &newPassword, ClientMetadata: u.metadata, UserContextData: u.pool.userContext(username),
	})
	return err
}
