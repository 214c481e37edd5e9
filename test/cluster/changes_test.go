//go:build linux

package cluster

import (
	"context"
	"fmt"
	"slices"
	"sync"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// ways are what may happen to a user who has signed in.
var ways = []func(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType){
	setPassword, changePassword, revoke, deleteUser, disable, signOut, join, resetPassword, choosePassword, rotate,
}

const revoked = "Refresh Token has been revoked"

// hasPassword notes which password a user has, and which no more.
func (e *entry) hasPassword(s *stack, now, before string) {
	e.holds("the password before is refused", func(ctx context.Context, api *idp.Client) error {
		_, err := s.signIn(ctx, api, s.client, e.name, before)
		return wantRefusal(err, "Incorrect username or password.")
	})
	e.holds("the password signs in", func(ctx context.Context, api *idp.Client) error {
		_, err := s.signIn(ctx, api, s.client, e.name, now)
		return wantSuccess(err)
	})
}

func setPassword(ctx context.Context, l *load, e *entry, _ *types.AuthenticationResultType) {
	_, err := l.s.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &l.s.pool, Username: &e.name, Password: new(newPassword), Permanent: true})
	if l.did(e, "setting the password", err) {
		e.hasPassword(l.s, newPassword, password)
	}
}

func changePassword(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType) {
	_, err := l.s.api.ChangePassword(ctx, &idp.ChangePasswordInput{AccessToken: got.AccessToken, PreviousPassword: new(password), ProposedPassword: new(newPassword)})
	if l.did(e, "changing the password", err) {
		e.hasPassword(l.s, newPassword, password)
	}
}

func revoke(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType) {
	_, err := l.s.api.RevokeToken(ctx, &idp.RevokeTokenInput{ClientId: &l.s.client, Token: got.RefreshToken})
	if l.did(e, "revoking", err) {
		e.tokensAreRevoked(l.s, got)
	}
}

// tokensAreRevoked notes that no token of a sign-in is good any more.
func (e *entry) tokensAreRevoked(s *stack, got *types.AuthenticationResultType) {
	e.forGood("a revoked refresh token is refused", func(ctx context.Context, api *idp.Client) error {
		return wantRefusal(s.refresh(ctx, api, *got.RefreshToken), revoked)
	})
	e.forGood("a revoked access token is refused", func(ctx context.Context, api *idp.Client) error {
		_, err := api.GetUser(ctx, &idp.GetUserInput{AccessToken: got.AccessToken})
		return wantRefusal(err, "Access Token has been revoked")
	})
}

func deleteUser(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType) {
	_, err := l.s.api.DeleteUser(ctx, &idp.DeleteUserInput{AccessToken: got.AccessToken})
	if l.did(e, "deleting", err) {
		e.facts = nil
		e.holds("the user is gone", func(ctx context.Context, api *idp.Client) error {
			_, err := api.AdminGetUser(ctx, &idp.AdminGetUserInput{UserPoolId: &l.s.pool, Username: &e.name})
			return wantRefusal(err, "User does not exist.")
		})
	}
}

func disable(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType) {
	_, err := l.s.api.AdminDisableUser(ctx, &idp.AdminDisableUserInput{UserPoolId: &l.s.pool, Username: &e.name})
	if l.did(e, "disabling", err) {
		e.tokensAreRevoked(l.s, got)
		e.holds("the user is disabled", func(ctx context.Context, api *idp.Client) error {
			_, err := l.s.signIn(ctx, api, l.s.client, e.name, password)
			return wantRefusal(err, "User is disabled.")
		})
	}
}

func signOut(ctx context.Context, l *load, e *entry, got *types.AuthenticationResultType) {
	_, err := l.s.api.GlobalSignOut(ctx, &idp.GlobalSignOutInput{AccessToken: got.AccessToken})
	if l.did(e, "signing out", err) {
		e.tokensAreRevoked(l.s, got)
	}
}

// join ends with the user in the second group alone.
func join(ctx context.Context, l *load, e *entry, _ *types.AuthenticationResultType) {
	for _, group := range groups {
		_, err := l.s.api.AdminAddUserToGroup(ctx, &idp.AdminAddUserToGroupInput{UserPoolId: &l.s.pool, Username: &e.name, GroupName: &group})
		if !l.did(e, "joining", err) {
			return
		}
	}
	_, err := l.s.api.AdminRemoveUserFromGroup(ctx, &idp.AdminRemoveUserFromGroupInput{UserPoolId: &l.s.pool, Username: &e.name, GroupName: &groups[0]})
	if l.did(e, "leaving", err) {
		e.holds("the groups", func(ctx context.Context, api *idp.Client) error {
			out, err := api.AdminListGroupsForUser(ctx, &idp.AdminListGroupsForUserInput{UserPoolId: &l.s.pool, Username: &e.name})
			if err != nil {
				return err
			}
			var names []string
			for _, g := range out.Groups {
				names = append(names, *g.GroupName)
			}
			if !slices.Equal(names, groups[1:]) {
				return fmt.Errorf("got %q, want %q", names, groups[1:])
			}
			return nil
		})
	}
}

// resetPassword uses a code twice at the same time, for different passwords.
func resetPassword(ctx context.Context, l *load, e *entry, _ *types.AuthenticationResultType) {
	_, err := l.s.api.ForgotPassword(ctx, &idp.ForgotPasswordInput{ClientId: &l.s.client, Username: &e.name})
	if !l.did(e, "forgetting the password", err) {
		return
	}
	code := l.s.phones.take(e.phone)
	l.race(ctx, e, "a code", "Invalid code provided, please request a code again.", func(ctx context.Context, api *idp.Client, password string) error {
		_, err := api.ConfirmForgotPassword(ctx, &idp.ConfirmForgotPasswordInput{ClientId: &l.s.client, Username: &e.name, ConfirmationCode: &code, Password: &password})
		return err
	})
}

// choosePassword uses the session of a challenge twice at the same time, for different passwords.
func choosePassword(ctx context.Context, l *load, e *entry, _ *types.AuthenticationResultType) {
	_, err := l.s.api.AdminSetUserPassword(ctx, &idp.AdminSetUserPasswordInput{UserPoolId: &l.s.pool, Username: &e.name, Password: new(password)})
	if !l.did(e, "setting a temporary password", err) {
		return
	}
	out, err := l.s.api.InitiateAuth(ctx, &idp.InitiateAuthInput{
		ClientId: &l.s.client, AuthFlow: types.AuthFlowTypeUserPasswordAuth, AuthParameters: map[string]string{"USERNAME": e.name, "PASSWORD": password},
	})
	if !l.did(e, "beginning to sign in", err) {
		return
	}
	l.race(ctx, e, "a session", "Invalid session for the user", func(ctx context.Context, api *idp.Client, password string) error {
		_, err := api.RespondToAuthChallenge(ctx, &idp.RespondToAuthChallengeInput{
			ClientId: &l.s.client, ChallengeName: types.ChallengeNameTypeNewPasswordRequired, Session: out.Session,
			ChallengeResponses: map[string]string{"USERNAME": e.name, "NEW_PASSWORD": password},
		})
		return err
	})
}

// race uses what may be used once at the same time for two passwords.
func (l *load) race(ctx context.Context, e *entry, what, refusal string, use func(ctx context.Context, api *idp.Client, password string) error) {
	passwords := [2]string{newPassword + "1", newPassword + "2"}
	var errs [2]error
	var racing sync.WaitGroup
	for i := range passwords {
		racing.Go(func() { errs[i] = use(ctx, l.s.api, passwords[i]) })
	}
	racing.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			l.complain("%s: %s was used twice", e.name, what)
		case err == nil:
			winner = i
		case !isDoubt(err) && wantRefusal(err, refusal) != nil:
			l.complain("%s: %s: %v", e.name, what, err)
		}
	}
	if winner < 0 {
		err := errs[0]
		if !isDoubt(err) {
			err = errs[1]
		}
		l.did(e, "using "+what, err) // in doubt, unless both were refused
		return
	}
	l.did(e, "using "+what, nil)
	e.forGood(what+" cannot be used again", func(ctx context.Context, api *idp.Client) error {
		return wantRefusal(use(ctx, api, newPassword+"3"), refusal)
	})
	e.hasPassword(l.s, passwords[winner], password)
}

// rotate exchanges refresh tokens: the last one is good, those before are not.
func rotate(ctx context.Context, l *load, e *entry, _ *types.AuthenticationResultType) {
	got, err := l.s.signIn(ctx, l.s.api, l.s.rotating, e.name, password)
	if !l.did(e, "signing in where tokens rotate", err) {
		return
	}
	exchange := func(ctx context.Context, api *idp.Client, token string) (string, error) {
		out, err := api.GetTokensFromRefreshToken(ctx, &idp.GetTokensFromRefreshTokenInput{ClientId: &l.s.rotating, RefreshToken: &token})
		if err != nil {
			return "", err
		}
		return *out.AuthenticationResult.RefreshToken, nil
	}
	var spent []string
	current := *got.RefreshToken
	for range 2 {
		next, err := exchange(ctx, l.s.api, current)
		if !l.did(e, "exchanging a refresh token", err) {
			return
		}
		spent, current = append(spent, current), next
	}
	e.holds("the newest refresh token is good", func(ctx context.Context, api *idp.Client) error {
		_, err := exchange(ctx, api, current)
		return wantSuccess(err)
	})
	for _, token := range spent {
		e.forGood("a refresh token that was exchanged is refused", func(ctx context.Context, api *idp.Client) error {
			if _, err := exchange(ctx, api, token); err == nil || isDoubt(err) {
				return fmt.Errorf("got %w, want a refusal", orSuccess(err))
			}
			return nil
		})
	}
}
