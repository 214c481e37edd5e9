package client

import (
	"context"
	"errors"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// SignOut removes the session from the storage. The tokens stay valid until they expire.
func (u *User) SignOut(ctx context.Context) error { return u.forget(ctx) }

// SignOutAndRevoke revokes the refresh token, and with it all tokens of this sign-in, where the app client allows that; then it removes the
// session, even if the revocation has failed.
func (u *User) SignOutAndRevoke(ctx context.Context) error {
	s, err := u.StoredSession(ctx)
	if errors.Is(err, ErrNoSession) {
		return ErrNotAuthenticated
	}
	if err != nil {
		return err
	}
	if s.RefreshToken != "" && s.AccessToken.claim("origin_jti") != "" {
		_, err = call(ctx, "RevokeToken", u.pool.sdk.RevokeToken, &idp.RevokeTokenInput{
			ClientId: &u.pool.config.ClientID, ClientSecret: optional(u.pool.config.ClientSecret), Token: &s.RefreshToken,
		}, repeated)
	}
	return errors.Join(err, u.forget(ctx))
}

// GlobalSignOut ends all sessions of the signed-in user, on all devices.
func (u *User) GlobalSignOut(ctx context.Context) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	if _, err := call(ctx, "GlobalSignOut", u.pool.sdk.GlobalSignOut, &idp.GlobalSignOutInput{AccessToken: token}); err != nil {
		return err
	}
	return u.forget(ctx)
}

// Delete deletes the account of the signed-in user, and the session and the device from the storage.
func (u *User) Delete(ctx context.Context) error {
	token, err := u.accessToken(ctx)
	if err != nil {
		return err
	}
	if _, err := call(ctx, "DeleteUser", u.pool.sdk.DeleteUser, &idp.DeleteUserInput{AccessToken: token}); err != nil {
		return err
	}
	return errors.Join(u.forget(ctx), u.forgetDeviceSecret(ctx))
}
