package flows

import (
	"crypto/sha1" //nolint:gosec // the lists of compromised passwords are made with it
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/message"
)

var (
	blocked    = refusal{"NotAuthorizedException", "Unable to login because of security reasons."}
	notEnabled = refusal{Code: "UserPoolAddOnNotEnabledException"}
)

// guarded makes a site whose pool protects itself in the mode.
func guarded(t testing.TB, mode string, settings map[string]string, pool doc) *site {
	t.Helper()
	p := doc{"UserPoolAddOns": doc{"AdvancedSecurityMode": mode}}
	for name, value := range pool {
		p[name] = value
	}
	return newSite(t, settings, p, nil)
}

// risk sets the pool's risk configuration.
func (s *site) risk(t testing.TB, parts doc) {
	t.Helper()
	in := doc{"UserPoolId": s.pool}
	for name, value := range parts {
		in[name] = value
	}
	s.must(t, "SetRiskConfiguration", in)
	s.srv.Advance(t, time.Second)
}

// action is what is done at a level of risk.
func action(do string) doc { return doc{"EventAction": do, "Notify": false} }

func takeover(low, medium, high string) doc {
	return doc{"AccountTakeoverRiskConfiguration": doc{
		"Actions": doc{"LowAction": action(low), "MediumAction": action(medium), "HighAction": action(high)},
	}}
}

// events lists the events of a user, newest first.
func (s *site) events(t testing.TB, name string) []doc {
	t.Helper()
	return list(s.must(t, "AdminListUserAuthEvents", doc{"UserPoolId": s.pool, "Username": name}), "AuthEvents")
}

// claim reads a claim of a token without looking at the signature.
func claim(t testing.TB, token any, name string) any {
	t.Helper()
	parts := strings.Split(token.(string), ".")
	plain, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := doc{}
	if err := json.Unmarshal(plain, &claims); err != nil {
		t.Fatal(err)
	}
	return claims[name]
}

func TestRiskConfigurations(t *testing.T) {
	t.Parallel()
	off := newSite(t, nil, nil, nil)
	for _, operation := range []string{"SetRiskConfiguration", "DescribeRiskConfiguration"} {
		off.refused(t, operation, doc{"UserPoolId": off.pool}, notEnabled)
	}
	off.refused(t, "AdminListUserAuthEvents", doc{"UserPoolId": off.pool, "Username": "ann"}, notEnabled)
	off.refused(t, "AdminUpdateAuthEventFeedback", doc{"UserPoolId": off.pool, "Username": "ann", "EventId": "x", "FeedbackValue": "Valid"}, notEnabled)

	s := guarded(t, "AUDIT", nil, nil)
	describe := func(in doc) doc {
		t.Helper()
		out := s.must(t, "DescribeRiskConfiguration", in)["RiskConfiguration"].(doc)
		delete(out, "LastModifiedDate")
		return out
	}
	pool, client := doc{"UserPoolId": s.pool}, doc{"UserPoolId": s.pool, "ClientId": s.client}
	for _, in := range []doc{pool, client} {
		if diff := cmp.Diff(in, describe(in)); diff != "" {
			t.Errorf("unset (-want +got):\n%s", diff)
		}
	}
	s.risk(t, doc{"CompromisedCredentialsRiskConfiguration": doc{"Actions": doc{"EventAction": "BLOCK"}}})
	want := doc{"UserPoolId": s.pool, "CompromisedCredentialsRiskConfiguration": doc{
		"Actions": doc{"EventAction": "BLOCK"}, "EventFilter": []any{"SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"},
	}}
	if diff := cmp.Diff(want, describe(pool)); diff != "" {
		t.Errorf("the pool's (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(client, describe(client)); diff != "" {
		t.Errorf("a client without its own (-want +got):\n%s", diff)
	}
	s.must(t, "SetRiskConfiguration", doc{"UserPoolId": s.pool, "ClientId": s.client, "RiskExceptionConfiguration": doc{"SkippedIPRangeList": []string{"10.0.0.0/8"}}})
	want = doc{"UserPoolId": s.pool, "ClientId": s.client, "RiskExceptionConfiguration": doc{"SkippedIPRangeList": []any{"10.0.0.0/8"}}}
	if diff := cmp.Diff(want, describe(client)); diff != "" {
		t.Errorf("a client's own (-want +got):\n%s", diff)
	}
	for _, in := range []doc{client, pool} { // nothing said takes it back
		s.must(t, "SetRiskConfiguration", in)
		if diff := cmp.Diff(doc{}, s.must(t, "DescribeRiskConfiguration", in)); diff != "" {
			t.Errorf("taken back (-want +got):\n%s", diff)
		}
	}

	bad := refusal{Code: "InvalidParameterException"}
	lenient := takeover("BLOCK", "BLOCK", "MFA_REQUIRED")
	lenient["UserPoolId"] = s.pool
	s.refused(t, "SetRiskConfiguration", lenient, bad)
	s.refused(t, "SetRiskConfiguration", doc{"UserPoolId": s.pool, "RiskExceptionConfiguration": doc{"BlockedIPRangeList": []string{"10.0.0.0/99"}}}, bad)
	s.refused(t, "SetRiskConfiguration", doc{"UserPoolId": s.pool, "AccountTakeoverRiskConfiguration": doc{
		"Actions": doc{"LowAction": doc{"EventAction": "BLOCK", "Notify": true}},
	}}, bad)
	s.refused(t, "SetRiskConfiguration", doc{"UserPoolId": s.pool, "ClientId": strings.Repeat("a", 26)}, refusal{Code: "ResourceNotFoundException"})
}

func TestSignInsAreRecorded(t *testing.T) {
	t.Parallel()
	s := guarded(t, "AUDIT", nil, nil)
	s.addUser(t, "ann")
	tokens := s.signIn(t, "ann")
	s.srv.Advance(t, time.Second)
	s.refused(t, "InitiateAuth", s.passwordOf("ann", "Wr0ng-horse!"), refusal{"NotAuthorizedException", "Incorrect username or password."})
	s.refused(t, "InitiateAuth", s.passwordOf("nobody", sitePassword), refusal{"NotAuthorizedException", "Incorrect username or password."})

	events := s.events(t, "ann")
	if len(events) != 2 {
		t.Fatalf("%d events, want 2: %v", len(events), events)
	}
	if got := claim(t, tokens["AccessToken"], "event_id"); got != events[1]["EventId"] {
		t.Errorf("the tokens have event_id %v, the event is %v", got, events[1]["EventId"])
	}
	seen := doc{"IpAddress": "192.0.2.10", "DeviceName": "Chrome 126, Windows 10"}
	for i, want := range []doc{
		{
			"EventType": "SignIn", "EventResponse": "Fail", "EventContextData": seen,
			"ChallengeResponses": []any{doc{"ChallengeName": "Password", "ChallengeResponse": "Failure"}},
		}, {
			"EventType": "SignIn", "EventResponse": "Pass", "EventContextData": seen, "EventRisk": doc{"RiskDecision": "NoRisk"},
			"ChallengeResponses": []any{doc{"ChallengeName": "Password", "ChallengeResponse": "Success"}},
		},
	} {
		delete(events[i], "EventId")
		delete(events[i], "CreationDate")
		if diff := cmp.Diff(want, events[i]); diff != "" {
			t.Errorf("event %d (-want +got):\n%s", i, diff)
		}
	}

	// A server says for whom it acts; an answer without a description has no place.
	admin := doc{
		"UserPoolId": s.pool, "ClientId": s.client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": doc{"USERNAME": "ann", "PASSWORD": sitePassword},
	}
	s.srv.Advance(t, time.Second)
	s.must(t, "AdminInitiateAuth", admin)
	s.srv.Advance(t, time.Second)
	admin["ContextData"] = doc{
		"IpAddress": "198.51.100.9", "ServerName": "shop", "ServerPath": "/",
		"HttpHeaders": []doc{{"headerName": "user-agent", "headerValue": firefoxOnLinux}}, "EncodedData": "bm9uc2Vuc2U=",
	}
	s.must(t, "AdminInitiateAuth", admin)
	events = s.events(t, "ann")
	if diff := cmp.Diff(doc{"IpAddress": "198.51.100.9", "DeviceName": "Firefox 127, Linux"}, events[0]["EventContextData"]); diff != "" {
		t.Errorf("a described user (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(doc{"RiskDecision": "NoRisk", "RiskLevel": "Medium"}, events[0]["EventRisk"]); diff != "" {
		t.Errorf("risk that is only recorded (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(doc{}, events[1]["EventContextData"]); diff != "" {
		t.Errorf("a user who is not described (-want +got):\n%s", diff)
	}

	// A description at the start holds for the answers that follow without one, and is what later sign-ins are compared with.
	s.must(t, "AdminCreateUser", doc{"UserPoolId": s.pool, "Username": "bob", "TemporaryPassword": "Temp0rary-horse!", "MessageAction": "SUPPRESS"})
	admin["AuthParameters"] = doc{"USERNAME": "bob", "PASSWORD": "Temp0rary-horse!"}
	challenge := s.must(t, "AdminInitiateAuth", admin)
	flush := s.events(t, "bob") // the steps are written one by one
	s.must(t, "AdminRespondToAuthChallenge", doc{
		"UserPoolId": s.pool, "ClientId": s.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": challenge["Session"],
		"ChallengeResponses": doc{"USERNAME": "bob", "NEW_PASSWORD": sitePassword},
	})
	events = s.events(t, "bob")
	if diff := cmp.Diff(flush[0]["EventContextData"], events[0]["EventContextData"]); diff != "" || events[0]["EventResponse"] != "Pass" {
		t.Errorf("an answer without a description: %v (-start +answer):\n%s", events[0]["EventResponse"], diff)
	}
	s.srv.Advance(t, time.Hour)
	admin["AuthParameters"] = doc{"USERNAME": "bob", "PASSWORD": sitePassword}
	s.must(t, "AdminInitiateAuth", admin)
	if diff := cmp.Diff(doc{"RiskDecision": "NoRisk"}, s.events(t, "bob")[0]["EventRisk"]); diff != "" {
		t.Errorf("risk of a sign-in from the same place (-want +got):\n%s", diff)
	}
	s.must(t, "AdminDeleteUser", doc{"UserPoolId": s.pool, "Username": "ann"})
	s.refused(t, "AdminListUserAuthEvents", doc{"UserPoolId": s.pool, "Username": "ann"}, refusal{Code: "UserNotFoundException"})
}

func TestAnUnwatchedPoolRecordsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, doc{"UserPoolTier": "PLUS"}, nil)
	s.addUser(t, "ann")
	s.signIn(t, "ann")
	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "UserPoolAddOns": doc{"AdvancedSecurityMode": "AUDIT"}})
	if found := s.events(t, "ann"); len(found) != 0 {
		t.Errorf("recorded: %v", found)
	}
}

func TestEventsOfOtherKinds(t *testing.T) {
	t.Parallel()
	s := guarded(t, "AUDIT", nil, doc{"AutoVerifiedAttributes": []string{"email"}})
	const mail, changed = "eve@example.com", "Ch4nged-horse!"
	step := func(operation string, in doc) doc {
		t.Helper()
		s.srv.Advance(t, time.Second)
		return s.must(t, operation, in)
	}
	named := func(pairs ...string) doc {
		in := doc{"ClientId": s.client, "Username": "eve"}
		for i := 0; i < len(pairs); i += 2 {
			in[pairs[i]] = pairs[i+1]
		}
		return in
	}
	in := named("Password", sitePassword)
	in["UserAttributes"] = []doc{{"Name": "email", "Value": mail}}
	step("SignUp", in)
	step("ResendConfirmationCode", named())
	waitForMail(t, s, mail, 2)
	s.refused(t, "ConfirmSignUp", named("ConfirmationCode", cenotetest.Wrong(s.srv.Code(t, mail))), refusal{Code: "CodeMismatchException"})
	step("ConfirmSignUp", named("ConfirmationCode", s.srv.Code(t, mail)))
	step("ForgotPassword", named())
	waitForMail(t, s, mail, 3)
	step("ConfirmForgotPassword", named("ConfirmationCode", s.srv.Code(t, mail), "Password", changed))
	tokens := step("InitiateAuth", s.passwordOf("eve", changed))["AuthenticationResult"].(doc)
	s.srv.Advance(t, time.Second)
	s.refused(t, "ChangePassword", doc{"AccessToken": tokens["AccessToken"], "PreviousPassword": sitePassword, "ProposedPassword": sitePassword},
		refusal{Code: "NotAuthorizedException"})
	step("ChangePassword", doc{"AccessToken": tokens["AccessToken"], "PreviousPassword": changed, "ProposedPassword": sitePassword})

	var got []string
	for _, e := range s.events(t, "eve") {
		got = append(got, fmt.Sprint(e["EventType"], " ", e["EventResponse"]))
	}
	want := []string{
		"PasswordChange Pass", "PasswordChange Fail", "SignIn Pass", "ForgotPassword Pass", "ForgotPassword InProgress", "SignUp Pass",
		"SignUp Fail", "ResendCode Pass", "SignUp InProgress",
	}
	slices.Sort(got[5:7]) // at one time
	slices.Sort(want[5:7])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}

	// Pages, newest first.
	var paged []string
	page := doc{"UserPoolId": s.pool, "Username": "eve", "MaxResults": 4}
	for {
		out := s.must(t, "AdminListUserAuthEvents", page)
		for _, e := range list(out, "AuthEvents") {
			paged = append(paged, fmt.Sprint(e["EventType"], " ", e["EventResponse"]))
		}
		if out["NextToken"] == nil {
			break
		}
		page["NextToken"] = out["NextToken"]
	}
	slices.Sort(paged[5:7])
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("events in pages (-want +got):\n%s", diff)
	}
	s.srv.Advance(t, 366*24*time.Hour)
	page = doc{"UserPoolId": s.pool, "Username": "eve", "NextToken": page["NextToken"]}
	s.refused(t, "AdminListUserAuthEvents", page, refusal{Code: "InvalidParameterException"})
}

// waitForMail waits until an address has got so many messages.
func waitForMail(t testing.TB, s *site, to string, n int) []message.Message {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found := s.srv.Messages(t, to); len(found) >= n {
			return found
		}
	}
	t.Fatalf("%d messages to %s, want %d", len(s.srv.Messages(t, to)), to, n)
	return nil
}

func TestAddressesAreBlockedAndExempted(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", nil, nil)
	s.addUser(t, "ann")
	s.risk(t, doc{
		"RiskExceptionConfiguration":       doc{"BlockedIPRangeList": []string{"203.0.113.0/24", "2001:db8:bad::/48"}, "SkippedIPRangeList": []string{"198.51.100.0/24"}},
		"AccountTakeoverRiskConfiguration": takeover("BLOCK", "BLOCK", "BLOCK")["AccountTakeoverRiskConfiguration"],
	})
	s.signIn(t, "ann")
	if n := len(s.events(t, "ann")); n != 1 {
		t.Fatalf("%d events", n)
	}
	for _, ip := range []string{"203.0.113.7", "2001:db8:bad::1"} {
		there := s.from(ip, chromeOnWindows)
		there.refused(t, "InitiateAuth", there.passwordOf("ann", sitePassword), blocked)
		there.refused(t, "InitiateAuth", there.passwordOf("ann", "Wr0ng-horse!"), blocked)
		there.refused(t, "InitiateAuth", there.passwordOf("nobody", sitePassword), blocked) // the same for an unknown user
		there.refused(t, "SignUp", doc{"ClientId": s.client, "Username": "eve", "Password": sitePassword}, blocked)
		s.refused(t, "AdminGetUser", doc{"UserPoolId": s.pool, "Username": "eve"}, refusal{Code: "UserNotFoundException"})
		there.must(t, "ForgotPassword", doc{"ClientId": s.client, "Username": "nobody"}) // which the documentation does not name
	}
	events := s.events(t, "ann")
	if diff := cmp.Diff(doc{"RiskDecision": "Block"}, events[0]["EventRisk"]); diff != "" {
		t.Errorf("a blocked address has no level (-want +got):\n%s", diff)
	}
	s.srv.Advance(t, 20*time.Minute)
	s.from("198.51.100.9", firefoxOnLinux).signIn(t, "ann") // never judged
	elsewhere := s.from("192.0.99.1", firefoxOnLinux)
	elsewhere.refused(t, "InitiateAuth", elsewhere.passwordOf("ann", sitePassword), blocked)

	// A client's configuration replaces the pool's.
	s.must(t, "SetRiskConfiguration", doc{"UserPoolId": s.pool, "ClientId": s.client, "RiskExceptionConfiguration": doc{"BlockedIPRangeList": []string{"192.0.2.0/24"}}})
	s.srv.Advance(t, time.Second)
	s.refused(t, "InitiateAuth", s.passwordOf("ann", sitePassword), blocked)
	s.from("203.0.113.7", chromeOnWindows).signIn(t, "ann")
}

func TestAnAddressThatIsAlwaysAllowedMayNotUseACompromisedPassword(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", compromised(t, sitePassword), nil)
	s.addUser(t, "ann")
	s.risk(t, doc{
		"CompromisedCredentialsRiskConfiguration": doc{"Actions": doc{"EventAction": "BLOCK"}},
		"RiskExceptionConfiguration":              doc{"SkippedIPRangeList": []string{s.ip + "/32"}},
	})
	s.refused(t, "InitiateAuth", s.passwordOf("ann", sitePassword), refusal{Code: "PasswordResetRequiredException"})
	s.refused(t, "SignUp", doc{"ClientId": s.client, "Username": "bob", "Password": sitePassword}, refusal{Code: "InvalidPasswordException"})
}

func TestARiskySignInIsBlocked(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", nil, nil)
	s.addUser(t, "ann")
	s.risk(t, takeover("NO_ACTION", "BLOCK", "BLOCK"))
	s.signIn(t, "ann")
	if got := s.events(t, "ann")[0]["EventRisk"]; !cmp.Equal(doc{"RiskDecision": "NoRisk"}, got) {
		t.Errorf("the first sign-in: %v", got)
	}
	s.srv.Advance(t, time.Hour)
	s.from("198.51.100.1", chromeOnWindows).signIn(t, "ann") // a new network alone
	if got := s.events(t, "ann")[0]["EventRisk"]; !cmp.Equal(doc{"RiskDecision": "AccountTakeover", "RiskLevel": "Low"}, got) {
		t.Errorf("a new network: %v", got)
	}
	s.srv.Advance(t, time.Hour)
	stranger := s.from("203.0.113.1", firefoxOnLinux)
	stranger.refused(t, "InitiateAuth", stranger.passwordOf("ann", sitePassword), blocked)
	last := s.events(t, "ann")[0]
	if !cmp.Equal(doc{"RiskDecision": "Block", "RiskLevel": "Medium"}, last["EventRisk"]) || last["EventResponse"] != "Fail" {
		t.Errorf("a new network and browser: %v", last)
	}

	// The administrator vouches for it: from then on the place is familiar.
	feedback := doc{"UserPoolId": s.pool, "Username": "ann", "EventId": last["EventId"], "FeedbackValue": "Valid"}
	s.must(t, "AdminUpdateAuthEventFeedback", feedback)
	stranger.signIn(t, "ann")
	got := s.events(t, "ann")[1]["EventFeedback"].(doc)
	if got["FeedbackValue"] != "Valid" || got["Provider"] != "Admin" || got["FeedbackDate"] == nil {
		t.Errorf("feedback: %v", got)
	}
	feedback["EventId"] = "00000000-0000-4000-8000-000000000000"
	s.refused(t, "AdminUpdateAuthEventFeedback", feedback, refusal{Code: "ResourceNotFoundException"})
}

func TestASecondFactorIsDemanded(t *testing.T) {
	t.Parallel()
	pool := doc{"MfaConfiguration": "OPTIONAL", "SmsConfiguration": doc{"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "x"}}
	s := guarded(t, "ENFORCED", nil, pool)
	s.addUser(t, "ann", "phone_number", "+15555550100", "phone_number_verified", "true")
	s.addUser(t, "bob")
	s.risk(t, takeover("MFA_IF_CONFIGURED", "MFA_REQUIRED", "MFA_REQUIRED"))
	for _, name := range []string{"ann", "bob"} {
		s.signIn(t, name)
		s.events(t, name) // has them written
	}
	s.srv.Advance(t, time.Hour)
	low, medium := s.from("198.51.100.1", chromeOnWindows), s.from("203.0.113.1", firefoxOnLinux)
	for _, from := range []*site{low, medium} {
		out := from.must(t, "InitiateAuth", from.passwordOf("ann", sitePassword))
		if out["ChallengeName"] != "SMS_MFA" {
			t.Fatalf("asked for %v, want SMS_MFA", out["ChallengeName"])
		}
		if e := s.events(t, "ann")[0]; e["EventResponse"] != "InProgress" {
			t.Errorf("while the second factor is asked for: %v", e)
		}
		answer := func(code string) doc {
			return doc{"ClientId": s.client, "ChallengeName": "SMS_MFA", "Session": out["Session"], "ChallengeResponses": doc{"USERNAME": "ann", "SMS_MFA_CODE": code}}
		}
		from.refused(t, "RespondToAuthChallenge", answer(cenotetest.Wrong(s.srv.Code(t, "+15555550100"))), refusal{Code: "CodeMismatchException"})
		wrong := s.events(t, "ann")[0]
		if diff := cmp.Diff([]any{
			doc{"ChallengeName": "Password", "ChallengeResponse": "Success"}, doc{"ChallengeName": "Mfa", "ChallengeResponse": "Failure"},
		}, wrong["ChallengeResponses"]); diff != "" || wrong["EventResponse"] != "Fail" {
			t.Errorf("after a wrong code: %v\n%s", wrong, diff)
		}
		tokens := from.must(t, "RespondToAuthChallenge", answer(s.srv.Code(t, "+15555550100")))["AuthenticationResult"].(doc)
		passed := s.events(t, "ann")[0]
		if diff := cmp.Diff([]any{
			doc{"ChallengeName": "Password", "ChallengeResponse": "Success"}, doc{"ChallengeName": "Mfa", "ChallengeResponse": "Success"},
		}, passed["ChallengeResponses"]); diff != "" || passed["EventResponse"] != "Pass" || passed["EventId"] != wrong["EventId"] {
			t.Errorf("after the right code: %v\n%s", passed, diff)
		}
		if claim(t, tokens["IdToken"], "event_id") != passed["EventId"] {
			t.Error("the tokens name another event")
		}
		s.srv.Advance(t, time.Hour)
	}
	// Bob has nothing that could be asked for.
	low.signIn(t, "bob")
	s.events(t, "bob")
	s.srv.Advance(t, time.Hour)
	medium.refused(t, "InitiateAuth", medium.passwordOf("bob", sitePassword), blocked)
}

// The usernames of a pool whose users sign in with an e-mail address are ids, which nobody knows as their own.
func TestUsersAreToldTheNameThatTheySignInWith(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", nil, doc{"UsernameAttributes": []string{"email"}, "SmsConfiguration": tempting["SmsConfiguration"]})
	const mail, phone = "ann@example.com", "+15550001111"
	s.must(t, "AdminCreateUser", doc{
		"UserPoolId": s.pool, "Username": mail, "DesiredDeliveryMediums": []string{"EMAIL", "SMS"},
		"UserAttributes": []doc{{"Name": "email", "Value": mail}, {"Name": "email_verified", "Value": "true"}, {"Name": "phone_number", "Value": phone}},
	})
	for _, to := range []string{mail, phone} {
		if letter := s.srv.Messages(t, to)[0]; !strings.Contains(letter.Body, "username "+mail+" ") {
			t.Errorf("the invitation to %s says %q", to, letter.Body)
		}
	}
	s.must(t, "AdminSetUserPassword", doc{"UserPoolId": s.pool, "Username": mail, "Password": sitePassword, "Permanent": true})
	notify := doc{"EventAction": "NO_ACTION", "Notify": true}
	s.risk(t, doc{"AccountTakeoverRiskConfiguration": doc{
		"Actions":             doc{"LowAction": notify, "MediumAction": notify, "HighAction": notify},
		"NotifyConfiguration": doc{"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com"},
	}})
	s.signIn(t, mail)
	s.events(t, mail)
	s.srv.Advance(t, time.Hour)
	s.from("198.51.100.1", chromeOnWindows).signIn(t, mail)
	if warning := waitForMail(t, s, mail, 2)[0]; !strings.Contains(warning.Text, "Somebody signed in as "+mail+" on ") {
		t.Errorf("the warning says:\n%s", warning.Text)
	}
}

func TestUsersAreWarned(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", nil, nil)
	const mail = "ann@example.com"
	s.addUser(t, "ann", "email", mail, "email_verified", "true")
	words := func(subject string) doc {
		const all = "{username} {ip-address} {city} {country} {login-time} {device-name} {event-id} "
		return doc{
			"Subject": subject, "HtmlBody": "<p>" + all + `</p><a href="{one-click-link-valid}">me</a> <a href="{one-click-link-invalid}">not me</a> {feedback-token}`,
			"TextBody": all + "{one-click-link-valid}",
		}
	}
	notify := func(do string) doc { return doc{"EventAction": do, "Notify": true} }
	s.risk(t, doc{"AccountTakeoverRiskConfiguration": doc{
		"Actions": doc{"LowAction": notify("NO_ACTION"), "MediumAction": notify("BLOCK"), "HighAction": notify("BLOCK")},
		"NotifyConfiguration": doc{
			"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com", "From": "Guard <guard@example.com>", "ReplyTo": "help@example.com",
			"BlockEmail": words("Blocked {username}"), "NoActionEmail": words("Noticed"),
		},
	}})
	s.signIn(t, "ann")
	s.events(t, "ann")
	s.srv.Advance(t, time.Hour)
	s.from("198.51.100.1", chromeOnWindows).signIn(t, "ann")
	waitForMail(t, s, mail, 1)
	s.events(t, "ann")
	s.srv.Advance(t, time.Hour)
	stranger := s.from("203.0.113.1", firefoxOnLinux)
	stranger.refused(t, "InitiateAuth", stranger.passwordOf("ann", sitePassword), blocked)
	letters := waitForMail(t, s, mail, 2)
	last := s.events(t, "ann")[0]
	if letters[1].Subject != "Noticed" || letters[0].Subject != "Blocked ann" || letters[0].From != "Guard <guard@example.com>" || letters[0].ReplyTo != "help@example.com" {
		t.Errorf("letters %q and %q, from %q, replies to %q", letters[1].Subject, letters[0].Subject, letters[0].From, letters[0].ReplyTo)
	}
	shape := regexp.MustCompile(`^<p>ann 203\.0\.113\.1 unknown unknown (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, [A-Z][a-z]+ \d\d, \d{4} \d\d:\d\d [AP]M UTC ` +
		`Firefox 127, Linux ` + last["EventId"].(string) + ` </p><a href="([^"]+)">me</a> <a href="([^"]+)">not me</a> ([\w=-]+)$`)
	found := shape.FindStringSubmatch(letters[0].Body)
	if found == nil {
		t.Fatalf("the letter says:\n%s", letters[0].Body)
	}
	valid, invalid, token := html.UnescapeString(found[2]), html.UnescapeString(found[3]), found[4]
	if !strings.HasPrefix(valid, s.srv.URL+"/feedback?") || strings.Contains(letters[0].Text, "{") || !strings.HasSuffix(letters[0].Text, valid) {
		t.Errorf("plain text:\n%s", letters[0].Text)
	}

	// The links, and the operation behind them.
	open := func(link string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		page, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(page)
	}
	opinion := func() any {
		f, _ := s.events(t, "ann")[0]["EventFeedback"].(doc)
		return fmt.Sprint(f["FeedbackValue"], " by ", f["Provider"])
	}
	if status, page := open(invalid); status != http.StatusOK || !strings.Contains(page, "not you") || opinion() != "Invalid by User" {
		t.Errorf("not me: %d, %v\n%s", status, opinion(), page)
	}
	stranger.refused(t, "InitiateAuth", stranger.passwordOf("ann", sitePassword), blocked)
	if risk := s.events(t, "ann")[0]["EventRisk"].(doc); risk["RiskLevel"] != "High" {
		t.Errorf("after it was reported the risk is %v", risk)
	}
	in := doc{"UserPoolId": s.pool, "Username": "ann", "EventId": last["EventId"], "FeedbackToken": token, "FeedbackValue": "Valid"}
	s.must(t, "UpdateAuthEventFeedback", in)
	no := refusal{Code: "NotAuthorizedException"}
	for name, value := range map[string]any{"EventId": "00000000-0000-4000-8000-000000000000", "FeedbackToken": token[:len(token)-4] + "AAAA", "Username": "nobody"} {
		kept := in[name]
		in[name] = value
		s.refused(t, "UpdateAuthEventFeedback", in, no)
		in[name] = kept
	}
	if status, _ := open(strings.Replace(valid, "feedback_token=", "feedback_token=x", 1)); status != http.StatusBadRequest {
		t.Errorf("a forged link answers %d", status)
	}
	s.srv.Advance(t, 8*24*time.Hour)
	s.refused(t, "UpdateAuthEventFeedback", in, no)
	if status, _ := open(valid); status != http.StatusBadRequest {
		t.Errorf("an old link answers %d", status)
	}
}

func TestUsersAreWarnedInTheirLanguage(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", nil, nil)
	const mail = "ann@example.com"
	s.addUser(t, "ann", "email", mail, "email_verified", "true", "locale", "de_AT")
	notify := func(do string) doc { return doc{"EventAction": do, "Notify": true} }
	s.risk(t, doc{"AccountTakeoverRiskConfiguration": doc{
		"Actions":             doc{"LowAction": notify("NO_ACTION"), "MediumAction": notify("BLOCK"), "HighAction": notify("BLOCK")},
		"NotifyConfiguration": doc{"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com"},
	}})
	s.signIn(t, "ann")
	s.events(t, "ann")
	s.srv.Advance(t, time.Hour)
	s.from("198.51.100.1", chromeOnWindows).signIn(t, "ann")
	letter := waitForMail(t, s, mail, 1)[0]
	if letter.Subject != "Eine ungewöhnliche Anmeldung bei Ihrem Konto" {
		t.Errorf("the subject is %q", letter.Subject)
	}
	shape := regexp.MustCompile(`^<p>Jemand hat sich als ann angemeldet: \d{4}-\d\d-\d\d \d\d:\d\d UTC, von 198\.51\.100\.1 mit [^.]+\. Wir haben die Anmeldung zugelassen\.</p>` +
		`<p><a href="[^"]+">Das war ich</a></p><p><a href="([^"]+)">Das war ich nicht</a></p>$`)
	found := shape.FindStringSubmatch(letter.Body)
	if found == nil {
		t.Fatalf("the letter says:\n%s", letter.Body)
	}

	// An operator's subject without a text has the text of ours.
	s.risk(t, doc{"AccountTakeoverRiskConfiguration": doc{
		"Actions": doc{"LowAction": notify("NO_ACTION")},
		"NotifyConfiguration": doc{
			"SourceArn": "arn:aws:ses:us-east-1:000000000000:identity/example.com", "NoActionEmail": doc{"Subject": "Achtung, {username}"},
		},
	}})
	s.events(t, "ann")
	s.srv.Advance(t, time.Hour)
	s.from("203.0.113.1", chromeOnWindows).signIn(t, "ann")
	if letter := waitForMail(t, s, mail, 2)[0]; letter.Subject != "Achtung, ann" || !strings.HasPrefix(letter.Body, "<p>Jemand hat sich als ann angemeldet: ") {
		t.Errorf("%q says:\n%s", letter.Subject, letter.Body)
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, html.UnescapeString(found[1]), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "de")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(page), `lang="de"`) || !strings.Contains(string(page), "Bitte ändern Sie Ihr Passwort.") {
		t.Errorf("the page behind the link (%v):\n%s", err, page)
	}
}

// compromised writes a list with these passwords among others.
func compromised(t testing.TB, passwords ...string) map[string]string {
	t.Helper()
	for i := range 500 {
		passwords = append(passwords, fmt.Sprint("filler", i))
	}
	var lines []string
	for _, p := range passwords {
		sum := sha1.Sum([]byte(p)) //nolint:gosec // see the import
		lines = append(lines, strings.ToUpper(hex.EncodeToString(sum[:]))+":3\r\n")
	}
	slices.Sort(lines)
	path := filepath.Join(t.TempDir(), "breached.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]string{"breached-passwords": path}
}

func TestCompromisedPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	s := guarded(t, "ENFORCED", compromised(t, sitePassword), doc{"AutoVerifiedAttributes": []string{"email"}})
	const mail, fine = "ann@example.com", "F1ne-horses!"
	s.addUser(t, "ann", "email", mail, "email_verified", "true")
	s.signIn(t, "ann") // nothing is configured
	s.risk(t, doc{"CompromisedCredentialsRiskConfiguration": doc{"Actions": doc{"EventAction": "BLOCK"}}})
	s.refused(t, "InitiateAuth", s.passwordOf("ann", "Wr0ng-horse!"), refusal{"NotAuthorizedException", "Incorrect username or password."})
	reset := refusal{Code: "PasswordResetRequiredException"}
	s.refused(t, "InitiateAuth", s.passwordOf("ann", sitePassword), reset)
	if e := s.events(t, "ann")[0]; e["EventResponse"] != "Fail" || !cmp.Equal(doc{"RiskDecision": "Block", "CompromisedCredentialsDetected": true}, e["EventRisk"]) {
		t.Errorf("event: %v", e)
	}
	if status := s.must(t, "AdminGetUser", doc{"UserPoolId": s.pool, "Username": "ann"})["UserStatus"]; status != "RESET_REQUIRED" {
		t.Errorf("the user is %v", status)
	}
	s.refused(t, "InitiateAuth", s.passwordOf("ann", sitePassword), reset)

	weak := refusal{"InvalidPasswordException", "Provided password cannot be used for security reasons."}
	s.must(t, "ForgotPassword", doc{"ClientId": s.client, "Username": "ann"})
	confirm := doc{"ClientId": s.client, "Username": "ann", "ConfirmationCode": s.srv.Code(t, mail), "Password": sitePassword}
	s.refused(t, "ConfirmForgotPassword", confirm, weak)
	confirm["Password"] = fine
	s.must(t, "ConfirmForgotPassword", confirm)
	tokens := s.must(t, "InitiateAuth", s.passwordOf("ann", fine))["AuthenticationResult"].(doc)
	s.refused(t, "ChangePassword", doc{"AccessToken": tokens["AccessToken"], "PreviousPassword": fine, "ProposedPassword": sitePassword}, weak)
	s.refused(t, "SignUp", doc{"ClientId": s.client, "Username": "bob", "Password": sitePassword}, weak)

	// A temporary password has to be changed anyway; the new one is looked at.
	s.must(t, "AdminSetUserPassword", doc{"UserPoolId": s.pool, "Username": "ann", "Password": sitePassword})
	out := s.must(t, "InitiateAuth", s.passwordOf("ann", sitePassword))
	answer := doc{"ClientId": s.client, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": out["Session"], "ChallengeResponses": doc{"USERNAME": "ann", "NEW_PASSWORD": sitePassword}}
	s.refused(t, "RespondToAuthChallenge", answer, weak)
	answer["ChallengeResponses"].(doc)["NEW_PASSWORD"] = fine
	s.must(t, "RespondToAuthChallenge", answer)

	// Only what the filter names is looked at.
	s.risk(t, doc{"CompromisedCredentialsRiskConfiguration": doc{"EventFilter": []string{"SIGN_UP"}, "Actions": doc{"EventAction": "BLOCK"}}})
	s.must(t, "AdminSetUserPassword", doc{"UserPoolId": s.pool, "Username": "ann", "Password": sitePassword, "Permanent": true})
	s.signIn(t, "ann")
	s.refused(t, "SignUp", doc{"ClientId": s.client, "Username": "bob", "Password": sitePassword}, weak)
}

func TestCompromisedPasswordsAreOnlyNotedInAudit(t *testing.T) {
	t.Parallel()
	s := guarded(t, "AUDIT", compromised(t, sitePassword), nil)
	s.addUser(t, "ann")
	s.risk(t, doc{"CompromisedCredentialsRiskConfiguration": doc{"Actions": doc{"EventAction": "BLOCK"}}})
	s.signIn(t, "ann")
	if risk := s.events(t, "ann")[0]["EventRisk"]; !cmp.Equal(doc{"RiskDecision": "NoRisk", "CompromisedCredentialsDetected": true}, risk) {
		t.Errorf("risk: %v", risk)
	}
}

func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	for name, setting := range map[string]string{"an address": "rate-limit-address", "a client": "rate-limit-client", "a user": "rate-limit-user"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, map[string]string{setting: "1"}, nil, nil)
			s.addUser(t, "ann")
			tooMany := refusal{"TooManyRequestsException", "Rate exceeded"}
			let, begun := 0, s.srv.Now()
			for range 20 {
				if _, no := s.call(t, "InitiateAuth", s.passwordOf("ann", sitePassword)); no == (refusal{}) {
					let++
				} else if no != tooMany {
					t.Fatalf("refused: %+v", no)
				}
			}
			if took := s.srv.Now().Sub(begun); let < 2 || let > 2+int(took.Seconds()) {
				t.Errorf("%d of 20 sign-ins within %s got through, want the burst of 2 and one a second", let, took)
			}
			s.must(t, "AdminGetUser", doc{"UserPoolId": s.pool, "Username": "ann"}) // signed operations are not limited
			s.srv.Advance(t, time.Minute)
			s.signIn(t, "ann")
		})
	}
	s := newSite(t, map[string]string{"rate-limit-user": "1", "rate-limits": "false"}, nil, nil)
	s.addUser(t, "ann")
	for range 10 {
		s.signIn(t, "ann")
	}
}
