package hostile_test

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
)

const (
	password    = "Corr3ct-horse!"
	newPassword = "N3w-battery-staple!"
)

var everyFlow = []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}

// fixture is a pool with a client, in which tests make what they need.
type fixture struct {
	*server
	pool, client string // ids
}

// newFixture makes a pool, whose users have usernames and may have an e-mail address as an alias, and a client that tells who exists.
// The settings of both may be nil.
func newFixture(t testing.TB, s *server, pool, client object) *fixture {
	t.Helper()
	in := object{"PoolName": "hostile", "AliasAttributes": []string{"email"}, "AutoVerifiedAttributes": []string{"email"}}
	for name, value := range pool {
		in[name] = value
	}
	f := &fixture{server: s}
	f.pool = s.must(t, "CreateUserPool", in).at("UserPool", "Id")
	f.client = f.newClient(t, client)
	return f
}

// withClient is the same pool with a client of other settings.
func (f *fixture) withClient(t testing.TB, settings object) *fixture {
	t.Helper()
	return &fixture{server: f.server, pool: f.pool, client: f.newClient(t, settings)}
}

func (f *fixture) newClient(t testing.TB, settings object) string {
	t.Helper()
	in := object{"UserPoolId": f.pool, "ClientName": "hostile", "ExplicitAuthFlows": everyFlow}
	for name, value := range settings {
		in[name] = value
	}
	return f.must(t, "CreateUserPoolClient", in).at("UserPoolClient", "ClientId")
}

// hiding is the setting of a client that does not tell who exists.
var hiding = object{"PreventUserExistenceErrors": "ENABLED"}

// person is a user as the tests know one.
type person struct{ name, email, sub string }

// fresh makes a name that no user has.
func fresh() string { return "u" + strings.ToLower(rand.Text()[:12]) }

// newUser makes a confirmed user with a verified e-mail address and the password.
func (f *fixture) newUser(t testing.TB) person {
	t.Helper()
	p := f.invited(t)
	f.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": p.name, "Password": password, "Permanent": true})
	return p
}

// invited makes a user whose password is temporary.
func (f *fixture) invited(t testing.TB) person {
	t.Helper()
	name := fresh()
	p := person{name: name, email: name + "@example.com"}
	a := f.must(t, "AdminCreateUser", object{
		"UserPoolId": f.pool, "Username": name, "TemporaryPassword": password, "MessageAction": "SUPPRESS",
		"UserAttributes": attributes("email", p.email, "email_verified", "true"),
	})
	p.sub = attributeOf(a.body["User"], "Attributes", "sub")
	return p
}

// signedUp makes a user who has not confirmed yet. The code is in the inbox.
func (f *fixture) signedUp(t testing.TB) person {
	t.Helper()
	name := fresh()
	p := person{name: name, email: name + "@example.com"}
	p.sub = f.must(t, "SignUp", object{"ClientId": f.client, "Username": name, "Password": password, "UserAttributes": attributes("email", p.email)}).at("UserSub")
	return p
}

// code is the newest code that was sent to the user.
func (f *fixture) code(t testing.TB, p person) string { return f.Code(t, p.email) }

// tokens are those of one sign-in.
type tokens struct{ access, id, refresh string }

func tokensOf(a answer) tokens {
	return tokens{
		access: a.at("AuthenticationResult", "AccessToken"), id: a.at("AuthenticationResult", "IdToken"),
		refresh: a.at("AuthenticationResult", "RefreshToken"),
	}
}

// signIn signs the user in with the password, by the fixture's client.
func (f *fixture) signIn(t testing.TB, p person) tokens {
	t.Helper()
	return tokensOf(f.must(t, "InitiateAuth", f.passwordSignIn(p.name, password)))
}

func (f *fixture) passwordSignIn(name, password string) object {
	return object{"ClientId": f.client, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": name, "PASSWORD": password}}
}

// newPasswordSession begins the sign-in of an invited user.
func (f *fixture) newPasswordSession(t testing.TB, p person) string {
	t.Helper()
	return f.must(t, "InitiateAuth", f.passwordSignIn(p.name, password)).at("Session")
}

func (f *fixture) newPasswordAnswer(p person, session string) object {
	return object{
		"ClientId": f.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session,
		"ChallengeResponses": object{"USERNAME": p.name, "NEW_PASSWORD": newPassword},
	}
}

func (f *fixture) newGroup(t testing.TB) string {
	t.Helper()
	name := fresh()
	f.must(t, "CreateGroup", object{"UserPoolId": f.pool, "GroupName": name})
	return name
}

// attributes makes a list of attributes from names and values.
func attributes(pairs ...string) []any {
	var list []any
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, object{"Name": pairs[i], "Value": pairs[i+1]})
	}
	return list
}

// attributeOf reads an attribute of a user in an answer.
func attributeOf(user any, member, name string) string {
	u, _ := user.(map[string]any)
	list, _ := u[member].([]any)
	for _, item := range list {
		if a, ok := item.(map[string]any); ok && a["Name"] == name {
			value, _ := a["Value"].(string)
			return value
		}
	}
	return ""
}

// snapshot is everything that a pool shows of itself: a change of any kind is a change of the text, since users, groups, clients and pools
// tell when they were changed last.
func (f *fixture) snapshot(t testing.TB) string {
	t.Helper()
	var all []map[string]any
	all = append(all,
		f.must(t, "DescribeUserPool", object{"UserPoolId": f.pool}).body,
		f.must(t, "DescribeUserPoolClient", object{"UserPoolId": f.pool, "ClientId": f.client}).body,
		f.must(t, "ListUserPoolClients", object{"UserPoolId": f.pool, "MaxResults": 60}).body,
		f.must(t, "ListUsers", object{"UserPoolId": f.pool, "Limit": 60}).body,
	)
	all = append(all, f.directory(t)...)
	groups := f.must(t, "ListGroups", object{"UserPoolId": f.pool, "Limit": 60}).body
	list, _ := groups["Groups"].([]any)
	for _, g := range list {
		name := g.(map[string]any)["GroupName"]
		all = append(all, f.must(t, "ListUsersInGroup", object{"UserPoolId": f.pool, "GroupName": name, "Limit": 60}).body)
	}
	text, err := json.Marshal(append(all, groups))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sweep deletes all users, groups, further clients and what clear takes of the pool, so that a snapshot stays one page.
func (f *fixture) sweep(t testing.TB) {
	t.Helper()
	each := func(operation, list, name string, limit object, remove func(string)) {
		for {
			items, _ := f.must(t, operation, limit).body[list].([]any)
			left := 0
			for _, item := range items {
				if id := item.(map[string]any)[name].(string); id != f.client {
					remove(id)
					left++
				}
			}
			if left == 0 {
				return
			}
		}
	}
	f.clear(t)
	in := object{"UserPoolId": f.pool, "Limit": 60}
	each("ListUsers", "Users", "Username", in, func(name string) {
		f.must(t, "AdminDeleteUser", object{"UserPoolId": f.pool, "Username": name})
	})
	each("ListGroups", "Groups", "GroupName", in, func(name string) {
		f.must(t, "DeleteGroup", object{"UserPoolId": f.pool, "GroupName": name})
	})
	each("ListUserPoolClients", "UserPoolClients", "ClientId", object{"UserPoolId": f.pool, "MaxResults": 60}, func(id string) {
		f.must(t, "DeleteUserPoolClient", object{"UserPoolId": f.pool, "ClientId": id})
	})
}
