package hostile_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// crowd is a pool whose client hides who exists, with a user in every state. All names have the same length, so that lengths can be compared.
type crowd struct {
	*fixture
	users map[string]person // by state; "nobody" does not exist
}

func newCrowd(t *testing.T, s *server) *crowd {
	t.Helper()
	f := s.one.withClient(t, hiding)
	c := &crowd{fixture: f, users: map[string]person{}}
	about := func(p person) object { return object{"UserPoolId": f.pool, "Username": p.name} }
	c.users["nobody"] = person{name: fresh()}
	c.users["confirmed"] = f.newUser(t)
	c.users["unconfirmed"] = f.signedUp(t)
	c.users["invited"] = f.invited(t)
	p := f.newUser(t)
	f.must(t, "AdminDisableUser", about(p))
	c.users["disabled"] = p
	p = f.newUser(t)
	f.must(t, "AdminUpdateUserAttributes", about(p).with("UserAttributes", attributes("email_verified", "false")))
	c.users["without a verified contact"] = p
	return c
}

// masked is a destination as answers show it; which letters it shows depends on the address.
var masked = regexp.MustCompile(`[a-z]\*\*\*@[a-z]\*\*\*`)

// alike sends the same request about everybody in the states, and complains unless all get the same answer, word for word, but for the letters
// of masked addresses.
func (c *crowd) alike(t *testing.T, what, operation string, body func(name string) object, states ...string) string {
	t.Helper()
	said := map[string][]string{}
	for _, state := range states {
		text := masked.ReplaceAllString(c.call(t, operation, body(c.users[state].name)).text, "x***@x***")
		said[text] = append(said[text], state)
	}
	text := ""
	for text = range said {
	}
	if len(said) != 1 {
		t.Errorf("%s: %s tells users apart:", what, operation)
		for text, states := range said {
			t.Errorf("  %s: %s", strings.Join(states, ", "), text)
		}
	}
	return text
}

func passwordSignInDoesNotTellWhoExists(t *testing.T, s *server) {
	c := newCrowd(t, s)
	states := []string{"nobody", "confirmed", "invited", "without a verified contact"}
	guess := func(name string) object { return c.passwordSignIn(name, "Wr0ng-guess!") }
	for i := range 6 {
		if got := c.alike(t, fmt.Sprint("guess ", i+1), "InitiateAuth", guess, states...); !strings.Contains(got, wrongPassword) {
			t.Errorf("guess %d is answered %s", i+1, got)
		}
	}
	s.lengthenLock(t, func(lock time.Duration) {
		if got := c.alike(t, fmt.Sprint("after a lock of ", lock), "InitiateAuth", guess, states...); !strings.Contains(got, wrongPassword) {
			t.Errorf("after a lock of %s a guess is answered %s", lock, got)
		}
	})
	for i := range 2 {
		if got := c.alike(t, "during the lock", "InitiateAuth", guess, states...); !strings.Contains(got, "Password attempts exceeded") {
			t.Errorf("guess %d during the lock is answered %s", i+1, got)
		}
	}
	s.Advance(t, longLock)
	c.alike(t, "after the lock", "InitiateAuth", guess, states...)
	s.Advance(t, longLock)
	if got := c.alike(t, "during the next lock", "InitiateAuth", guess, states...); !strings.Contains(got, "Password attempts exceeded") {
		t.Errorf("the next lock is not twice as long: %s", got)
	}
	s.Advance(t, 16*time.Minute)
	admin := func(name string) object {
		return guess(name).with("AuthFlow", "ADMIN_USER_PASSWORD_AUTH").with("UserPoolId", c.pool)
	}
	for range 6 {
		c.alike(t, "by an administrator", "AdminInitiateAuth", admin, states...)
	}
}

func srpDoesNotTellWhoExists(t *testing.T, s *server) {
	c := newCrowd(t, s)
	values := regexp.MustCompile(`:"[^"]*"`)
	states := []string{"nobody", "confirmed", "invited", "without a verified contact"}
	shapes, blocks := map[string]string{}, map[int][]string{}
	for _, state := range states {
		name := c.users[state].name
		x := c.startSRP(t, c.client, name)
		shapes[values.ReplaceAllString(x.text, `:""`)] = state
		blocks[len(x.param("SECRET_BLOCK"))] = append(blocks[len(x.param("SECRET_BLOCK"))], state)
		if n := len(x.param("SALT")); n > 32 || n < 28 {
			t.Errorf("%s: a salt of %d digits", state, n)
		}
		if n := len(x.param("SRP_B")); n > 768 || n < 760 {
			t.Errorf("%s: B of %d digits", state, n)
		}
		if x.param("USERNAME") != name || x.param("USER_ID_FOR_SRP") != name {
			t.Errorf("%s: the name is shown as %s", state, x.text)
		}
		again := c.startSRP(t, c.client, name)
		if again.param("SALT") != x.param("SALT") {
			t.Errorf("%s: another salt at the second try", state)
		}
		if again.param("SRP_B") == x.param("SRP_B") {
			t.Errorf("%s: the same B twice", state)
		}
	}
	if len(shapes) != 1 {
		t.Errorf("the shapes of answers differ: %v", shapes)
	}
	if len(blocks) != 1 {
		t.Errorf("the lengths of secret blocks differ: %v", blocks)
	}
	for i := range 7 {
		c.alike(t, fmt.Sprint("proof ", i+1), "RespondToAuthChallenge", func(name string) object {
			if i == 6 { // the lock shows at the first step
				return object{"ClientId": c.client, "AuthFlow": "USER_SRP_AUTH", "ChallengeName": "PASSWORD_VERIFIER"}
			}
			return c.proof(t, c.startSRP(t, c.client, name), "Wr0ng-guess!")
		}, states...)
	}
	s.lengthenLock(t, func(lock time.Duration) {
		c.alike(t, fmt.Sprint("proof after a lock of ", lock), "RespondToAuthChallenge", func(name string) object {
			return c.proof(t, c.startSRP(t, c.client, name), "Wr0ng-guess!")
		}, states...)
	})
	start := func(name string) object {
		return object{"ClientId": c.client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": name, "SRP_A": "abcdef"}}
	}
	if got := c.alike(t, "during the lock", "InitiateAuth", start, states...); !strings.Contains(got, "Password attempts exceeded") {
		t.Errorf("the lock is answered %s", got)
	}
}

func srpAnswersInAnothersNameDoNotTellWhoExists(t *testing.T, s *server) {
	c := newCrowd(t, s)
	states := []string{"nobody", "confirmed", "invited"}
	exchanges := map[string]exchange{}
	for _, state := range states {
		exchanges[c.users[state].name] = c.startSRP(t, c.client, c.users[state].name)
	}
	for _, name := range []string{"somebody-else", "", "\x00", c.users["without a verified contact"].name} {
		for i := range 8 {
			c.alike(t, fmt.Sprintf("answer %d in the name of %q", i+1, name), "RespondToAuthChallenge", func(real string) object {
				return change(c.proof(t, exchanges[real], "Wr0ng-guess!"), "USERNAME", name)
			}, states...)
		}
	}
}

func srpByAddressDoesNotTellWhoExists(t *testing.T, s *server) {
	f := &fixture{server: s}
	f.pool = s.must(t, "CreateUserPool", object{"PoolName": "addresses", "UsernameAttributes": []string{"email"}, "AutoVerifiedAttributes": []string{"email"}}).at("UserPool", "Id")
	f.client = f.newClient(t, hiding)
	known, unknown := fresh()+"@example.com", fresh()+"@example.com"
	f.newUserNamed(t, known)
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	a, b := f.startSRP(t, f.client, known), f.startSRP(t, f.client, unknown)
	for _, x := range []exchange{a, b} {
		if !uuid.MatchString(x.param("USER_ID_FOR_SRP")) || x.param("USERNAME") != x.param("USER_ID_FOR_SRP") {
			t.Errorf("the user is shown as %s", x.text)
		}
	}
	if len(a.param("SECRET_BLOCK")) != len(b.param("SECRET_BLOCK")) {
		t.Errorf("secret blocks of %d and %d characters", len(a.param("SECRET_BLOCK")), len(b.param("SECRET_BLOCK")))
	}
	if again := f.startSRP(t, f.client, strings.ToUpper(unknown)); again.param("USERNAME") == b.param("USERNAME") != (f.startSRP(t, f.client, strings.ToUpper(known)).param("USERNAME") == a.param("USERNAME")) {
		t.Error("the case of an address counts for one and not for the other")
	}
}

func recoveryDoesNotTellWhoExists(t *testing.T, s *server) {
	c := newCrowd(t, s)
	states := []string{"nobody", "confirmed", "unconfirmed", "invited", "disabled", "without a verified contact"}
	confirm := func(name string) object {
		return object{"ClientId": c.client, "Username": name, "ConfirmationCode": "wrong", "Password": newPassword}
	}
	ask := func(name string) object { return object{"ClientId": c.client, "Username": name} }
	if got := c.alike(t, "before a code was asked for", "ConfirmForgotPassword", confirm, states...); !strings.Contains(got, string(fault.ExpiredCode)) {
		t.Errorf("got %s", got)
	}
	if got := c.alike(t, "asking", "ForgotPassword", ask, states...); !strings.Contains(got, "CodeDeliveryDetails") {
		t.Errorf("got %s", got)
	}
	if got := c.alike(t, "a wrong code", "ConfirmForgotPassword", confirm, states...); !strings.Contains(got, string(fault.CodeMismatch)) {
		t.Errorf("got %s", got)
	}
	for range 10 {
		c.alike(t, "asking often", "ForgotPassword", ask, states...)
		c.alike(t, "guessing codes", "ConfirmForgotPassword", confirm, states...)
	}
	if got := c.alike(t, "past the limit", "ConfirmForgotPassword", confirm, states...); !strings.Contains(got, string(fault.LimitExceeded)) {
		t.Errorf("got %s", got)
	}
	s.Advance(t, 61*time.Minute)
	if got := c.alike(t, "with an old code", "ConfirmForgotPassword", confirm, states...); !strings.Contains(got, string(fault.ExpiredCode)) {
		t.Errorf("got %s", got)
	}
	for _, state := range states {
		if n := len(s.Messages(t, c.users[state].email)); state != "nobody" && state != "confirmed" && state != "unconfirmed" && n != 0 {
			t.Errorf("%s: %d messages were sent", state, n)
		}
	}
}

func confirmationDoesNotTellWhoExists(t *testing.T, s *server) {
	c := newCrowd(t, s)
	states := []string{"nobody", "confirmed", "invited", "disabled", "without a verified contact"}
	resend := func(name string) object { return object{"ClientId": c.client, "Username": name} }
	for range 7 {
		c.alike(t, "resending", "ResendConfirmationCode", resend, append(states, "unconfirmed")...)
	}
	confirm := func(name string) object {
		return object{"ClientId": c.client, "Username": name, "ConfirmationCode": "wrong"}
	}
	for range 16 {
		c.alike(t, "confirming", "ConfirmSignUp", confirm, states...)
	}
}
