package hostile_test

import (
	"crypto/rand"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// tries is how often a request is made out of one fixture where the server counts tries: below each limit of an hour.
const tries = 4

// valid says how to make a request that succeeds, so that a change of one member reaches as deep as it can.
type valid struct {
	make func(t testing.TB, f *fixture) object
	// lives is how many altered requests may come from one made; 0 for any number. One that succeeds always ends it.
	lives int
	// refused is the answer to the request where it names what no fixture has (a device, a passkey, an event): its members are tried all
	// the same, and its success is the matter of other tests.
	refused fault.Code
}

// validRequests has one for every operation that is built.
var validRequests = map[string]valid{
	"SignUp": {make: func(_ testing.TB, f *fixture) object {
		name := fresh()
		return object{
			"ClientId": f.client, "Username": name, "Password": password, "UserAttributes": attributes("email", name+"@example.com", "name", "Ann"),
			"ValidationData": attributes("a", "b"), "ClientMetadata": object{"k": "v"},
		}
	}},
	"ConfirmSignUp": {lives: tries, make: func(t testing.TB, f *fixture) object {
		p := f.signedUp(t)
		return object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": f.code(t, p), "ForceAliasCreation": false}
	}},
	"ResendConfirmationCode": {lives: tries, make: func(t testing.TB, f *fixture) object {
		return object{"ClientId": f.client, "Username": f.signedUp(t).name}
	}},
	"ForgotPassword": {lives: tries, make: func(t testing.TB, f *fixture) object {
		return object{"ClientId": f.client, "Username": f.newUser(t).name}
	}},
	"ConfirmForgotPassword": {lives: tries, make: func(t testing.TB, f *fixture) object {
		p := f.newUser(t)
		f.must(t, "ForgotPassword", object{"ClientId": f.client, "Username": p.name})
		return object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": f.code(t, p), "Password": newPassword}
	}},

	"InitiateAuth": {lives: tries, make: func(t testing.TB, f *fixture) object {
		return f.passwordSignIn(f.newUser(t).name, password).with("ClientMetadata", object{"k": "v"})
	}},
	"RespondToAuthChallenge": {lives: tries, make: func(t testing.TB, f *fixture) object {
		p := f.invited(t)
		return f.newPasswordAnswer(p, f.newPasswordSession(t, p))
	}},
	"AdminInitiateAuth": {lives: tries, make: func(t testing.TB, f *fixture) object {
		return f.passwordSignIn(f.newUser(t).name, password).with("AuthFlow", "ADMIN_USER_PASSWORD_AUTH").with("UserPoolId", f.pool)
	}},
	"AdminRespondToAuthChallenge": {lives: tries, make: func(t testing.TB, f *fixture) object {
		p := f.invited(t)
		return f.newPasswordAnswer(p, f.newPasswordSession(t, p)).with("UserPoolId", f.pool)
	}},
	"GetTokensFromRefreshToken": {make: func(t testing.TB, f *fixture) object {
		return object{"ClientId": f.client, "RefreshToken": f.signIn(t, f.newUser(t)).refresh}
	}},
	"RevokeToken": {make: func(t testing.TB, f *fixture) object {
		return object{"ClientId": f.client, "Token": f.signIn(t, f.newUser(t)).refresh}
	}},
	"GlobalSignOut":          {make: signedIn(nil)},
	"AdminUserGlobalSignOut": {make: aboutUser(nil)},

	"GetUser":                          {make: signedIn(nil)},
	"UpdateUserAttributes":             {make: signedIn(object{"UserAttributes": attributes("name", "Bea", "nickname", "B")})},
	"DeleteUserAttributes":             {make: signedIn(object{"UserAttributeNames": []any{"nickname"}})},
	"GetUserAttributeVerificationCode": {lives: tries, make: signedIn(object{"AttributeName": "email"})},
	"VerifyUserAttribute": {lives: tries, make: func(t testing.TB, f *fixture) object {
		p := f.newUser(t)
		token := f.signIn(t, p).access
		f.must(t, "GetUserAttributeVerificationCode", object{"AccessToken": token, "AttributeName": "email"})
		return object{"AccessToken": token, "AttributeName": "email", "Code": f.code(t, p)}
	}},
	"ChangePassword": {lives: tries, make: signedIn(object{"PreviousPassword": password, "ProposedPassword": newPassword})},
	"DeleteUser":     {make: signedIn(nil)},

	"AdminCreateUser": {make: func(_ testing.TB, f *fixture) object {
		name := fresh()
		return object{
			"UserPoolId": f.pool, "Username": name, "TemporaryPassword": password, "MessageAction": "SUPPRESS",
			"DesiredDeliveryMediums": []any{"EMAIL"}, "ForceAliasCreation": false, "ClientMetadata": object{"k": "v"},
			"UserAttributes": attributes("email", name+"@example.com", "name", "Ann"), "ValidationData": attributes("a", "b"),
		}
	}},
	"AdminGetUser":              {make: aboutUser(nil)},
	"AdminUpdateUserAttributes": {make: aboutUser(object{"UserAttributes": attributes("name", "Bea")})},
	"AdminDeleteUserAttributes": {make: aboutUser(object{"UserAttributeNames": []any{"nickname"}})},
	"AdminSetUserPassword":      {make: aboutUser(object{"Password": newPassword, "Permanent": true})},
	"AdminResetUserPassword":    {make: aboutUser(nil)},
	"AdminConfirmSignUp": {make: func(t testing.TB, f *fixture) object {
		return object{"UserPoolId": f.pool, "Username": f.signedUp(t).name}
	}},
	"AdminEnableUser":  {make: aboutUser(nil)},
	"AdminDisableUser": {make: aboutUser(nil)},
	"AdminDeleteUser":  {make: aboutUser(nil)},
	"ListUsers":        {make: aboutPool(object{"Limit": 10, "Filter": `email ^= "a"`, "AttributesToGet": []any{"email"}})},

	"CreateGroup": {make: func(_ testing.TB, f *fixture) object {
		return object{"UserPoolId": f.pool, "GroupName": fresh(), "Description": "d", "Precedence": 1, "RoleArn": roleARN}
	}},
	"GetGroup":                 {make: aboutGroup(nil)},
	"UpdateGroup":              {make: aboutGroup(object{"Description": "d", "Precedence": 2, "RoleArn": roleARN})},
	"DeleteGroup":              {make: aboutGroup(nil)},
	"ListGroups":               {make: aboutPool(object{"Limit": 5})},
	"AdminAddUserToGroup":      {make: aboutMember},
	"AdminRemoveUserFromGroup": {make: aboutMember},
	"AdminListGroupsForUser":   {make: aboutUser(object{"Limit": 5})},
	"ListUsersInGroup":         {make: aboutGroup(object{"Limit": 5})},

	"CreateUserPool": {make: func(testing.TB, *fixture) object {
		return poolSettings.with("PoolName", "hostile").with("Schema", customAttributes()).with("AliasAttributes", []any{"email"}).
			with("UsernameConfiguration", object{"CaseSensitive": false})
	}},
	"DescribeUserPool": {make: aboutPool(nil)},
	"UpdateUserPool":   {make: aboutPool(poolSettings)},
	"ListUserPools":    {make: func(testing.TB, *fixture) object { return object{"MaxResults": 1} }},
	"DeleteUserPool": {make: func(t testing.TB, f *fixture) object {
		return object{"UserPoolId": f.must(t, "CreateUserPool", object{"PoolName": "short-lived"}).at("UserPool", "Id")}
	}},
	"AddCustomAttributes": {make: func(_ testing.TB, f *fixture) object {
		return object{"UserPoolId": f.pool, "CustomAttributes": customAttributes()}
	}},
	"TagResource":         {make: aboutARN(object{"Tags": object{"k": "v"}})},
	"UntagResource":       {make: aboutARN(object{"TagKeys": []any{"k"}})},
	"ListTagsForResource": {make: aboutARN(nil)},

	"CreateUserPoolClient":   {make: aboutPool(clientSettings.with("ClientName", "hostile").with("GenerateSecret", true))},
	"DescribeUserPoolClient": {make: aboutClient(nil)},
	"UpdateUserPoolClient":   {make: aboutClient(clientSettings)},
	"ListUserPoolClients":    {make: aboutPool(object{"MaxResults": 5})},
	"DeleteUserPoolClient":   {make: aboutClient(nil)},
	"AddUserPoolClientSecret": {make: func(t testing.TB, f *fixture) object {
		return object{"UserPoolId": f.pool, "ClientId": f.newClient(t, object{"GenerateSecret": true})}
	}},
	"ListUserPoolClientSecrets": {make: aboutClient(nil)},
	"DeleteUserPoolClientSecret": {make: func(t testing.TB, f *fixture) object {
		id := f.newClient(t, object{"GenerateSecret": true})
		added := f.must(t, "AddUserPoolClientSecret", object{"UserPoolId": f.pool, "ClientId": id})
		return object{"UserPoolId": f.pool, "ClientId": id, "ClientSecretId": added.at("ClientSecretDescriptor", "ClientSecretId")}
	}},
}

const roleARN = "arn:aws:iam::000000000000:role/r"

// poolSettings sets much of what a pool can be told.
var poolSettings = object{
	"Policies":               object{"PasswordPolicy": object{"MinimumLength": 8, "RequireNumbers": true, "TemporaryPasswordValidityDays": 7}},
	"DeletionProtection":     "INACTIVE",
	"AutoVerifiedAttributes": []any{"email"},
	"VerificationMessageTemplate": object{
		"DefaultEmailOption": "CONFIRM_WITH_CODE", "EmailMessage": "Code {####}", "EmailSubject": "Code",
		"SmsMessage": "Code {####}",
	},
	"UserAttributeUpdateSettings": object{"AttributesRequireVerificationBeforeUpdate": []any{"email"}},
	"UserPoolTags":                object{"k": "v"},
	"AdminCreateUserConfig": object{
		"AllowAdminCreateUserOnly": false,
		"InviteMessageTemplate":    object{"EmailMessage": "{username} {####}", "EmailSubject": "Welcome", "SMSMessage": "{username} {####}"},
	},
	"AccountRecoverySetting": object{"RecoveryMechanisms": []any{object{"Name": "verified_email", "Priority": 1}}},
}

// clientSettings sets much of what a client can be told.
var clientSettings = object{
	"ExplicitAuthFlows":    []any{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	"RefreshTokenValidity": 30, "AccessTokenValidity": 60, "IdTokenValidity": 60,
	"TokenValidityUnits": object{"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
	"ReadAttributes":     []any{"email", "name"}, "WriteAttributes": []any{"email", "name"},
	"CallbackURLs": []any{"https://example.com/in"}, "LogoutURLs": []any{"https://example.com/out"}, "DefaultRedirectURI": "https://example.com/in",
	"AllowedOAuthFlows": []any{"code"}, "AllowedOAuthScopes": []any{"openid"}, "AllowedOAuthFlowsUserPoolClient": true,
	"SupportedIdentityProviders": []any{"COGNITO"}, "PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": true,
	"AuthSessionValidity": 3,
}

func customAttributes() []any {
	return []any{object{
		"Name": "a" + rand.Text()[:10], "AttributeDataType": "String", "Mutable": true,
		"StringAttributeConstraints": object{"MinLength": "0", "MaxLength": "10"},
	}}
}

// signedIn makes the request of a user who is signed in.
func signedIn(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("AccessToken", f.signIn(t, f.newUser(t)).access)
	}
}

func aboutPool(more object) func(testing.TB, *fixture) object {
	return func(_ testing.TB, f *fixture) object { return more.with("UserPoolId", f.pool) }
}

func aboutUser(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("UserPoolId", f.pool).with("Username", f.newUser(t).name)
	}
}

func aboutGroup(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("UserPoolId", f.pool).with("GroupName", f.newGroup(t))
	}
}

func aboutMember(t testing.TB, f *fixture) object {
	return object{"UserPoolId": f.pool, "Username": f.newUser(t).name, "GroupName": f.newGroup(t)}
}

func aboutClient(more object) func(testing.TB, *fixture) object {
	return func(t testing.TB, f *fixture) object {
		return more.with("UserPoolId", f.pool).with("ClientId", f.newClient(t, nil))
	}
}

func aboutARN(more object) func(testing.TB, *fixture) object {
	return func(_ testing.TB, f *fixture) object {
		return more.with("ResourceArn", "arn:aws:cognito-idp:us-east-1:000000000000:userpool/"+f.pool)
	}
}
