package hostile_test

import (
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

func aSessionServesOnlyWhoseItIs(t *testing.T, s *server) {
	f, other := s.one, s.two
	p, q := f.invited(t), f.invited(t)
	sister := f.newClient(t, nil)
	session := f.newPasswordSession(t, p)
	good := f.newPasswordAnswer(p, session)
	flipped := []byte(session)
	flipped[len(flipped)/2] ^= 3
	block := f.startSRP(t, f.client, f.newUser(t).name).param("SECRET_BLOCK")
	for what, body := range map[string]object{
		"another client":        good.with("ClientId", sister),
		"another pool's client": good.with("ClientId", other.client),
		"another user's name":   change(good, "USERNAME", q.name),
		"nobody's name":         change(good, "USERNAME", fresh()),
		"another pool's":        good.with("Session", other.newPasswordSession(t, other.invited(t))),
		"truncated":             good.with("Session", session[:len(session)-4]),
		"extended":              good.with("Session", session+"AAAA"),
		"a flipped bit":         good.with("Session", string(flipped)),
		"twice":                 good.with("Session", session[:len(session)/2]+session[:len(session)/2]),
		"a secret block":        good.with("Session", block),
		"no base64":             good.with("Session", "%%%%%%%%%%%%%%%%%%%%%%%"),
	} {
		s.refuse(t, what, "RespondToAuthChallenge", body, "Invalid session for the user.", fault.NotAuthorized)
	}
	// A session of one challenge answers no other, built or not.
	for _, challenge := range []string{
		"SMS_MFA", "SOFTWARE_TOKEN_MFA", "CUSTOM_CHALLENGE", "MFA_SETUP", "SELECT_MFA_TYPE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER",
		"ADMIN_NO_SRP_AUTH", "PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "SELECT_CHALLENGE",
	} {
		body := change(change(good.with("ChallengeName", challenge), "ANSWER", "PASSWORD"), "PASSWORD", password)
		if a := s.call(t, "RespondToAuthChallenge", body); a.ok() {
			t.Errorf("a session of NEW_PASSWORD_REQUIRED answers %s: %s", challenge, shorten(a.text))
		}
	}
	s.refuse(t, "another pool", "AdminRespondToAuthChallenge", good.with("UserPoolId", other.pool), "", fault.ResourceNotFound)
	s.refuse(t, "another pool", "AdminRespondToAuthChallenge", good.with("UserPoolId", other.pool).with("ClientId", other.client), "Invalid session", fault.NotAuthorized)
	s.refuse(t, "a weak password", "RespondToAuthChallenge", change(good, "NEW_PASSWORD", "xx"), "", fault.InvalidPassword)
	s.must(t, "RespondToAuthChallenge", good) // none of these used it up
	const once = "Invalid session for the user, session can only be used once."
	s.refuse(t, "again", "RespondToAuthChallenge", good, once, fault.NotAuthorized)
	s.refuse(t, "again by an administrator", "AdminRespondToAuthChallenge", good.with("UserPoolId", f.pool), once, fault.NotAuthorized)
}

func aSessionEndsWithWhatItWasFor(t *testing.T, s *server) {
	f := s.one.withClient(t, nil)
	about := func(p person) object { return object{"UserPoolId": f.pool, "Username": p.name} }
	for what, c := range map[string]struct {
		end  func(person)
		code fault.Code
	}{
		"the password was set otherwise": {func(p person) {
			s.must(t, "AdminSetUserPassword", about(p).with("Password", password).with("Permanent", true))
		}, fault.NotAuthorized},
		"the user was disabled": {func(p person) { s.must(t, "AdminDisableUser", about(p)) }, fault.NotAuthorized},
		"the user was deleted":  {func(p person) { s.must(t, "AdminDeleteUser", about(p)) }, fault.UserNotFound},
		"the user was made again": {func(p person) {
			s.must(t, "AdminDeleteUser", about(p))
			s.must(t, "AdminCreateUser", about(p).with("TemporaryPassword", password).with("MessageAction", "SUPPRESS"))
		}, fault.UserNotFound},
	} {
		p := f.invited(t)
		session := f.newPasswordSession(t, p)
		c.end(p)
		s.refuse(t, what, "RespondToAuthChallenge", f.newPasswordAnswer(p, session), "", c.code)
	}
	p := f.invited(t)
	session := f.newPasswordSession(t, p)
	s.Advance(t, 3*time.Minute)
	s.refuse(t, "late", "RespondToAuthChallenge", f.newPasswordAnswer(p, session), "Invalid session for the user, session is expired.", fault.NotAuthorized)

	q := f.invited(t)
	session = f.newPasswordSession(t, q)
	s.must(t, "DeleteUserPoolClient", object{"UserPoolId": f.pool, "ClientId": f.client})
	s.refuse(t, "the client was deleted", "RespondToAuthChallenge", f.newPasswordAnswer(q, session), "", fault.ResourceNotFound)
}

func aChallengeAnswerCannotWriteWhatTheClientMayNot(t *testing.T, s *server) {
	f := s.one.withClient(t, object{"ReadAttributes": []string{"email", "name"}, "WriteAttributes": []string{"name"}})
	p := f.invited(t)
	before := s.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).text
	session := f.newPasswordSession(t, p)
	for name, value := range map[string]string{
		"email": "mallory@example.com", "email_verified": "true", "phone_number": "+15555550100", "sub": "x", "phone_number_verified": "true",
		"custom:x": "x", "": "x", "identities": "[]", "cognito:username": "x", "nickname": "x", "NAME": "x", "name\x00": "x",
	} {
		s.refuse(t, name, "RespondToAuthChallenge", change(f.newPasswordAnswer(p, session), "userAttributes."+name, value), "", fault.NotAuthorized, fault.InvalidParameter)
	}
	if now := s.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).text; now != before {
		t.Errorf("the user changed from\n%s to\n%s", before, now)
	}
	s.must(t, "RespondToAuthChallenge", change(f.newPasswordAnswer(p, session), "userAttributes.name", "Ann"))
}

func aRecoveryCodeDiesWithTheAddressItWentTo(t *testing.T, s *server) {
	f := s.one
	about := func(p person) object { return object{"UserPoolId": f.pool, "Username": p.name} }
	for what, leave := range map[string]func(person){
		"the user has another address": func(p person) {
			s.must(t, "AdminUpdateUserAttributes", about(p).with("UserAttributes", attributes("email", "new"+p.email, "email_verified", "true")))
		},
		"the user has none": func(p person) {
			s.must(t, "AdminDeleteUserAttributes", about(p).with("UserAttributeNames", []any{"email"}))
		},
		"another user has it": func(p person) {
			name := fresh()
			s.must(t, "SignUp", object{"ClientId": f.client, "Username": name, "Password": password, "UserAttributes": attributes("email", p.email)})
			s.must(t, "ConfirmSignUp", object{"ClientId": f.client, "Username": name, "ConfirmationCode": f.code(t, p), "ForceAliasCreation": true})
		},
	} {
		p := f.newUser(t)
		s.must(t, "ForgotPassword", object{"ClientId": f.client, "Username": p.name})
		code := f.code(t, p)
		leave(p)
		s.refuse(t, what, "ConfirmForgotPassword", object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": code, "Password": newPassword}, "", fault.ExpiredCode)
		s.must(t, "InitiateAuth", f.passwordSignIn(p.name, password))
	}
}
