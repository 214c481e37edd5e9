package hostile_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/api/userpools"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

// served lists the operations that are built.
func served() []*wire.Operation {
	var list []*wire.Operation
	for _, o := range new(userpools.Service).Operations() {
		for _, known := range wire.Operations() {
			if known.Service == o.Service && known.Name == o.Name {
				list = append(list, known)
			}
		}
	}
	return list
}

func operationsThatAreNotBuiltAreUnknown(t *testing.T, s *server) {
	names := []string{"", "Nothing", "signup", "SignUp.SignUp", "../SignUp", strings.Repeat("A", 5000)}
	built := map[string]bool{}
	for _, o := range served() {
		built[o.Name] = true
	}
	for _, o := range wire.Operations() {
		if !built[o.Name] {
			names = append(names, o.Name)
		}
	}
	for _, name := range names {
		s.refuse(t, "an operation that is not built", name, object{}, "", fault.UnknownOperation)
	}
}

func everyOperationRefusesBadInputAndChangesNothing(t *testing.T, s *server) {
	start := time.Now()
	f, other := newFixture(t, s, nil, nil), s.two
	strangers, people := strangersOf(t, other)
	before := other.show(t, people)
	n := 0
	for _, o := range served() {
		request, ok := validRequests[o.Name]
		if !ok {
			t.Errorf("%s has no valid request in validRequests, so its input is not tried", o.Name)
			continue
		}
		a := &attack{T: t, fixture: f, operation: o, request: request, strangers: strangers}
		opStart := time.Now()
		a.bodies()
		a.members()
		f.sweep(t)
		n += a.sent
		if testing.Verbose() {
			t.Logf("%-28s %5d requests %7.2fs", o.Name, a.sent, time.Since(opStart).Seconds())
		}
	}
	t.Logf("%d requests in %s", n, time.Since(start).Round(time.Second))
	if diff := cmp.Diff(before, other.show(t, people)); diff != "" {
		t.Errorf("the users of another pool changed:\n%s", diff)
	}
}

// otherCase swaps capitals and small letters. An id need not have both: in small letters it may be itself.
func otherCase(id string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, id)
}

// strangersOf makes users, a client, a group and tokens in another pool: right values that are wrong in the pool under attack. Values that
// nobody has are beside them.
func strangersOf(t *testing.T, other *fixture) (map[string][]string, []person) {
	p, leaving := other.newUser(t), other.invited(t)
	got := other.signIn(t, p)
	const arn = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/"
	return map[string][]string{
		"UserPoolId":       {"us-east-1_Nobodys12", "eu-west-1_Nobodys12", "us-east-1_" + otherCase(other.pool[10:])},
		"ClientId":         {other.client, strings.Repeat("0", 26), otherCase(other.client)},
		"Username":         {p.name, p.email, p.sub, leaving.name, fresh(), strings.Repeat("0", 8) + "-0000-4000-8000-" + strings.Repeat("0", 12)},
		"USERNAME":         {p.name, p.email, p.sub, fresh()},
		"GroupName":        {other.newGroup(t), fresh()},
		"AccessToken":      {got.id, got.refresh, got.access[:len(got.access)-8], got.access + "AAAA", "a.b.c", ".."},
		"RefreshToken":     {got.refresh, got.access, got.id, "a.b.c.d.e", "...."},
		"Token":            {got.refresh, got.access, got.id, "a.b.c.d.e", "...."},
		"ResourceArn":      {arn + "us-east-1_Nobodys12", arn, arn + other.pool + "/x", strings.Replace(arn, "cognito-idp", "s3", 1) + other.pool},
		"Session":          {strings.Repeat("A", 20), strings.Repeat("A", 2048), other.newPasswordSession(t, leaving)},
		"SESSION":          {strings.Repeat("A", 20)},
		"NextToken":        {"AAAA", "MQ==", strings.Repeat("A", 4000)},
		"PaginationToken":  {"AAAA", "MQ==", strings.Repeat("A", 4000)},
		"Filter":           {`email = "`, `email ~ "a"`, `password = "a"`, `custom:x = "a"`, `email = "a" or email = "b"`, `email = "\"`, `= "a"`, `email ^= ""`},
		"ConfirmationCode": {"000000", "0", "00000000"}, "Code": {"000000"},
		"AttributeName": {"sub", "name", "custom:x", "email_verified"},
	}, []person{p, leaving}
}

// show tells everything about some users.
func (f *fixture) show(t testing.TB, people []person) (shown []any) {
	t.Helper()
	for _, p := range people {
		shown = append(shown, f.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).body)
	}
	return shown
}

// attack tries bad input on one operation.
type attack struct {
	*testing.T
	*fixture
	operation *wire.Operation
	request   valid
	strangers map[string][]string

	made   int    // how many bases there were
	base   object // a request that would succeed
	used   int    // how many requests came from it
	before string // what the pool showed when the base was made, or after the last success
	sent   int
}

// renew makes another request that would succeed.
func (a *attack) renew() {
	a.Helper()
	if a.made++; a.made%20 == 0 {
		a.sweep(a.T)
	}
	a.base, a.used = a.request.make(a.T, a.fixture), 0
	a.before = a.snapshot(a.T)
}

// unchanged complains when the pool shows a change that no success explains.
func (a *attack) unchanged(what string) {
	a.Helper()
	if now := a.snapshot(a.T); now != a.before {
		a.Errorf("%s with %s was refused, but changed the pool:\n%s", a.operation.Name, what, cmp.Diff(strings.Split(a.before, ","), strings.Split(now, ",")))
		a.before = now
	}
}

// reads reports whether the operation changes nothing even when it succeeds.
func (a *attack) reads() bool {
	name := strings.TrimPrefix(a.operation.Name, "Admin")
	return strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "List") || name == "GetUser" || name == "GetGroup" || name == "GetTokensFromRefreshToken"
}

// bodies sends what is no request, the empty request, and a good one with members that nobody knows.
func (a *attack) bodies() {
	a.renew()
	for _, body := range malformedBodies {
		a.sent++
		got := a.call(a.T, a.operation.Name, body)
		if got.ok() || got.code != string(fault.Serialization) && got.code != string(fault.RequestTooLarge) {
			a.Errorf("%s %s is answered %s", a.operation.Name, shorten(string(body)), got.text)
		}
	}
	needs := slices.ContainsFunc(a.operation.Input.Members, func(m wire.Member) bool { return m.Required })
	if got := a.call(a.T, a.operation.Name, object{}); needs && got.code != string(fault.InvalidParameter) {
		a.Errorf("%s {} is answered %s", a.operation.Name, got.text)
	}
	a.unchanged("a malformed body")
	known := a.base.with("Zzz", object{"a": []any{nil, 1, "x"}}).with("__proto__", object{"a": 1})
	if a.request.refused == "" {
		a.must(a.T, a.operation.Name, known)
	} else if got := a.call(a.T, a.operation.Name, known); got.code != string(a.request.refused) {
		a.Errorf("%s is answered %s, want %s", a.operation.Name, shorten(got.text), a.request.refused)
	}
	a.sent += 2
}

// members changes every member in every way.
func (a *attack) members() {
	a.renew()
	for _, p := range places(a.operation.Input, a.base, nil) {
		all := mutations(p, a.strangers)
		if a.operation.Name == "CreateUserPool" && triedElsewhere(p) {
			all = slices.DeleteFunc(all, func(m mutation) bool { return m.want == "" })
		}
		if a.postgres { // what the model refuses never comes near a database: it is tried on the other one
			all = slices.DeleteFunc(all, func(m mutation) bool { return m.want != "" })
		}
		slices.SortStableFunc(all, func(x, y mutation) int { // what must be refused comes first, and is looked after together
			return strings.Compare(string(y.want), string(x.want))
		})
		checked := false
		for _, m := range all {
			if m.want == "" && !checked {
				a.unchanged(p.String() + " out of its constraints")
				checked = true
			}
			a.try(p, m)
		}
		if !checked {
			a.unchanged(p.String() + " out of its constraints")
		}
	}
	a.unchanged("any member changed")
}

// triedElsewhere reports whether a setting of CreateUserPool is one of UpdateUserPool or AddCustomAttributes as well. What the same code judges
// is tried there alone, where a success does not make keys.
func triedElsewhere(p place) bool {
	update, _ := wire.Lookup("AWSCognitoIdentityProviderService.UpdateUserPool")
	return len(p.path) > 1 || slices.ContainsFunc(update.Input.Members, func(m wire.Member) bool { return m.Name == p.path[0] })
}

func (a *attack) try(p place, m mutation) {
	if a.request.lives > 0 && a.used >= a.request.lives && m.want == "" {
		a.renew()
	}
	input := put(a.base, p.path, m.value)
	var body bytes.Buffer
	if encode(&body, input); body.Len() > 64<<10 && a.operation.Auth != wire.SigV4 && m.want != "" {
		m.want = fault.RequestTooLarge
	}
	got := a.call(a.T, a.operation.Name, input)
	a.sent++
	if m.want != "" {
		if got.code != string(m.want) {
			a.Errorf("%s with %s as %s is answered %s, want %s", a.operation.Name, p, m.what, shorten(got.text), m.want)
		}
		return
	}
	a.used++
	switch {
	case a.reads():
	case got.ok():
		a.renew()
	default:
		a.unchanged(p.String() + " as " + m.what)
	}
}
