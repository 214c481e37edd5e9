package hostile_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/fault"
)

// TestRaces runs races on one server on SQLite, and on two nodes of one PostgreSQL database, among which their requests are spread.
func TestRaces(t *testing.T) {
	t.Parallel()
	checks := map[string]func(*testing.T, *server){
		"of many who prove one address one gets the alias":  ofManyWhoProveOneAddressOneGetsTheAlias,
		"an alias that is moved by many stays with one":     anAliasThatIsMovedByManyStaysWithOne,
		"an account is linked to one user":                  anAccountIsLinkedToOneUser,
		"one of many makes a thing and one deletes it":      oneOfManyMakesAThingAndOneDeletesIt,
		"a pool takes what it can have and no more":         aPoolTakesWhatItCanHaveAndNoMore,
		"a client keeps one secret":                         aClientKeepsOneSecret,
		"no token outlives the end of a sign in":            noTokenOutlivesTheEndOfASignIn,
		"a group made again has no members":                 aGroupMadeAgainHasNoMembers,
		"changes are written whole":                         changesAreWrittenWhole,
		"a code of an authenticator app signs in once":      aCodeOfAnAuthenticatorAppSignsInOnce,
		"a device is confirmed once":                        aDeviceIsConfirmedOnce,
		"a pool that is deleted meanwhile answers as usual": aPoolThatIsDeletedMeanwhileAnswersAsUsual,
	}
	run := func(t *testing.T, s *server, checks map[string]func(*testing.T, *server)) {
		for name, check := range checks {
			t.Run(name, func(t *testing.T) { check(t, s) })
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, startServer(t, ""), checks)
	})
	t.Run("nodes", func(t *testing.T) {
		t.Parallel()
		o := cenotetest.Options{Database: pgtest.Start(t), AWSIssuer: true} // an issuer that does not depend on the address
		s := startNode(t, o)
		o.DataDir = s.DataDir
		s.other = startNode(t, o)
		s.one, s.two = newFixture(t, s, nil, nil), newFixture(t, s, nil, nil)
		checks := maps.Clone(checks)
		checks["of many sign ups for one name one succeeds"] = ofManySignUpsForOneNameOneSucceeds
		checks["a code confirms once"] = aCodeConfirmsOnce
		checks["a code sets one password"] = aCodeSetsOnePassword
		checks["a session sets one password"] = aSessionSetsOnePassword
		checks["changes at once are not lost nor internal errors"] = changesAtOnceAreNotLostNorInternalErrors
		checks["users who are deleted meanwhile leave nothing"] = usersWhoAreDeletedMeanwhileLeaveNothing
		run(t, s, checks)
	})
}

// wantWinners complains unless so many of the answers are successes and all others are one of the exceptions.
func wantWinners(t *testing.T, what string, winners int, answers []answer, others ...fault.Code) {
	t.Helper()
	said := count(answers)
	wrong := said[""] != winners
	for _, code := range append(others, "") {
		delete(said, code)
	}
	if wrong || len(said) > 0 {
		t.Errorf("%s: %v, want %d successes and else %v", what, count(answers), winners, others)
	}
}

// verified counts the users of the pool whose e-mail address is the one and verified.
func (f *fixture) verified(t *testing.T, email string) (n int) {
	t.Helper()
	users, _ := f.must(t, "ListUsers", object{"UserPoolId": f.pool, "Filter": fmt.Sprintf("email = %q", email)}).body["Users"].([]any)
	for _, u := range users {
		if attributeOf(u, "Attributes", "email_verified") == "true" {
			n++
		}
	}
	return n
}

func ofManyWhoProveOneAddressOneGetsTheAlias(t *testing.T, s *server) {
	f, email := s.one, fresh()+"@example.com"
	var names, tokens, codes []string
	for range 3 {
		name := fresh()
		f.must(t, "SignUp", object{"ClientId": f.client, "Username": name, "Password": password, "UserAttributes": attributes("email", email)})
		names, codes = append(names, name), append(codes, f.newestCode(t, email))
	}
	wantWinners(t, "ConfirmSignUp", 1, atOnce(t, s, 9, func(i int) (string, object) {
		return "ConfirmSignUp", object{"ClientId": f.client, "Username": names[i%3], "ConfirmationCode": codes[i%3]}
	}), fault.AliasExists, fault.NotAuthorized, fault.ExpiredCode)
	if n := f.verified(t, email); n != 1 {
		t.Errorf("%d users have confirmed %s", n, email)
	}
	email, codes = fresh()+"@example.com", nil
	for range 3 {
		name := fresh()
		f.must(t, "AdminCreateUser", object{"UserPoolId": f.pool, "Username": name, "MessageAction": "SUPPRESS", "UserAttributes": attributes("email", email)})
		f.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": name, "Password": password, "Permanent": true})
		tokens = append(tokens, f.signIn(t, person{name: name}).access)
		f.must(t, "GetUserAttributeVerificationCode", object{"AccessToken": tokens[len(tokens)-1], "AttributeName": "email"})
		codes = append(codes, f.newestCode(t, email))
	}
	wantWinners(t, "VerifyUserAttribute", 1, atOnce(t, s, 9, func(i int) (string, object) {
		return "VerifyUserAttribute", object{"AccessToken": tokens[i%3], "AttributeName": "email", "Code": codes[i%3]}
	}), fault.AliasExists, fault.ExpiredCode)
	if n := f.verified(t, email); n != 1 {
		t.Errorf("%d users have verified %s", n, email)
	}
}

// newestCode is the code that the first node has just sent to an address to which it sent others before.
func (f *fixture) newestCode(t *testing.T, to string) string {
	t.Helper()
	return strings.TrimSpace(f.Messages(t, to)[0].Code)
}

func anAliasThatIsMovedByManyStaysWithOne(t *testing.T, s *server) {
	f, email := s.one, fresh()+"@example.com"
	wantWinners(t, "AdminCreateUser", 10, atOnce(t, s, 10, func(int) (string, object) {
		return "AdminCreateUser", object{
			"UserPoolId": f.pool, "Username": fresh(), "MessageAction": "SUPPRESS", "ForceAliasCreation": true,
			"UserAttributes": attributes("email", email, "email_verified", "true"),
		}
	}))
	if n := f.verified(t, email); n != 1 {
		t.Errorf("%d users have %s as an alias", n, email)
	}
}

func anAccountIsLinkedToOneUser(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	idp, users := f.newProvider(t), []person{f.newUser(t), f.newUser(t), f.newUser(t)}
	link := func(p person, subject string) (string, object) {
		return "AdminLinkProviderForUser", object{
			"UserPoolId":      f.pool,
			"DestinationUser": object{"ProviderName": "Cognito", "ProviderAttributeValue": p.name},
			"SourceUser":      object{"ProviderName": idp, "ProviderAttributeName": "Cognito_Subject", "ProviderAttributeValue": subject},
		}
	}
	wantWinners(t, "one account and two users", 1, atOnce(t, s, 8, func(i int) (string, object) { return link(users[i/2%2], "one") }),
		fault.InvalidParameter, fault.AliasExists)
	wantWinners(t, "many accounts and one user", 5, atOnce(t, s, 9, func(i int) (string, object) { return link(users[2], fmt.Sprint("many", i)) }), fault.LimitExceeded)
	links := 0
	for _, p := range users {
		links += strings.Count(f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).text, `\"userId\":`)
	}
	if links != 6 {
		t.Errorf("%d accounts are linked, want 1 and 5", links)
	}
	wantWinners(t, "unlink", 1, atOnce(t, s, 6, func(int) (string, object) {
		_, in := link(users[0], "one")
		return "AdminDisableProviderForUser", object{"UserPoolId": f.pool, "User": in["SourceUser"]}
	}), fault.UserNotFound, fault.ResourceNotFound, fault.InvalidParameter)
}

func oneOfManyMakesAThingAndOneDeletesIt(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	in := func(more object) object { return more.with("UserPoolId", f.pool) }
	name := fresh()
	for _, race := range []struct {
		operation string
		body      func(i int) object
		others    fault.Code
	}{
		{"CreateGroup", func(int) object { return in(object{"GroupName": name}) }, fault.GroupExists},
		{"DeleteGroup", func(int) object { return in(object{"GroupName": name}) }, fault.ResourceNotFound},
		{"CreateResourceServer", func(int) object { return in(resourceServer.with("Identifier", name)) }, fault.InvalidParameter},
		{"DeleteResourceServer", func(int) object { return in(object{"Identifier": name}) }, fault.ResourceNotFound},
		{"CreateIdentityProvider", func(int) object { return in(provider.with("ProviderName", name)) }, fault.DuplicateProvider},
		{"DeleteIdentityProvider", func(int) object { return in(object{"ProviderName": name}) }, fault.ResourceNotFound},
		{"CreateIdentityProvider", func(i int) object {
			return in(provider.with("ProviderName", fmt.Sprint(name, i)).with("IdpIdentifiers", []any{"same"}))
		}, fault.InvalidParameter},
		{"CreateTerms", func(int) object { return in(terms.with("ClientId", f.client)) }, fault.TermsExists},
		{"CreateManagedLoginBranding", func(int) object { return in(style.with("ClientId", f.client)) }, fault.ManagedLoginBrandingExists},
		{"CreateUserPoolDomain", func(i int) object { return in(object{"Domain": fmt.Sprint(name, i)}) }, fault.InvalidParameter},
	} {
		answers := atOnce(t, s, 10, func(i int) (string, object) { return race.operation, race.body(i) })
		wantWinners(t, race.operation, 1, answers, race.others)
	}
	domain := f.must(t, "DescribeUserPool", in(nil)).at("UserPool", "Domain")
	answers := atOnce(t, s, 6, func(int) (string, object) { return "DeleteUserPoolDomain", in(object{"Domain": domain}) })
	wantWinners(t, "DeleteUserPoolDomain", 1, answers, fault.InvalidParameter)
	answers = atOnce(t, s, 6, func(i int) (string, object) {
		return "CreateUserPoolDomain", object{"UserPoolId": []string{f.pool, s.two.pool, s.one.pool}[i%3], "Domain": name}
	})
	wantWinners(t, "one domain for three pools", 1, answers, fault.InvalidParameter)
}

func aPoolTakesWhatItCanHaveAndNoMore(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	arn := "arn:aws:cognito-idp:us-east-1:000000000000:userpool/" + f.pool
	wantWinners(t, "attributes", 50, atOnce(t, s, 60, func(i int) (string, object) {
		return "AddCustomAttributes", object{"UserPoolId": f.pool, "CustomAttributes": []any{object{"Name": fmt.Sprint("a", i), "AttributeDataType": "String"}}}
	}), fault.InvalidParameter)
	wantWinners(t, "tags", 50, atOnce(t, s, 60, func(i int) (string, object) {
		return "TagResource", object{"ResourceArn": arn, "Tags": object{fmt.Sprint("k", i): "v"}}
	}), fault.InvalidParameter)
	wantWinners(t, "resource servers", 25, atOnce(t, s, 30, func(int) (string, object) {
		return "CreateResourceServer", resourceServer.with("UserPoolId", f.pool).with("Identifier", fresh())
	}), fault.LimitExceeded)
	shown := f.must(t, "DescribeUserPool", object{"UserPoolId": f.pool})
	tags := f.must(t, "ListTagsForResource", object{"ResourceArn": arn}).body["Tags"].(map[string]any)
	servers := f.must(t, "ListResourceServers", object{"UserPoolId": f.pool, "MaxResults": 50}).each("ResourceServers", "Identifier")
	if n := strings.Count(shown.text, `"custom:`); n != 50 || len(tags) != 50 || len(servers) != 25 {
		t.Errorf("the pool has %d attributes, %d tags and %d resource servers, want 50, 50 and 25", n, len(tags), len(servers))
	}
}

func aClientKeepsOneSecret(t *testing.T, s *server) {
	f := s.one
	id := object{"UserPoolId": f.pool, "ClientId": f.newClient(t, object{"GenerateSecret": true})}
	wantWinners(t, "AddUserPoolClientSecret", 1, atOnce(t, s, 8, func(int) (string, object) { return "AddUserPoolClientSecret", id }), fault.LimitExceeded)
	secrets := f.must(t, "ListUserPoolClientSecrets", id).each("ClientSecrets", "ClientSecretId")
	answers := atOnce(t, s, 8, func(i int) (string, object) {
		return "DeleteUserPoolClientSecret", id.with("ClientSecretId", secrets[i/2%2])
	})
	if left := f.must(t, "ListUserPoolClientSecrets", id).each("ClientSecrets", "ClientSecretId"); len(left) != 1 || count(answers)[""] != 1 {
		t.Errorf("%d secrets are left: %v", len(left), count(answers))
	}
}

func noTokenOutlivesTheEndOfASignIn(t *testing.T, s *server) {
	keeps := s.one
	rotates := keeps.withClient(t, object{
		"RefreshTokenRotation": object{"Feature": "ENABLED", "RetryGracePeriodSeconds": 60}, "ExplicitAuthFlows": everyFlow[:3],
	})
	for _, f := range []*fixture{keeps, rotates} {
		for end, body := range map[string]func(p person, mine tokens) object{
			"GlobalSignOut":          func(_ person, mine tokens) object { return object{"AccessToken": mine.access} },
			"DeleteUser":             func(_ person, mine tokens) object { return object{"AccessToken": mine.access} },
			"RevokeToken":            func(_ person, mine tokens) object { return object{"ClientId": f.client, "Token": mine.refresh} },
			"AdminUserGlobalSignOut": func(p person, _ tokens) object { return object{"UserPoolId": f.pool, "Username": p.name} },
			"AdminDisableUser":       func(p person, _ tokens) object { return object{"UserPoolId": f.pool, "Username": p.name} },
			"AdminDeleteUser":        func(p person, _ tokens) object { return object{"UserPoolId": f.pool, "Username": p.name} },
		} {
			p := f.newUser(t)
			mine := f.signIn(t, p)
			answers := atOnce(t, s, 5, func(i int) (string, object) {
				if i == 2 {
					return end, body(p, mine)
				}
				return "GetTokensFromRefreshToken", object{"ClientId": f.client, "RefreshToken": mine.refresh}
			})
			if !answers[2].ok() {
				t.Errorf("%s is answered %s", end, answers[2].text)
			}
			if end == "AdminDisableUser" {
				f.must(t, "AdminEnableUser", object{"UserPoolId": f.pool, "Username": p.name})
			}
			for i, a := range answers {
				got := tokensOf(a)
				if i == 2 || !a.ok() {
					continue
				}
				if got.refresh == "" {
					got.refresh = mine.refresh
				}
				after := atOnce(t, s, 4, func(i int) (string, object) {
					if i < 2 {
						return "GetUser", object{"AccessToken": got.access}
					}
					return "GetTokensFromRefreshToken", object{"ClientId": f.client, "RefreshToken": got.refresh}
				})
				if n := count(after)[""]; n > 0 {
					t.Errorf("after %s, which was answered beside it, an exchange gave tokens that work (rotation: %v): %v", end, f == rotates, count(after))
				}
			}
		}
	}
}

func aGroupMadeAgainHasNoMembers(t *testing.T, s *server) {
	f, p := s.one, s.one.newUser(t)
	id := object{"UserPoolId": f.pool, "GroupName": fresh()}
	f.must(t, "CreateGroup", id)
	answers := atOnce(t, s, 15, func(i int) (string, object) {
		return []string{"AdminAddUserToGroup", "DeleteGroup", "UpdateGroup", "CreateGroup", "InitiateAuth"}[i%5],
			[]object{id.with("Username", p.name), id, id.with("Description", "d"), id, f.passwordSignIn(p.name, password)}[i%5]
	})
	for i := 4; i < len(answers); i += 5 {
		if !answers[i].ok() {
			t.Errorf("a member's sign-in meanwhile is answered %s", answers[i].text)
		}
	}
	f.call(t, "DeleteGroup", id) // there may be none
	f.must(t, "CreateGroup", id)
	if got := f.must(t, "ListUsersInGroup", id).text; got != `{"Users":[]}` {
		t.Errorf("the new group has members: %s", got)
	}
	if got := f.must(t, "AdminListGroupsForUser", object{"UserPoolId": f.pool, "Username": p.name}).text; got != `{"Groups":[]}` {
		t.Errorf("the user is a member: %s", got)
	}
}

func changesAreWrittenWhole(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	p := f.newUser(t)
	value := func(i int) string { return fmt.Sprint("v", i) }
	wantWinners(t, "UpdateUserPool", 16, atOnce(t, s, 16, func(i int) (string, object) {
		return "UpdateUserPool", object{
			"UserPoolId": f.pool, "PoolName": value(i), "UserPoolTags": object{"t": value(i)}, "EmailVerificationSubject": value(i),
		}
	}))
	shown := f.must(t, "DescribeUserPool", object{"UserPoolId": f.pool})
	if v := shown.at("UserPool", "Name"); shown.at("UserPool", "UserPoolTags", "t") != v || shown.at("UserPool", "EmailVerificationSubject") != v {
		t.Errorf("the pool is a mixture: %s", shown.text)
	}
	wantWinners(t, "AdminUpdateUserAttributes", 16, atOnce(t, s, 16, func(i int) (string, object) {
		given := attributes("name", value(i), "nickname", value(i), "email", value(i)+p.email, "email_verified", "true")
		return "AdminUpdateUserAttributes", object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": given}
	}))
	u := f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).body
	if v := attributeOf(u, "UserAttributes", "name"); attributeOf(u, "UserAttributes", "nickname") != v || attributeOf(u, "UserAttributes", "email") != v+p.email {
		t.Errorf("the user is a mixture: %v", u)
	}
	if n := f.verified(t, attributeOf(u, "UserAttributes", "email")); n != 1 {
		t.Errorf("%d users are found by the address", n)
	}
}

func aCodeOfAnAuthenticatorAppSignsInOnce(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	f.must(t, "SetUserPoolMfaConfig", object{"UserPoolId": f.pool, "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": object{"Enabled": true}})
	p := f.newUser(t)
	mine := f.signIn(t, p)
	secret := f.must(t, "AssociateSoftwareToken", object{"AccessToken": mine.access}).at("SecretCode")
	code := func(later time.Duration) string {
		code, err := totp.GenerateCode(secret, s.Now().Add(later))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	verify := code(0)
	wantWinners(t, "VerifySoftwareToken", 1, atOnce(t, s, 6, func(int) (string, object) {
		return "VerifySoftwareToken", object{"AccessToken": mine.access, "UserCode": verify}
	}), fault.EnableSoftwareTokenMFA)
	f.must(t, "AdminSetUserMFAPreference", object{
		"UserPoolId": f.pool, "Username": p.name, "SoftwareTokenMfaSettings": object{"Enabled": true, "PreferredMfa": true},
	})
	var sessions []string
	for range 6 {
		sessions = append(sessions, f.must(t, "InitiateAuth", f.passwordSignIn(p.name, password)).at("Session"))
	}
	next := code(30 * time.Second)
	wantWinners(t, "SOFTWARE_TOKEN_MFA", 1, atOnce(t, s, 6, func(i int) (string, object) {
		return "RespondToAuthChallenge", object{
			"ClientId": f.client, "ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": sessions[i],
			"ChallengeResponses": object{"USERNAME": p.name, "SOFTWARE_TOKEN_MFA_CODE": next},
		}
	}), fault.ExpiredCode)
}

func aDeviceIsConfirmedOnce(t *testing.T, s *server) {
	f := newFixture(t, s, object{"DeviceConfiguration": object{"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": true}}, nil)
	p := f.newUser(t)
	a := f.must(t, "InitiateAuth", f.passwordSignIn(p.name, password))
	device := object{"AccessToken": tokensOf(a).access, "DeviceKey": a.at("AuthenticationResult", "NewDeviceMetadata", "DeviceKey")}
	wantWinners(t, "ConfirmDevice", 1, atOnce(t, s, 8, func(int) (string, object) {
		return "ConfirmDevice", device.with("DeviceSecretVerifierConfig", object{"Salt": "AAECAw==", "PasswordVerifier": "AAECAwQFBgc="})
	}), fault.DeviceKeyExists)
	wantWinners(t, "ForgetDevice", 1, atOnce(t, s, 6, func(int) (string, object) { return "ForgetDevice", device }), fault.ResourceNotFound)
}

func aPoolThatIsDeletedMeanwhileAnswersAsUsual(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	p, group := f.newUser(t), f.newGroup(t)
	mine := f.signIn(t, p)
	pool, in := object{"UserPoolId": f.pool}, func(more object) object { return more.with("UserPoolId", f.pool) }
	client := object{"ClientId": f.client}
	requests := []struct {
		operation string
		body      object
	}{
		{"DeleteUserPool", pool},
		{"SignUp", client.with("Username", fresh()).with("Password", password)},
		{"InitiateAuth", f.passwordSignIn(p.name, password)},
		{"GetTokensFromRefreshToken", client.with("RefreshToken", mine.refresh)},
		{"RevokeToken", client.with("Token", mine.refresh)},
		{"ForgotPassword", client.with("Username", p.name)},
		{"GetUser", object{"AccessToken": mine.access}},
		{"UpdateUserAttributes", object{"AccessToken": mine.access, "UserAttributes": attributes("name", "x")}},
		{"GlobalSignOut", object{"AccessToken": mine.access}},
		{"CreateUserPoolClient", in(object{"ClientName": "late"})},
		{"UpdateUserPoolClient", in(client)},
		{"CreateGroup", in(object{"GroupName": fresh()})},
		{"AdminAddUserToGroup", in(object{"GroupName": group, "Username": p.name})},
		{"AdminCreateUser", in(object{"Username": fresh(), "MessageAction": "SUPPRESS"})},
		{"UpdateUserPool", pool},
		{"AddCustomAttributes", in(object{"CustomAttributes": customAttributes()})},
		{"CreateResourceServer", in(resourceServer.with("Identifier", fresh()))},
		{"CreateIdentityProvider", in(provider.with("ProviderName", fresh()))},
		{"CreateTerms", in(terms.with("ClientId", f.client))},
		{"CreateUserImportJob", in(importJob.with("JobName", "late"))},
		{"ListUsers", pool},
	}
	answers := atOnce(t, s, len(requests), func(i int) (string, object) { return requests[i].operation, requests[i].body })
	if !answers[0].ok() {
		t.Errorf("DeleteUserPool is answered %s", answers[0].text)
	}
	for _, node := range []*server{s, s.other} {
		for _, r := range requests {
			if node != nil { // a node knows the pool for half a second
				cenotetest.Eventually(t, r.operation+" finds no pool", func() bool { return !node.call(t, r.operation, r.body).ok() })
			}
		}
	}
}
