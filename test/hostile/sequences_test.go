package hostile_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cenote-id/cenote/internal/fault"
)

// account is what the model believes of a user.
type account struct {
	name, password, email string
	confirmed, disabled   bool
	verified              bool              // the e-mail address is, and so is a name
	code, codeTo          string            // to confirm with, "" for none, and where it went
	reset, resetTo        string            // to recover with
	spent                 map[string]string // codes that must not work again, by operation
}

// model plays random operations on a few names, in a pool whose users sign in with their name, in any case, or with a verified e-mail
// address. Beside every answer stands what must be true of it.
type model struct {
	*fixture
	t        *rapid.T
	run      string // keeps the names of one sequence apart from those of others
	accounts map[string]*account
}

var (
	someNames     = rapid.SampledFrom([]string{"ann", "Ann", "bob", "BOB", "cy"})
	someAddresses = rapid.SampledFrom([]string{"one", "two", "ONE"})
	somePasswords = rapid.SampledFrom([]string{"Passw0rd-one!", "Passw0rd-two!", "Passw0rd-three!"})
)

func (m *model) name() string     { return someNames.Draw(m.t, "name") + m.run }
func (m *model) password() string { return somePasswords.Draw(m.t, "password") }
func (m *model) address() string {
	return someAddresses.Draw(m.t, "address") + m.run + "@example.com"
}

func (m *model) find(name string) *account { return m.accounts[strings.ToLower(name)] }

// holder is the account that an address leads to.
func (m *model) holder(email string) *account {
	for _, a := range m.accounts {
		if a.verified && strings.EqualFold(a.email, email) {
			return a
		}
	}
	return nil
}

func (m *model) do(operation string, body object) answer { return m.call(m.tb(), operation, body) }

// expect complains unless the answer is a success exactly when it should be.
func (m *model) expect(a answer, success bool, what string, arguments ...any) {
	if a.ok() != success {
		m.t.Fatalf("%s: %s, want success %t\n%s", fmt.Sprintf(what, arguments...), shorten(a.text), success, m.believed())
	}
}

func (m *model) believed() string {
	var b strings.Builder
	for _, a := range m.accounts {
		fmt.Fprintf(&b, "  %+v\n", *a)
	}
	return b.String()
}

// tb passes complaints to the sequence under test instead of to the test, so that a shorter sequence can be looked for.
type tb struct {
	testing.TB
	t *rapid.T
}

func (m *model) tb() testing.TB { return tb{t: m.t} }

func (b tb) Helper()                      {}
func (b tb) Error(args ...any)            { b.t.Error(args...) }
func (b tb) Errorf(f string, args ...any) { b.t.Errorf(f, args...) }
func (b tb) Fatal(args ...any)            { b.t.Fatal(args...) }
func (b tb) Fatalf(f string, args ...any) { b.t.Fatalf(f, args...) }

func (m *model) signUp() {
	name, password, email := m.name(), m.password(), m.address()
	a := m.do("SignUp", object{"ClientId": m.client, "Username": name, "Password": password, "UserAttributes": attributes("email", email)})
	m.expect(a, m.find(name) == nil, "sign %s up", name)
	if a.ok() {
		m.accounts[strings.ToLower(name)] = &account{name: name, password: password, email: email, code: m.newestCode(email), codeTo: email, spent: map[string]string{}}
	}
}

// newestCode is the code that has just been sent.
func (m *model) newestCode(email string) string { return m.Messages(m.tb(), email)[0].Code }

func (m *model) confirm() {
	name := m.name()
	u := m.find(name)
	code := "000000"
	if u != nil && rapid.Bool().Draw(m.t, "right code") {
		code = u.code
		if code == "" {
			code = u.spent["confirm"]
		}
	}
	if code == "" {
		code = "999999"
	}
	a := m.do("ConfirmSignUp", object{"ClientId": m.client, "Username": name, "ConfirmationCode": code})
	possible := u != nil && !u.confirmed && !u.disabled && u.code != "" && code == u.code
	if possible && u.codeTo == u.email && m.holder(u.email) != nil && m.holder(u.email) != u {
		if a.code != string(fault.AliasExists) {
			m.t.Fatalf("confirm %s whose address is taken: %s", name, a.text)
		}
		return
	}
	m.expect(a, possible, "confirm %s", name)
	if a.ok() {
		u.confirm()
	}
}

// confirm is what a right code does. It proves only the address that it went to.
func (a *account) confirm() {
	a.spent["confirm"] = a.code
	a.confirmed, a.code = true, ""
	a.verified = a.verified || a.codeTo == a.email
}

func (m *model) steal() { // ForceAliasCreation moves the alias
	name := m.name()
	u := m.find(name)
	if u == nil || u.code == "" || u.confirmed || u.disabled {
		return
	}
	m.expect(m.do("ConfirmSignUp", object{"ClientId": m.client, "Username": name, "ConfirmationCode": u.code, "ForceAliasCreation": true}), true, "confirm %s by force", name)
	if loser := m.holder(u.email); loser != nil && u.codeTo == u.email {
		loser.verified = false
	}
	u.confirm()
}

func (m *model) signIn() {
	name, password := m.name(), m.password()
	u := m.find(name)
	if rapid.Bool().Draw(m.t, "by address") {
		name = m.address()
		u = m.holder(name)
	}
	a := m.do("InitiateAuth", m.passwordSignIn(name, password))
	m.expect(a, u != nil && u.confirmed && !u.disabled && u.password == password, "sign %s in with %s", name, password)
	if a.ok() {
		if _, claims := read(m.tb(), tokensOf(a).access); claims["username"] != u.name {
			m.t.Fatalf("the name %s leads to %v, want %s", name, claims["username"], u.name)
		}
	} else if u != nil { // the lockout is tested elsewhere
		m.forgiveness(u)
	}
}

// forgiveness ends the count of failures: a right password does.
func (m *model) forgiveness(u *account) {
	if u.confirmed && !u.disabled {
		m.do("InitiateAuth", m.passwordSignIn(u.name, u.password))
	}
}

func (m *model) askForReset() {
	u := m.find(m.name())
	if u == nil {
		return
	}
	a := m.do("ForgotPassword", object{"ClientId": m.client, "Username": u.name})
	if a.code == string(fault.LimitExceeded) {
		return
	}
	m.expect(a, !u.disabled && u.verified, "ask for a code for %s", u.name)
	if a.ok() {
		u.reset, u.resetTo = m.newestCode(u.email), u.email
	}
}

func (m *model) reset() {
	u := m.find(m.name())
	if u == nil {
		return
	}
	code, password := u.reset, m.password()
	if code == "" {
		code = u.spent["reset"]
	}
	if code == "" || rapid.IntRange(0, 3).Draw(m.t, "wrong code") == 0 {
		code = "000000"
	}
	a := m.do("ConfirmForgotPassword", object{"ClientId": m.client, "Username": u.name, "ConfirmationCode": code, "Password": password})
	if a.code == string(fault.LimitExceeded) {
		return
	}
	m.expect(a, u.reset != "" && code == u.reset && !u.disabled && u.verified && u.email == u.resetTo, "reset the password of %s", u.name)
	if a.ok() {
		u.spent["reset"], u.reset, u.password, u.confirmed = code, "", password, true
	}
}

func (m *model) changeAddress() {
	u, email := m.find(m.name()), m.address()
	if u == nil {
		return
	}
	a := m.do("AdminUpdateUserAttributes", object{"UserPoolId": m.pool, "Username": u.name, "UserAttributes": attributes("email", email, "email_verified", "true")})
	other := m.holder(email)
	m.expect(a, other == nil || other == u, "give %s to %s", email, u.name)
	if a.ok() {
		u.email, u.verified = email, true
	}
}

func (m *model) setPassword() {
	u, password := m.find(m.name()), m.password()
	if u == nil {
		return
	}
	m.expect(m.do("AdminSetUserPassword", object{"UserPoolId": m.pool, "Username": u.name, "Password": password, "Permanent": true}), true, "set a password")
	u.password, u.confirmed = password, true
}

func (m *model) disable() { m.admin("AdminDisableUser", func(u *account) { u.disabled = true }) }
func (m *model) enable()  { m.admin("AdminEnableUser", func(u *account) { u.disabled = false }) }
func (m *model) delete() {
	m.admin("AdminDeleteUser", func(u *account) { delete(m.accounts, strings.ToLower(u.name)) })
}

func (m *model) admin(operation string, then func(*account)) {
	name := m.name()
	u := m.find(name)
	m.expect(m.do(operation, object{"UserPoolId": m.pool, "Username": name}), u != nil, "%s %s", operation, name)
	if u != nil {
		then(u)
	}
}

// check holds the directory against the model: the same users, and every name leads to whom it should.
func (m *model) check() {
	for _, u := range m.accounts {
		got := m.do("AdminGetUser", object{"UserPoolId": m.pool, "Username": strings.ToUpper(u.name)})
		verified := attributeOf(got.body, "UserAttributes", "email_verified") == "true"
		if got.at("Username") != u.name || attributeOf(got.body, "UserAttributes", "email") != u.email || verified != u.verified {
			m.t.Fatalf("%s is shown as %s\n%s", u.name, got.text, m.believed())
		}
	}
}

func randomSequencesKeepTheDirectorySound(t *testing.T, s *server) {
	f := newFixture(t, s, object{"UsernameConfiguration": object{"CaseSensitive": false}}, nil)
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{fixture: f, t: rt, run: fresh(), accounts: map[string]*account{}}
		rt.Repeat(map[string]func(*rapid.T){
			"sign up": func(*rapid.T) { m.signUp() }, "confirm": func(*rapid.T) { m.confirm() }, "confirm by force": func(*rapid.T) { m.steal() },
			"sign in": func(*rapid.T) { m.signIn() }, "ask for a code": func(*rapid.T) { m.askForReset() }, "reset": func(*rapid.T) { m.reset() },
			"change address": func(*rapid.T) { m.changeAddress() }, "set a password": func(*rapid.T) { m.setPassword() },
			"disable": func(*rapid.T) { m.disable() }, "enable": func(*rapid.T) { m.enable() }, "delete": func(*rapid.T) { m.delete() },
			"": func(*rapid.T) { m.check() },
		})
	})
}

// sequences is how many random sequences are played on each database; -rapid.checks plays more.
const sequences = "30"

func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.checks": sequences, "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil { // before the command line is read, which may say otherwise
			panic(err)
		}
	}
	os.Exit(m.Run())
}
