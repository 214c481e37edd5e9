package flows

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// hourly is how many messages of a kind strangers can cause, by default.
const hourly = 20

// tempting is a pool whose users confirm both contacts, and may sign in by codes.
var tempting = doc{
	"AutoVerifiedAttributes": []string{"email", "phone_number"},
	"Policies":               doc{"SignInPolicy": doc{"AllowedFirstAuthFactors": []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP"}}},
	"SmsConfiguration":       doc{"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"},
}

func (s *site) codeBy(name, challenge string) doc {
	return doc{"ClientId": s.client, "AuthFlow": "USER_AUTH", "AuthParameters": doc{"USERNAME": name, "PREFERRED_CHALLENGE": challenge}}
}

// sentTo returns how many messages have come when nothing is on its way any more.
func (s *site) sentTo(t *testing.T, to string) int {
	t.Helper()
	cenotetest.Eventually(t, "messages are sent", func() bool { return s.metric(t, "cenote_messages_pending") == 0 })
	return len(s.srv.Messages(t, to))
}

func TestStrangersCauseAFewSignInCodes(t *testing.T) {
	t.Parallel()
	for _, challenge := range []string{"EMAIL_OTP", "SMS_OTP"} {
		t.Run(challenge, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil, tempting, nil)
			s.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true", "phone_number", "+15550001111", "phone_number_verified", "true")
			to := map[string]string{"EMAIL_OTP": "ann@example.com", "SMS_OTP": "+15550001111"}[challenge]
			for i := range 2*hourly + 5 {
				if out := s.must(t, "InitiateAuth", s.codeBy("ann", challenge)); out["ChallengeName"] != challenge {
					t.Fatalf("request %d: challenge %v", i, out["ChallengeName"])
				}
			}
			if n := s.sentTo(t, to); n != hourly {
				t.Errorf("%d messages, want %d", n, hourly)
			}
			s.srv.Advance(t, time.Hour)
			s.must(t, "InitiateAuth", s.codeBy("ann", challenge))
			if n := s.sentTo(t, to); n != hourly+1 {
				t.Errorf("an hour later there are %d messages, want %d", n, hourly+1)
			}
		})
	}
}

func TestSignUpsToOneDestinationAreLimited(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, tempting, nil)
	signUp := func(name, contact, value string) doc {
		return doc{
			"ClientId": s.client, "Username": name, "Password": sitePassword,
			"UserAttributes": []doc{{"Name": contact, "Value": value}},
		}
	}
	const phone = "+15550001111"
	for i := range hourly {
		s.must(t, "SignUp", signUp(fmt.Sprint("phone", i), "phone_number", phone))
		s.must(t, "SignUp", signUp(fmt.Sprint("mail", i), "email", fmt.Sprintf("Victim+%d@example.com", i)))
	}
	tooMany := refusal{"LimitExceededException", "Attempt limit exceeded, please try after some time."}
	s.refused(t, "SignUp", signUp("more", "phone_number", phone), tooMany)
	s.refused(t, "SignUp", signUp("more", "email", "victim+more@example.com"), tooMany)
	s.refused(t, "AdminGetUser", doc{"UserPoolId": s.pool, "Username": "more"}, refusal{Code: "UserNotFoundException"})
	s.must(t, "SignUp", signUp("other", "phone_number", "+15550002222"))
	if n := len(s.srv.Messages(t, phone)); n != hourly {
		t.Errorf("%d text messages, want %d", n, hourly)
	}
	s.srv.Advance(t, time.Hour)
	s.must(t, "SignUp", signUp("more", "phone_number", phone))
}

func TestWhatStrangersSpendIsNotTheOwners(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, tempting, nil)
	s.must(t, "SetUserPoolMfaConfig", doc{
		"UserPoolId": s.pool, "MfaConfiguration": "OPTIONAL",
		"SmsMfaConfiguration": doc{"SmsConfiguration": tempting["SmsConfiguration"]},
	})
	s.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true", "phone_number", "+15550001111", "phone_number_verified", "true")
	for range hourly + 5 {
		s.must(t, "InitiateAuth", s.codeBy("ann", "SMS_OTP"))
	}
	s.must(t, "AdminSetUserMFAPreference", doc{"UserPoolId": s.pool, "Username": "ann", "SMSMfaSettings": doc{"Enabled": true, "PreferredMfa": true}})
	for range hourly {
		if out := s.must(t, "InitiateAuth", s.passwordOf("ann", sitePassword)); out["ChallengeName"] != "SMS_MFA" {
			t.Fatalf("challenge %v", out["ChallengeName"])
		}
	}
	s.refused(t, "InitiateAuth", s.passwordOf("ann", sitePassword), refusal{"NotAuthorizedException", "Attempt limit exceeded, please try after some time."})
}

func TestASignedInUserCausesAFewCodes(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, tempting, nil)
	s.addUser(t, "ann")
	access := s.signIn(t, "ann")["AccessToken"]
	change := func(i int) doc {
		return doc{"AccessToken": access, "UserAttributes": []doc{{"Name": "phone_number", "Value": fmt.Sprintf("+1555000%04d", i)}}}
	}
	for i := range hourly {
		s.must(t, "UpdateUserAttributes", change(i))
	}
	s.refused(t, "UpdateUserAttributes", change(hourly), refusal{"TooManyRequestsException", "Attempt limit exceeded, please try after some time."})
}

func TestMessageLimitsAreSettings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		user, destination string
		want              int
	}{
		{"none", "0", "0", 30},
		{"by user", "3", "0", 3},
		{"by destination", "0", "4", 4},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, map[string]string{"message-limit-user": tc.user, "message-limit-destination": tc.destination}, tempting, nil)
			s.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
			for range 30 {
				s.must(t, "InitiateAuth", s.codeBy("ann", "EMAIL_OTP"))
			}
			if n := s.sentTo(t, "ann@example.com"); n != tc.want {
				t.Errorf("%d messages, want %d", n, tc.want)
			}
		})
	}
}

func TestALimitOfMessagesTellsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"message-limit-user": "2"}, tempting, nil)
	s.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	// What an unknown user can sign in with is drawn, so each is asked for an answer like its own first one.
	first := map[string]string{}
	for i := range 6 {
		for _, name := range []string{"ann", "nobody"} {
			for operation, in := range map[string]doc{
				"InitiateAuth":   s.codeBy(name, "EMAIL_OTP"),
				"ForgotPassword": {"ClientId": s.client, "Username": name},
			} {
				out, no := s.call(t, operation, in)
				answer := fmt.Sprint(out["ChallengeName"], no)
				if i == 0 {
					first[name+operation] = answer
				}
				if no != (refusal{}) || answer != first[name+operation] {
					t.Errorf("request %d of %s by %s: %s, and at first %s", i, operation, name, answer, first[name+operation])
				}
			}
		}
	}
	if n := s.sentTo(t, "ann@example.com"); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

// Links of messages pass the limits of requests, as the operation does that they stand for.
func TestLinksPassTheLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{"rate-limit-address": "1"}, doc{"VerificationMessageTemplate": doc{"DefaultEmailOption": "CONFIRM_WITH_LINK"}}, nil)
	statuses := map[int]int{}
	for n := 0; n < 1000 && statuses[http.StatusTooManyRequests] == 0; n++ { // a slow machine gets some more through
		res, _ := openPage(t, http.MethodGet, s.srv.URL+"/confirmUser/?client_id="+s.client+"&user_name=ann&confirmation_code=000000")
		statuses[res.StatusCode]++
	}
	if statuses[http.StatusTooManyRequests] == 0 || statuses[http.StatusBadRequest] == 0 {
		t.Errorf("statuses %v, want some answered and one refused by the limits", statuses)
	}
}

// The functions of one pool hang for all of its users; the users of another get their codes meanwhile.
func TestAPoolWhoseFunctionHangsDelaysNoOther(t *testing.T) {
	t.Parallel()
	a := newHooked(t, func(_ *idp.CreateUserPoolInput, c *idp.CreateUserPoolClientInput) {
		c.PreventUserExistenceErrors = "ENABLED"
	})
	a.always("CustomMessage", &hookError{wait: true})
	other := &site{srv: a.srv, ip: "192.0.2.10", agent: chromeOnWindows}
	other.pool = other.must(t, "CreateUserPool", doc{"PoolName": "other"})["UserPool"].(doc)["Id"].(string)
	other.client = other.newClient(t, nil)
	other.addUser(t, "ann", "email", "ann@example.com", "email_verified", "true")
	for i := range 40 {
		name := fmt.Sprint("user", i)
		a.addUser(t, name)
		_, err := a.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: &a.client, Username: &name})
		hookMust(t, err)
	}
	began := time.Now()
	other.must(t, "ForgotPassword", doc{"ClientId": other.client, "Username": "ann"})
	a.srv.Code(t, "ann@example.com")
	if took := time.Since(began); took > 10*time.Second { // each of the others is given up after fifteen
		t.Errorf("the code comes after %s", took)
	}
	if n := other.metric(t, "cenote_messages_pending"); n == 0 {
		t.Error("the messages of the pool whose function hangs are gone: nothing was tried")
	}
	a.always("CustomMessage", doc{})
}
