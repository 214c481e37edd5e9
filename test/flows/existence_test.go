package flows

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// writes returns how many changes the store of a server has committed, when the messages of the last request have been sent: the dear part
// of a request that does not compute.
func (s *site) writes(t testing.TB) (n int) {
	t.Helper()
	cenotetest.Eventually(t, "messages are sent", func() bool { return s.metric(t, "cenote_messages_pending") == 0 })
	return s.metric(t, "cenote_store_updates_total")
}

// metric reads one of the server's metrics.
func (s *site) metric(t testing.TB, name string) (n int) {
	t.Helper()
	_, body := cenotetest.Get(t, http.DefaultClient, s.srv.URL+"/metrics")
	for line := range strings.Lines(body) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			if _, err := fmt.Sscan(value, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// form is the shape of a text: its letters and digits are all the same.
func form(text string) string {
	if at := strings.IndexByte(text, '@'); at > 0 {
		return "address"
	}
	return regexp.MustCompile(`[0-9A-Za-z]`).ReplaceAllString(text, "x")
}

// shape is an answer without what differs from call to call: sessions and the material of SRP are told by their length, destinations by
// their form.
func shape(v any) any {
	switch v := v.(type) {
	case doc:
		out := doc{}
		for name, value := range v {
			switch name {
			case "Session", "SECRET_BLOCK":
				out[name] = len(value.(string)) > 200
			case "SALT", "SRP_B":
				out[name] = len(value.(string)) > 20
			case "USERNAME", "USER_ID_FOR_SRP": // of nobody who is called by an alias, a made-up one: the client has to be told one
				out[name] = value != ""
			case "Destination", "CODE_DELIVERY_DESTINATION":
				out[name] = form(value.(string))
			default:
				out[name] = shape(value)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = shape(v[i])
		}
		return out
	}
	return v
}

// A client that hides users gets the same answer for an unknown user as for an existing one, and the store has the same work.
func TestNobodyLearnsWhoExists(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, doc{
		"AutoVerifiedAttributes": []string{"email"}, "AliasAttributes": []string{"email"},
		"Policies": doc{"SignInPolicy": doc{"AllowedFirstAuthFactors": []string{"PASSWORD", "EMAIL_OTP"}}},
	}, nil)
	mail := func(name string) string { return name + "@example.com" }
	srpA := strings.Repeat("5a", 256) // what a client would send looks no different
	start := func(flow string, params ...string) func(name string) (string, doc) {
		return func(name string) (string, doc) {
			in := doc{"USERNAME": name}
			for i := 0; i < len(params); i += 2 {
				in[params[i]] = params[i+1]
			}
			return "InitiateAuth", doc{"ClientId": s.client, "AuthFlow": flow, "AuthParameters": in}
		}
	}
	named := func(operation string, more ...string) func(name string) (string, doc) {
		return func(name string) (string, doc) {
			in := doc{"ClientId": s.client, "Username": name}
			for i := 0; i < len(more); i += 2 {
				in[more[i]] = more[i+1]
			}
			return operation, in
		}
	}
	unconfirmed := func(t testing.TB, name string) {
		s.must(t, "SignUp", doc{"ClientId": s.client, "Username": name, "Password": sitePassword, "UserAttributes": []doc{{"Name": "email", "Value": mail(name)}}})
	}
	confirmed := func(t testing.TB, name string) { s.addUser(t, name, "email", mail(name), "email_verified", "true") }
	for i, tc := range []struct {
		name string
		user func(t testing.TB, name string)
		call func(name string) (string, doc)
	}{
		{"a wrong password", confirmed, start("USER_PASSWORD_AUTH", "PASSWORD", "Wr0ng-horse!")},
		{"the first step of SRP", confirmed, start("USER_SRP_AUTH", "SRP_A", srpA)},
		{"a choice of factors", confirmed, start("USER_AUTH")},
		{"a wrong password that was chosen", confirmed, start("USER_AUTH", "PREFERRED_CHALLENGE", "PASSWORD", "PASSWORD", "Wr0ng-horse!")},
		{"a password that was chosen", confirmed, start("USER_AUTH", "PREFERRED_CHALLENGE", "PASSWORD")},
		{"SRP that was chosen", confirmed, start("USER_AUTH", "PREFERRED_CHALLENGE", "PASSWORD_SRP", "SRP_A", srpA)},
		{"a code that was chosen", confirmed, start("USER_AUTH", "PREFERRED_CHALLENGE", "EMAIL_OTP")},
		{"a passkey that nobody has", confirmed, start("USER_AUTH", "PREFERRED_CHALLENGE", "WEB_AUTHN")},
		{"a forgotten password", confirmed, named("ForgotPassword")},
		{"a code of recovery that nobody asked for", confirmed, named("ConfirmForgotPassword", "ConfirmationCode", "000000", "Password", sitePassword)},
		{"another code of a sign-up", unconfirmed, named("ResendConfirmationCode")},
	} {
		t.Run(tc.name, func(t *testing.T) { // one after the other: writes are counted
			name := fmt.Sprint("user", i)
			tc.user(t, name)
			type answer struct {
				Out     any
				Refused refusal
				Writes  int
			}
			ask := func(name string) answer {
				operation, in := tc.call(name)
				before := s.writes(t)
				out, no := s.call(t, operation, in)
				return answer{shape(out), no, s.writes(t) - before}
			}
			for _, who := range []string{name, mail(name)} { // by username and by alias
				if who != name && fmt.Sprintf("%p", tc.user) == fmt.Sprintf("%p", unconfirmed) {
					continue // an alias needs a verified address
				}
				alike := ask(who)
				diff := ""
				for k := range 40 { // unknown names have other factors than most users now and then, as users have
					nobody := strings.Replace(who, "user", fmt.Sprintf("nobody%d-", k), 1)
					if diff = cmp.Diff(alike, ask(nobody)); diff == "" {
						break
					}
				}
				if diff != "" {
					t.Errorf("nobody is like %s (-user +nobody):\n%s", who, diff)
				}
			}
		})
	}

	t.Run("the codes that follow", func(t *testing.T) {
		confirmed(t, "cleo")
		nobody := ""
		for k := range 40 {
			nobody = fmt.Sprint("nobody", k)
			out := s.must(t, "InitiateAuth", doc{"ClientId": s.client, "AuthFlow": "USER_AUTH", "AuthParameters": doc{"USERNAME": nobody, "PREFERRED_CHALLENGE": "EMAIL_OTP"}})
			if out["ChallengeName"] == "EMAIL_OTP" {
				break
			}
		}
		wrong := func() string { return cenotetest.Wrong(s.srv.Code(t, mail("cleo"))) }
		for _, who := range []string{"cleo", nobody} {
			s.must(t, "ForgotPassword", doc{"ClientId": s.client, "Username": who})
			s.refused(t, "ConfirmForgotPassword", doc{"ClientId": s.client, "Username": who, "ConfirmationCode": wrong(), "Password": sitePassword},
				refusal{"CodeMismatchException", "Invalid verification code provided, please try again."})
			out := s.must(t, "InitiateAuth", doc{"ClientId": s.client, "AuthFlow": "USER_AUTH", "AuthParameters": doc{"USERNAME": who, "PREFERRED_CHALLENGE": "EMAIL_OTP"}})
			s.refused(t, "RespondToAuthChallenge", doc{
				"ClientId": s.client, "ChallengeName": "EMAIL_OTP", "Session": out["Session"],
				"ChallengeResponses": doc{"USERNAME": who, "EMAIL_OTP_CODE": wrong()},
			}, refusal{"CodeMismatchException", "Invalid code or auth state for the user."})
		}
	})
	t.Run("a code that an administrator had sent", func(t *testing.T) { // nobody but its reader knows that there is one
		confirmed(t, "dora")
		s.must(t, "AdminResetUserPassword", doc{"UserPoolId": s.pool, "Username": "dora"})
		confirm := func(who, code string) doc {
			return doc{"ClientId": s.client, "Username": who, "ConfirmationCode": code, "Password": sitePassword}
		}
		expired := refusal{"ExpiredCodeException", "Invalid code provided, please request a code again."}
		for _, who := range []string{"dora", "nobody11"} {
			s.refused(t, "ConfirmForgotPassword", confirm(who, cenotetest.Wrong(s.srv.Code(t, mail("dora")))), expired)
		}
		s.must(t, "ConfirmForgotPassword", confirm("dora", s.srv.Code(t, mail("dora"))))
	})
	t.Run("one name, one address", func(t *testing.T) { // a made-up address beside a real one would tell who is real
		s.addUser(t, "emil", "email", "Emil@Work.example", "email_verified", "true")
		s.addUser(t, "fred", "email", "Fred@Work.example", "email_verified", "false")
		for _, who := range []string{"emil", "fred", "Emil@Work.example", "nobody20", "nobody21@example.com"} {
			shown := map[string]bool{}
			for _, operation := range []string{"ForgotPassword", "ResendConfirmationCode"} {
				out := s.must(t, operation, doc{"ClientId": s.client, "Username": who})
				shown[out["CodeDeliveryDetails"].(doc)["Destination"].(string)] = true
			}
			out := s.must(t, "InitiateAuth", doc{"ClientId": s.client, "AuthFlow": "USER_AUTH", "AuthParameters": doc{"USERNAME": who, "PREFERRED_CHALLENGE": "EMAIL_OTP"}})
			if out["ChallengeName"] == "EMAIL_OTP" {
				shown[out["ChallengeParameters"].(doc)["CODE_DELIVERY_DESTINATION"].(string)] = true
			}
			if len(shown) != 1 {
				t.Errorf("codes for %s would go to %v, want one address", who, shown)
			}
		}
	})
	t.Run("nothing is said of strangers twice", func(t *testing.T) { // what is made up for a name stays the same
		var seen []any
		for range 3 {
			out := s.must(t, "ForgotPassword", doc{"ClientId": s.client, "Username": "nobody10"})
			seen = append(seen, out["CodeDeliveryDetails"].(doc)["Destination"])
		}
		if len(slices.Compact(seen)) != 1 {
			t.Errorf("made-up addresses differ: %v", seen)
		}
	})
}

// What a client is told to call somebody leads to the same person in every operation, whoever it is.
func TestTheUsernameThatIsToldLeadsToTheSamePerson(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, doc{"AutoVerifiedAttributes": []string{"email"}, "UsernameAttributes": []string{"email"}}, nil)
	s.addUser(t, "real@example.com", "email", "real@example.com", "email_verified", "true")
	for _, who := range []string{"real@example.com", "nobody@example.com"} {
		srp := func(name string) doc {
			return s.must(t, "InitiateAuth", doc{
				"ClientId": s.client, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": doc{"USERNAME": name, "SRP_A": strings.Repeat("5a", 256)},
			})["ChallengeParameters"].(doc)
		}
		reset := func(name string) any {
			return s.must(t, "ForgotPassword", doc{"ClientId": s.client, "Username": name})["CodeDeliveryDetails"]
		}
		byAlias := srp(who)
		told := byAlias["USERNAME"].(string)
		byTold := srp(told)
		for _, name := range []string{"SALT", "USERNAME", "USER_ID_FOR_SRP"} {
			if byAlias[name] != byTold[name] {
				t.Errorf("%s of %s is %v by alias and %v by username", name, who, byAlias[name], byTold[name])
			}
		}
		if diff := cmp.Diff(reset(who), reset(told)); diff != "" {
			t.Errorf("delivery to %s (-alias +username):\n%s", who, diff)
		}
		for range 6 { // the sixth failure locks
			s.refused(t, "InitiateAuth", s.passwordOf(who, "Wr0ng-horse!"), refusal{"NotAuthorizedException", "Incorrect username or password."})
		}
		s.refused(t, "InitiateAuth", s.passwordOf(told, "Wr0ng-horse!"), refusal{"NotAuthorizedException", "Password attempts exceeded"})
	}
}

// A client that does not hide users says who does not exist.
func TestALegacyClientTellsWhoExists(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, doc{"AutoVerifiedAttributes": []string{"email"}}, nil)
	s.client = s.newClient(t, doc{"PreventUserExistenceErrors": "LEGACY"})
	for operation, text := range map[string]string{
		"InitiateAuth": "User does not exist.", "ForgotPassword": "Username/client id combination not found.",
		"ResendConfirmationCode": "Username/client id combination not found.", "ConfirmForgotPassword": "Username/client id combination not found.",
		"ConfirmSignUp": "Username/client id combination not found.",
	} {
		in := s.passwordOf("nobody", sitePassword)
		if operation != "InitiateAuth" {
			in = doc{"ClientId": s.client, "Username": "nobody"}
		}
		if strings.HasPrefix(operation, "Confirm") {
			in["ConfirmationCode"] = "000000"
		}
		if operation == "ConfirmForgotPassword" {
			in["Password"] = sitePassword
		}
		s.refused(t, operation, in, refusal{"UserNotFoundException", text})
	}
}
