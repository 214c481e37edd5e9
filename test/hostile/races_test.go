package hostile_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

// atOnce sends n requests at the same time, to all nodes, and returns the answers in their order.
func atOnce(t *testing.T, s *server, n int, make func(i int) (operation string, body object)) []answer {
	t.Helper()
	answers, complaints := slices.Repeat([]answer{{}}, n), slices.Repeat([]string{""}, n)
	start := new(sync.WaitGroup)
	start.Add(1)
	var done sync.WaitGroup
	for i := range n {
		operation, body := make(i)
		var b bytes.Buffer
		encode(&b, body)
		done.Go(func() {
			start.Wait()
			node := s
			if i%2 == 1 && s.other != nil {
				node = s.other
			}
			answers[i], complaints[i] = node.send(operation, b.Bytes())
		})
	}
	start.Done()
	done.Wait()
	for i, c := range complaints {
		if c != "" {
			t.Errorf("answer %d of %d: %d %s\n  %s", i, n, answers[i].status, shorten(answers[i].text), c)
		}
	}
	return answers
}

// count counts the answers by their exceptions; "" is success.
func count(answers []answer) map[fault.Code]int {
	n := map[fault.Code]int{}
	for _, a := range answers {
		n[fault.Code(a.code)]++
	}
	return n
}

// wantOne complains unless exactly one of the answers is a success and all others are one of the exceptions.
func wantOne(t *testing.T, what string, answers []answer, others ...fault.Code) {
	t.Helper()
	for code, n := range count(answers) {
		if code == "" && n != 1 || code != "" && !slices.Contains(others, code) {
			t.Errorf("%s: %v, want one success and else %v", what, count(answers), others)
			return
		}
	}
	if count(answers)[""] == 0 {
		t.Errorf("%s: %v, want one success", what, count(answers))
	}
}

func ofManySignUpsForOneNameOneSucceeds(t *testing.T, s *server) {
	f := newFixture(t, s, object{"UsernameConfiguration": object{"CaseSensitive": false}}, nil)
	names := []string{"Straße", "straße", "STRAßE"} // one name where case does not count
	answers := atOnce(t, s, 32, func(i int) (string, object) {
		return "SignUp", object{"ClientId": f.client, "Username": names[i%3], "Password": fmt.Sprint(password, i)}
	})
	wantOne(t, "SignUp", answers, fault.UsernameExists)
	winner := slices.IndexFunc(answers, answer.ok)
	s.must(t, "AdminConfirmSignUp", object{"UserPoolId": f.pool, "Username": names[0]})
	for i := range 4 { // neighbours of the winner: the name belongs to the winner's password alone
		n := (winner + i) % 32
		if got := s.call(t, "InitiateAuth", f.passwordSignIn(names[0], fmt.Sprint(password, n))); got.ok() != (n == winner) {
			t.Errorf("password %d is answered %s; sign-up %d won", n, shorten(got.text), winner)
		}
	}
}

func ofManyHoldersOfOneAddressOneGetsTheAlias(t *testing.T, s *server) {
	f := s.one
	const email = "one@example.com"
	answers := atOnce(t, s, 16, func(i int) (string, object) {
		return "AdminCreateUser", object{
			"UserPoolId": f.pool, "Username": fmt.Sprint("holder", i), "MessageAction": "SUPPRESS",
			"UserAttributes": attributes("email", email, "email_verified", "true"),
		}
	})
	wantOne(t, "AdminCreateUser", answers, fault.AliasExists, fault.UsernameExists)
	s.must(t, "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": email, "Password": password, "Permanent": true})
	winner := fmt.Sprint("holder", slices.IndexFunc(answers, answer.ok))
	_, claims := read(t, tokensOf(s.must(t, "InitiateAuth", f.passwordSignIn(email, password))).access)
	if claims["username"] != winner {
		t.Errorf("the alias leads to %v, want %s", claims["username"], winner)
	}
}

func aCodeConfirmsOnce(t *testing.T, s *server) {
	f := s.one
	p := f.signedUp(t)
	code := f.code(t, p)
	answers := atOnce(t, s, 12, func(int) (string, object) {
		return "ConfirmSignUp", object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": code}
	})
	wantOne(t, "ConfirmSignUp", answers, fault.NotAuthorized, fault.ExpiredCode)
}

func aCodeSetsOnePassword(t *testing.T, s *server) {
	f := s.one
	p := f.newUser(t)
	s.must(t, "ForgotPassword", object{"ClientId": f.client, "Username": p.name})
	code := f.code(t, p)
	answers := atOnce(t, s, 8, func(i int) (string, object) {
		return "ConfirmForgotPassword", object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": code, "Password": fmt.Sprint(newPassword, i)}
	})
	wantOne(t, "ConfirmForgotPassword", answers, fault.ExpiredCode)
	s.must(t, "InitiateAuth", f.passwordSignIn(p.name, fmt.Sprint(newPassword, slices.IndexFunc(answers, answer.ok))))
}

func aSessionSetsOnePassword(t *testing.T, s *server) {
	f := s.one
	p := f.invited(t)
	session := f.newPasswordSession(t, p)
	answers := atOnce(t, s, 12, func(i int) (string, object) {
		a := f.newPasswordAnswer(p, session)
		a["ChallengeResponses"] = a["ChallengeResponses"].(object).with("NEW_PASSWORD", fmt.Sprint(newPassword, i))
		return "RespondToAuthChallenge", a
	})
	wantOne(t, "RespondToAuthChallenge", answers, fault.NotAuthorized)
	s.must(t, "InitiateAuth", f.passwordSignIn(p.name, fmt.Sprint(newPassword, slices.IndexFunc(answers, answer.ok))))
}

func guessesAtOnceDoNotPassTheLockout(t *testing.T, s *server) {
	f := s.one
	for _, name := range []string{f.newUser(t).name, fresh()} {
		hides := f.newClient(t, hiding)
		answers := atOnce(t, s, 48, func(i int) (string, object) {
			return "InitiateAuth", f.passwordSignIn(name, fmt.Sprint("Wr0ng-guess!", i)).with("ClientId", hides)
		})
		judged := 0
		for _, a := range answers {
			if a.code != string(fault.NotAuthorized) {
				t.Errorf("a guess is answered %s", a.text)
			}
			if a.message != "Password attempts exceeded" {
				judged++
			}
		}
		if judged < 6 || judged > 9 { // the sixth locks for a second, which may pass under load
			t.Errorf("%d of 48 guesses at once were judged, want 6", judged)
		}
		s.lengthenLock(t, func(time.Duration) {
			s.call(t, "InitiateAuth", f.passwordSignIn(name, "Wr0ng-guess!").with("ClientId", hides))
		})
		if got := s.call(t, "InitiateAuth", f.passwordSignIn(name, password).with("ClientId", hides)); got.message != "Password attempts exceeded" {
			t.Errorf("the right password during the lock is answered %s", got.text)
		}
	}
}

// longLock outlasts what a slow machine needs for some requests. It is what lengthenLock leaves.
const longLock = 16 * time.Second

// lengthenLock waits until a lock of a second has passed and has a wrong guess be made, which locks for two, and so on.
func (s *server) lengthenLock(t *testing.T, guess func(lock time.Duration)) {
	t.Helper()
	for lock := time.Second; lock < longLock; lock *= 2 {
		s.Advance(t, lock)
		guess(lock)
	}
}

// guessesAtOnceDoNotShowTheRightOne is about the guess that is right: beyond those that the lock leaves, it must not be told apart.
func guessesAtOnceDoNotShowTheRightOne(t *testing.T, s *server) {
	f := s.one
	p := f.newUser(t)
	for i := range 5 {
		s.refuse(t, "a guess", "InitiateAuth", f.passwordSignIn(p.name, fmt.Sprint("Wr0ng-guess!", i)), "Incorrect username or password.", fault.NotAuthorized)
	}
	answers := atOnce(t, s, 24, func(i int) (string, object) {
		if i == 20 {
			return "InitiateAuth", f.passwordSignIn(p.name, password)
		}
		return "InitiateAuth", f.passwordSignIn(p.name, fmt.Sprint("Wr0ng-guess!", i))
	})
	said := map[string][]int{}
	for i, a := range answers {
		said[a.message] = append(said[a.message], i)
	}
	// The right one is the first to be judged and succeeds, which forgives, or it is refused in the words of all others.
	if !answers[20].ok() && len(said["Password attempts exceeded"]) < 20 {
		t.Errorf("guesses by what they were told: %v; the right one is 20", said)
	}
}

func aRightPasswordAmongManyGuessesIsLockedOutToo(t *testing.T, s *server) {
	f := s.one
	p := f.newUser(t)
	for i := range 6 { // the sixth locks for a second
		s.refuse(t, "a guess", "InitiateAuth", f.passwordSignIn(p.name, fmt.Sprint("Wr0ng-guess!", i)), "Incorrect username or password.", fault.NotAuthorized)
	}
	s.lengthenLock(t, func(time.Duration) {
		s.refuse(t, "a guess", "InitiateAuth", f.passwordSignIn(p.name, "Wr0ng-guess!"), "Incorrect username or password.", fault.NotAuthorized)
	})
	answers := atOnce(t, s, 8, func(int) (string, object) { return "InitiateAuth", f.passwordSignIn(p.name, password) })
	if n := count(answers); n[""] != 0 {
		t.Errorf("the right password during the lock: %v", n)
	}
}

func codeGuessesAtOnceDoNotPassTheirLimit(t *testing.T, s *server) {
	f := s.one
	p := f.signedUp(t)
	q := f.newUser(t)
	s.must(t, "ForgotPassword", object{"ClientId": f.client, "Username": q.name})
	right := map[string]bool{f.code(t, p): true, f.code(t, q): true}
	guess := func(i int) string {
		for code := i; ; code += 1000 {
			if text := fmt.Sprintf("%06d", code); !right[text] {
				return text
			}
		}
	}
	for operation, limit := range map[string]int{"ConfirmSignUp": 15, "ConfirmForgotPassword": 10} {
		answers := atOnce(t, s, 40, func(i int) (string, object) {
			body := object{"ClientId": f.client, "Username": p.name, "ConfirmationCode": guess(i)}
			if operation == "ConfirmForgotPassword" {
				body["Username"], body["Password"] = q.name, newPassword
			}
			return operation, body
		})
		n := count(answers)
		if n[fault.CodeMismatch] != limit || n[fault.LimitExceeded] != 40-limit {
			t.Errorf("%s: %v, want %d tries to be judged", operation, n, limit)
		}
	}
}

func changesAtOnceAreNotLostNorInternalErrors(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	p := f.newUser(t)
	group := f.newGroup(t)
	const n = 24
	answers := atOnce(t, s, n, func(i int) (string, object) {
		switch i % 4 {
		case 0: // each adds one of its own; a lost update would lose one
			return "AddCustomAttributes", object{"UserPoolId": f.pool, "CustomAttributes": []any{object{"Name": fmt.Sprint("a", i), "AttributeDataType": "String", "Mutable": true}}}
		case 1:
			return "TagResource", object{"ResourceArn": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/" + f.pool, "Tags": object{fmt.Sprint("t", i): "v"}}
		case 2:
			return "AdminUpdateUserAttributes", object{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": attributes([]string{"name", "nickname", "profile", "website", "gender", "locale"}[i/4], "v")}
		default:
			return "UpdateUserPoolClient", object{"UserPoolId": f.pool, "ClientId": f.client, "ClientName": fmt.Sprint("c", i), "ExplicitAuthFlows": everyFlow}
		}
	})
	for i, a := range answers {
		if !a.ok() {
			t.Errorf("change %d is answered %s", i, a.text)
		}
	}
	pool := s.must(t, "DescribeUserPool", object{"UserPoolId": f.pool})
	user := s.must(t, "AdminGetUser", object{"UserPoolId": f.pool, "Username": p.name}).body
	for i := 0; i < n; i += 4 {
		if !bytes.Contains([]byte(pool.text), fmt.Appendf(nil, `"custom:a%d"`, i)) {
			t.Errorf("attribute a%d is lost", i)
		}
		if !bytes.Contains([]byte(pool.text), fmt.Appendf(nil, `"t%d":"v"`, i+1)) {
			t.Errorf("tag t%d is lost", i+1)
		}
	}
	for _, name := range []string{"name", "nickname", "profile", "website", "gender", "locale"} {
		if attributeOf(user, "UserAttributes", name) != "v" {
			t.Errorf("attribute %s of the user is lost", name)
		}
	}
	mixed := atOnce(t, s, 32, func(i int) (string, object) {
		switch i % 4 {
		case 0:
			return "UpdateUserPool", poolSettings.with("UserPoolId", f.pool)
		case 1:
			return "AdminAddUserToGroup", object{"UserPoolId": f.pool, "Username": p.name, "GroupName": group}
		case 2:
			return "AdminRemoveUserFromGroup", object{"UserPoolId": f.pool, "Username": p.name, "GroupName": group}
		default:
			return "AdminSetUserPassword", object{"UserPoolId": f.pool, "Username": p.name, "Password": fmt.Sprint(password, i), "Permanent": true}
		}
	})
	for i, a := range mixed {
		if !a.ok() {
			t.Errorf("change %d is answered %s", i, a.text)
		}
	}
}

func usersWhoAreDeletedMeanwhileLeaveNothing(t *testing.T, s *server) {
	f := newFixture(t, s, nil, nil)
	group := f.newGroup(t)
	for range 6 {
		p := f.newUser(t)
		token := f.signIn(t, p).access
		answers := atOnce(t, s, 9, func(i int) (string, object) {
			return []string{
					"AdminDeleteUser", "AdminAddUserToGroup", "AdminUpdateUserAttributes", "AdminSetUserPassword", "AdminDisableUser",
					"GetUserAttributeVerificationCode", "UpdateUserAttributes", "ForgotPassword", "InitiateAuth",
				}[i],
				[]object{
					{"UserPoolId": f.pool, "Username": p.name},
					{"UserPoolId": f.pool, "Username": p.name, "GroupName": group},
					{"UserPoolId": f.pool, "Username": p.name, "UserAttributes": attributes("name", "x")},
					{"UserPoolId": f.pool, "Username": p.name, "Password": newPassword, "Permanent": true},
					{"UserPoolId": f.pool, "Username": p.name},
					{"AccessToken": token, "AttributeName": "email"},
					{"AccessToken": token, "UserAttributes": attributes("email", "new"+p.email)},
					{"ClientId": f.client, "Username": p.name},
					f.passwordSignIn(p.name, password),
				}[i]
		})
		if !answers[0].ok() {
			t.Errorf("AdminDeleteUser is answered %s", answers[0].text)
		}
	}
	if users := s.must(t, "ListUsersInGroup", object{"UserPoolId": f.pool, "GroupName": group}).text; users != `{"Users":[]}` {
		t.Errorf("the group still has members: %s", users)
	}
	if users := s.must(t, "ListUsers", object{"UserPoolId": f.pool}).text; users != `{"Users":[]}` {
		t.Errorf("the pool still has users: %s", users)
	}
}
