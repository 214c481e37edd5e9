package limit

import (
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// Federation stands for a sign-in by an identity provider, which is no operation of the API, where a request counts as one.
const Federation = "federation"

// categories are the operations by the category whose limit an account can set (Quotas in Amazon Cognito). Operations that are newer than
// that list are put with those they resemble.
var categories = map[string]string{
	"InitiateAuth":                pool.UserAuthentication,
	"RespondToAuthChallenge":      pool.UserAuthentication,
	"AdminInitiateAuth":           pool.UserAuthentication,
	"AdminRespondToAuthChallenge": pool.UserAuthentication,

	"SignUp":             pool.UserCreation,
	"ConfirmSignUp":      pool.UserCreation,
	"AdminCreateUser":    pool.UserCreation,
	"AdminConfirmSignUp": pool.UserCreation,

	Federation: pool.UserFederation,

	"GetUser":      pool.UserRead,
	"AdminGetUser": pool.UserRead,

	"GetTokensFromRefreshToken": pool.UserToken,
	"RevokeToken":               pool.UserToken,

	"GetDevice":                        pool.UserResourceRead,
	"ListDevices":                      pool.UserResourceRead,
	"AdminGetDevice":                   pool.UserResourceRead,
	"AdminListDevices":                 pool.UserResourceRead,
	"AdminListGroupsForUser":           pool.UserResourceRead,
	"AdminListUserAuthEvents":          pool.UserResourceRead,
	"GetUserAttributeVerificationCode": pool.UserResourceRead,
	"ResendConfirmationCode":           pool.UserResourceRead,
	"GetUserAuthFactors":               pool.UserResourceRead,
	"AdminGetUserAuthFactors":          pool.UserResourceRead,
	"ListUserSessions":                 pool.UserResourceRead,
	"AdminListUserSessions":            pool.UserResourceRead,
	"ListWebAuthnCredentials":          pool.UserResourceRead,
}

// answers is how much more often challenges may be answered than sign-ins begun.
const answers = 3

// provisionedKind returns the kind of work that a request is, with the requests per second that the account has set as its share; none
// when there is no limit. Answers to challenges have a bucket of their own; a new password counts as account recovery, whose limit
// nobody can set.
func provisionedKind(operation string, in any, limits map[string]int64) (kind, bool) {
	category := categories[operation]
	perSecond, set := limits[category]
	k := kind{category, float64(perSecond)}
	switch challenge := challengeOf(in); {
	case challenge == "NEW_PASSWORD_REQUIRED":
		return kind{}, false
	case operation == "RespondToAuthChallenge" || operation == "AdminRespondToAuthChallenge":
		k = kind{category + " answer", answers * k.share}
	}
	return k, set
}

func challengeOf(in any) string {
	switch in := in.(type) {
	case *wire.RespondToAuthChallengeInput:
		return in.ChallengeName
	case *wire.AdminRespondToAuthChallengeInput:
		return in.ChallengeName
	}
	return ""
}

// tokenOf returns the access token of a request whose operation has a category; it may be empty.
func tokenOf(in any) string {
	switch in := in.(type) {
	case *wire.GetUserInput:
		return in.AccessToken
	case *wire.GetDeviceInput:
		return in.AccessToken
	case *wire.ListDevicesInput:
		return in.AccessToken
	case *wire.GetUserAttributeVerificationCodeInput:
		return in.AccessToken
	case *wire.GetUserAuthFactorsInput:
		return in.AccessToken
	case *wire.ListUserSessionsInput:
		return in.AccessToken
	case *wire.ListWebAuthnCredentialsInput:
		return in.AccessToken
	}
	return ""
}
