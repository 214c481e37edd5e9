package hostile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// tokenRequests makes, for every operation of a signed-in user, a request that would succeed with a good token.
func tokenRequests(t *testing.T, f *fixture) map[string]object {
	t.Helper()
	all := map[string]object{}
	for _, o := range served() {
		if o.Auth == wire.Token && !o.TokenOptional {
			all[o.Name] = validRequests[o.Name].make(t, f)
		}
	}
	if len(all) < 7 {
		t.Fatalf("only %d operations take tokens", len(all))
	}
	return all
}

func noForgedTokenOpensAnOperation(t *testing.T, s *server) {
	f, other := s.one, s.two
	p := f.newUser(t)
	real, foreign := f.signIn(t, p), other.signIn(t, other.newUser(t))
	header, _ := read(t, real.access)
	_, claims := read(t, foreign.access)
	idHeader, _ := read(t, real.id)
	all := forgeries(t, f, real.access)
	for what, token := range map[string]string{
		"an ID token": real.id, "a refresh token": real.refresh,
		"another pool's claims under this pool's key":   part(t, header) + "." + part(t, claims) + "." + splitAt(foreign.access, 2),
		"this pool's claims, another pool's header":     splitAt(foreign.access, 0) + "." + splitAt(real.access, 1) + "." + splitAt(foreign.access, 2),
		"claims of an access token, key of an ID token": part(t, idHeader) + "." + splitAt(real.access, 1) + "." + splitAt(real.access, 2),
	} {
		all[what] = token
	}
	requests := tokenRequests(t, f)
	before := f.show(t, []person{p})
	for operation, request := range requests {
		for what, token := range all {
			// Some are refused by the form of a token already.
			s.refuse(t, what, operation, request.with("AccessToken", token), "", fault.NotAuthorized, fault.InvalidParameter)
		}
	}
	if diff := cmp.Diff(before, f.show(t, []person{p})); diff != "" {
		t.Errorf("the user changed:\n%s", diff)
	}
	s.must(t, "GetUser", object{"AccessToken": real.access})
}

// splitAt returns one part of a token.
func splitAt(token string, i int) string { return strings.Split(token, ".")[i] }

func aTokenOpensOnlyItsOwnUser(t *testing.T, s *server) {
	f, other := s.one, s.two
	p := f.newUser(t)
	q := other.newUserNamed(t, p.name) // the same name in another pool
	token := other.signIn(t, q).access
	before := f.show(t, []person{p})
	s.must(t, "UpdateUserAttributes", object{"AccessToken": token, "UserAttributes": attributes("name", "Mallory")})
	s.must(t, "GlobalSignOut", object{"AccessToken": token})
	s.must(t, "DeleteUser", object{"AccessToken": other.signIn(t, q).access})
	if diff := cmp.Diff(before, f.show(t, []person{p})); diff != "" {
		t.Errorf("the user of the same name in another pool changed:\n%s", diff)
	}
}

func aDeadTokenOpensNoOperation(t *testing.T, s *server) {
	f, doomed := s.one, newFixture(t, s, nil, nil)
	other := s.two.withClient(t, nil)
	dead := map[string]struct {
		tokens
		client  string
		message string
		code    fault.Code
	}{}
	add := func(what string, in *fixture, message string, code fault.Code, kill func(p person, got tokens)) {
		p := in.newUser(t)
		got := in.signIn(t, p)
		kill(p, got)
		d := dead[what]
		d.tokens, d.client, d.message, d.code = got, in.client, message, code
		dead[what] = d
	}
	about := func(p person) object { return object{"UserPoolId": f.pool, "Username": p.name} }
	add("of a deleted user", f, "User does not exist.", fault.UserNotFound, func(p person, _ tokens) { s.must(t, "AdminDeleteUser", about(p)) })
	add("of a user who left", f, "User does not exist.", fault.UserNotFound, func(_ person, got tokens) {
		s.must(t, "DeleteUser", object{"AccessToken": got.access})
	})
	add("of a disabled user", f, "", fault.NotAuthorized, func(p person, _ tokens) { s.must(t, "AdminDisableUser", about(p)) })
	add("from before a disabled user was enabled again", f, "Access Token has been revoked", fault.NotAuthorized, func(p person, _ tokens) {
		s.must(t, "AdminDisableUser", about(p))
		s.must(t, "AdminEnableUser", about(p))
	})
	add("revoked", f, "Access Token has been revoked", fault.NotAuthorized, func(_ person, got tokens) {
		s.must(t, "RevokeToken", object{"ClientId": f.client, "Token": got.refresh})
	})
	add("signed out everywhere", f, "Access Token has been revoked", fault.NotAuthorized, func(_ person, got tokens) {
		s.must(t, "GlobalSignOut", object{"AccessToken": got.access})
	})
	add("signed out by an administrator", f, "Access Token has been revoked", fault.NotAuthorized, func(p person, _ tokens) {
		s.must(t, "AdminUserGlobalSignOut", about(p))
	})
	add("of a user made again under the same name", f, "User does not exist.", fault.UserNotFound, func(p person, _ tokens) {
		s.must(t, "AdminDeleteUser", about(p))
		f.newUserNamed(t, p.name)
	})
	add("of a deleted client", other, "", fault.NotAuthorized, func(person, tokens) {
		s.must(t, "DeleteUserPoolClient", object{"UserPoolId": other.pool, "ClientId": other.client})
	})
	add("of a deleted pool", doomed, "", fault.NotAuthorized, func(person, tokens) {
		s.must(t, "DeleteUserPool", object{"UserPoolId": doomed.pool})
	})
	for operation, request := range tokenRequests(t, f) {
		for what, d := range dead {
			if facts, _ := wire.Lookup("AWSCognitoIdentityProviderService." + operation); d.code == fault.UserNotFound && !facts.Declares(d.code) {
				d.message, d.code = "Access Token has been revoked", fault.NotAuthorized
			}
			s.refuse(t, "a token "+what, operation, request.with("AccessToken", d.access), d.message, d.code)
		}
	}
	for what, d := range dead {
		gone := []fault.Code{fault.NotAuthorized, fault.UserNotFound, fault.ResourceNotFound}
		s.refuse(t, "a refresh token "+what, "GetTokensFromRefreshToken", object{"ClientId": d.client, "RefreshToken": d.refresh}, "", gone...)
		s.refuse(t, "a refresh token "+what, "InitiateAuth", refreshBy(d.client, d.refresh), "", gone...)
	}
}

func refreshBy(client, token string) object {
	return object{"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": object{"REFRESH_TOKEN": token}}
}

func (f *fixture) newUserNamed(t testing.TB, name string) person {
	t.Helper()
	f.must(t, "AdminCreateUser", object{"UserPoolId": f.pool, "Username": name, "MessageAction": "SUPPRESS"})
	f.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": name, "Password": password, "Permanent": true})
	return person{name: name}
}

func expiredTokensOpenNothing(t *testing.T, s *server) {
	f := s.one.withClient(t, object{
		"AccessTokenValidity": 5, "RefreshTokenValidity": 60,
		"TokenValidityUnits": object{"AccessToken": "minutes", "RefreshToken": "minutes"},
	})
	requests := tokenRequests(t, f)
	got := f.signIn(t, f.newUser(t))
	s.Advance(t, 4*time.Minute)
	s.must(t, "GetUser", object{"AccessToken": got.access})
	s.Advance(t, time.Minute)
	for operation, request := range requests {
		s.refuse(t, "an expired token", operation, request.with("AccessToken", got.access), "Access Token has expired", fault.NotAuthorized)
	}
	s.Advance(t, 55*time.Minute)
	s.refuse(t, "an expired token", "InitiateAuth", refreshBy(f.client, got.refresh), "Refresh Token has expired", fault.NotAuthorized)
	s.refuse(t, "an expired token", "GetTokensFromRefreshToken", object{"ClientId": f.client, "RefreshToken": got.refresh}, "Refresh Token has expired", fault.NotAuthorized)
	s.must(t, "RevokeToken", object{"ClientId": f.client, "Token": got.refresh})
}

func noForgedRefreshTokenIsExchanged(t *testing.T, s *server) {
	f, other := s.one, s.two
	p := f.newUser(t)
	got := f.signIn(t, p)
	sister := f.newClient(t, nil)
	all := refreshForgeries(t, got.refresh)
	all["an access token"], all["an ID token"] = got.access, got.id
	all["another pool's"] = other.signIn(t, other.newUser(t)).refresh
	for what, token := range all {
		s.refuse(t, what, "GetTokensFromRefreshToken", object{"ClientId": f.client, "RefreshToken": token}, "", fault.NotAuthorized, fault.InvalidParameter)
		s.refuse(t, what, "InitiateAuth", refreshBy(f.client, token), "Invalid Refresh Token", fault.NotAuthorized)
		s.refuse(t, what, "AdminInitiateAuth", refreshBy(f.client, token).with("UserPoolId", f.pool), "Invalid Refresh Token", fault.NotAuthorized)
		s.call(t, "RevokeToken", object{"ClientId": f.client, "Token": token})
	}
	for _, operation := range []string{"InitiateAuth", "GetTokensFromRefreshToken"} {
		for _, client := range []string{sister, other.client} {
			request := refreshBy(client, got.refresh)
			if operation == "GetTokensFromRefreshToken" {
				request = object{"ClientId": client, "RefreshToken": got.refresh}
			}
			s.refuse(t, "another client's token", operation, request, "Invalid Refresh Token", fault.NotAuthorized)
		}
	}
	s.refuse(t, "another client's token", "RevokeToken", object{"ClientId": sister, "Token": got.refresh}, "", fault.Unauthorized)
	s.call(t, "RevokeToken", object{"ClientId": other.client, "Token": got.refresh})
	for range 2 { // nothing of all this revoked it
		s.must(t, "InitiateAuth", refreshBy(f.client, got.refresh))
	}
}

func aSecretIsNeededWhereverAClientHasOne(t *testing.T, s *server) {
	f := s.one
	p := f.newUser(t)
	made := f.must(t, "CreateUserPoolClient", object{"UserPoolId": f.pool, "ClientName": "secret", "GenerateSecret": true, "ExplicitAuthFlows": everyFlow})
	client, secret := made.at("UserPoolClient", "ClientId"), made.at("UserPoolClient", "ClientSecret")
	signIn := f.passwordSignIn(p.name, password).with("ClientId", client)
	parameters := func(hash any) object {
		return signIn.with("AuthParameters", object{"USERNAME": p.name, "PASSWORD": password, "SECRET_HASH": hash})
	}
	right := secretHash(secret, p.name, client)
	got := tokensOf(s.must(t, "InitiateAuth", parameters(right)))
	for what, hash := range map[string]string{
		"none": "", "the secret": secret, "nonsense": "AAAA", "another user's": secretHash(secret, "bob", client),
		"another client's": secretHash(secret, p.name, f.client), "of no secret": secretHash("", p.name, client), "truncated": right[:20],
	} {
		s.refuse(t, what, "InitiateAuth", parameters(hash), "", fault.NotAuthorized)
		s.refuse(t, what, "AdminInitiateAuth", parameters(hash).with("UserPoolId", f.pool).with("AuthFlow", "ADMIN_USER_PASSWORD_AUTH"), "", fault.NotAuthorized)
		for _, operation := range []string{"SignUp", "ForgotPassword", "ConfirmForgotPassword", "ConfirmSignUp", "ResendConfirmationCode"} {
			body := object{"ClientId": client, "Username": p.name}
			if hash != "" {
				body["SecretHash"] = hash
			}
			switch operation {
			case "SignUp":
				body["Username"], body["Password"] = fresh(), password
			case "ConfirmForgotPassword":
				body["Password"], body["ConfirmationCode"] = newPassword, "123456"
			case "ConfirmSignUp":
				body["ConfirmationCode"] = "123456"
			}
			s.refuse(t, what, operation, body, "", fault.NotAuthorized)
		}
	}
	for what, text := range map[string]string{"none": "", "nonsense": "AAAA", "a hash": secretHash(secret, p.name, client)} {
		body := object{"ClientId": client, "RefreshToken": got.refresh}
		if text != "" {
			body["ClientSecret"] = text
		}
		s.refuse(t, what, "GetTokensFromRefreshToken", body, "", fault.NotAuthorized, fault.InvalidParameter)
		delete(body, "RefreshToken")
		s.refuse(t, what, "RevokeToken", body.with("Token", got.refresh), "", fault.Unauthorized, fault.InvalidParameter)
	}
	s.must(t, "GetTokensFromRefreshToken", object{"ClientId": client, "RefreshToken": got.refresh, "ClientSecret": secret})
}

// aRotatedTokenWorksOnce is about a client whose refresh tokens rotate without a time of grace.
func aRotatedTokenWorksOnce(t *testing.T, s *server) {
	f := s.one.withClient(t, object{
		"RefreshTokenRotation": object{"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
		"ExplicitAuthFlows":    []string{"ALLOW_USER_PASSWORD_AUTH"},
	})
	first := f.signIn(t, f.newUser(t)).refresh
	exchange := func(token string) object { return object{"ClientId": f.client, "RefreshToken": token} }
	answers := atOnce(t, s, 8, func(int) (string, object) { return "GetTokensFromRefreshToken", exchange(first) })
	second := ""
	for _, a := range answers {
		switch {
		case a.ok() && second == "":
			second = tokensOf(a).refresh
		case a.ok():
			t.Error("a token without a time of grace was exchanged twice")
		case a.code != string(fault.RefreshTokenReuse) && a.message != "Refresh Token has been revoked":
			t.Errorf("reuse is answered %s", a.text)
		}
	}
	if second == "" || second == first {
		t.Fatalf("no new refresh token among %d answers", len(answers))
	}
	s.refuse(t, "the token that a reused one was exchanged for", "GetTokensFromRefreshToken", exchange(second), "Refresh Token has been revoked", fault.NotAuthorized)
}
