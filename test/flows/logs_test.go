package flows

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/trigger/esdk"
)

// archive is a collector of logs.
type archive struct {
	*httptest.Server
	mu      sync.Mutex
	down    bool
	records []doc
	to      []string // the destinations that were named
}

func newArchive(t *testing.T) *archive {
	t.Helper()
	a := &archive{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(r.Body)
		lines := bufio.NewScanner(strings.NewReader(string(body)))
		for lines.Scan() {
			record := doc{}
			if err := json.Unmarshal(lines.Bytes(), &record); err != nil {
				t.Error(err)
			}
			a.records = append(a.records, record)
		}
		a.to = append(a.to, r.Header.Get("Cenote-Destination"))
	}))
	t.Cleanup(a.Close)
	return a
}

func (a *archive) set(down bool) { a.mu.Lock(); defer a.mu.Unlock(); a.down = down }

func (a *archive) all() []doc {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]doc(nil), a.records...)
}

// await waits for the number of records. The server looks for them every other second.
func (a *archive) await(t *testing.T, n int) []doc {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); len(a.all()) < n; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d records have come, want %d", len(a.all()), n)
		}
	}
	return a.all()
}

const (
	logGroupARN = "arn:aws:logs:us-east-1:000000000000:log-group:people"
	streamARN   = "arn:aws:firehose:us-east-1:000000000000:deliverystream/people"
)

var watched = doc{"UserPoolTier": "PLUS", "UserPoolAddOns": doc{"AdvancedSecurityMode": "AUDIT"}, "AutoVerifiedAttributes": []string{"email"}}

func (s *site) setLogs(configurations ...doc) doc {
	if configurations == nil {
		configurations = []doc{}
	}
	return doc{"UserPoolId": s.pool, "LogConfigurations": configurations}
}

var (
	activityLogs = doc{"EventSource": "userAuthEvents", "LogLevel": "INFO", "FirehoseConfiguration": doc{"StreamArn": streamARN}}
	noticeLogs   = doc{"EventSource": "userNotification", "LogLevel": "ERROR", "CloudWatchLogsConfiguration": doc{"LogGroupArn": logGroupARN}}
)

func TestLogDeliveryConfigurations(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, watched, nil)
	shown := func() doc {
		t.Helper()
		return s.must(t, "GetLogDeliveryConfiguration", doc{"UserPoolId": s.pool})["LogDeliveryConfiguration"].(doc)
	}
	want := func(got doc, configurations ...any) {
		t.Helper()
		if configurations == nil {
			configurations = []any{}
		}
		if diff := cmp.Diff(doc{"UserPoolId": s.pool, "LogConfigurations": configurations}, got); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	}
	want(shown())
	out := s.must(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs, activityLogs))
	want(out["LogDeliveryConfiguration"].(doc), noticeLogs, activityLogs)
	want(shown(), noticeLogs, activityLogs)
	s.refused(t, "SetLogDeliveryConfiguration", s.setLogs(doc{"EventSource": "userNotification", "LogLevel": "ERROR"}),
		refusal{"InvalidParameterException", "Request validation Failed. Following event sources in request have no destination: [userNotification]."})
	s.refused(t, "SetLogDeliveryConfiguration", doc{"UserPoolId": s.pool}, refusal{
		"InvalidParameterException",
		"1 validation error detected: Value null at 'logConfigurations' failed to satisfy constraint: Member must not be null",
	})
	s.refused(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs, activityLogs, noticeLogs), refusal{Code: "InvalidParameterException"})
	want(shown(), noticeLogs, activityLogs) // nothing has changed
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs))
	want(shown(), noticeLogs)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs())
	want(shown())
	for _, operation := range []string{"GetLogDeliveryConfiguration", "SetLogDeliveryConfiguration"} {
		in := doc{"UserPoolId": "us-east-1_nonesuch0"}
		if operation == "SetLogDeliveryConfiguration" {
			in["LogConfigurations"] = []doc{}
		}
		s.refused(t, operation, in, refusal{Code: "ResourceNotFoundException"})
	}
}

func TestWhatUsersDoIsDelivered(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	s := newSite(t, map[string]string{"log-delivery": a.URL}, watched, nil)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(activityLogs))
	s.addUser(t, "ann", "email", "ann@example.com")
	a.set(true) // a collector that is away delays nobody, and gets the records later
	s.signIn(t, "ann")
	s.refused(t, "InitiateAuth", s.passwordOf("ann", "Wr0ng-horse!"), refusal{Code: "NotAuthorizedException"})
	a.set(false)
	records := a.await(t, 2)
	outcomes := map[string]doc{}
	for _, r := range records {
		if r["eventSource"] != "USER_ACTIVITY" || r["logLevel"] != "INFO" || r["logSourceId"].(doc)["userPoolId"] != s.pool || r["eventTimestamp"] == "" {
			t.Errorf("record %v", r)
		}
		m := r["message"].(doc)
		outcomes[m["eventResponse"].(string)] = m
	}
	pass := outcomes["Pass"]
	for member, want := range map[string]any{
		"version": "1", "eventType": "SignIn", "userName": "ann", "userPoolId": s.pool, "clientId": s.client, "riskDecision": "PASS",
		"ipAddress": s.ip, "deviceName": "Chrome 126, Windows 10", "compromisedCredentialDetected": "false", "hasContextData": "true",
	} {
		if pass[member] != want {
			t.Errorf("%s is %v, want %v", member, pass[member], want)
		}
	}
	if diff := cmp.Diff([]any{"PASSWORD:SUCCESS"}, pass["challenges"]); diff != "" {
		t.Errorf("challenges (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"PASSWORD:FAILURE"}, outcomes["Fail"]["challenges"]); diff != "" {
		t.Errorf("challenges of a failure (-want +got):\n%s", diff)
	}
	if a.to[0] != streamARN {
		t.Errorf("destination %s", a.to[0])
	}
}

func TestMessagesThatFailAreDelivered(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	gateway := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gateway.Close)
	s := newSite(t, map[string]string{"log-delivery": a.URL, "sms-url": gateway.URL}, tempting, nil)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs))
	s.refused(t, "SignUp", doc{
		"ClientId": s.client, "Username": "ann", "Password": sitePassword,
		"UserAttributes": []doc{{"Name": "phone_number", "Value": "+15550001111"}},
	}, refusal{Code: "CodeDeliveryFailureException"})
	r := a.await(t, 1)[0]
	details, _ := r["message"].(doc)["details"].(string)
	if r["eventSource"] != "USER_NOTIFICATION" || r["logLevel"] != "ERROR" || !strings.Contains(details, "answered 404") ||
		!strings.Contains(details, "SignUp SMS to +*******1111") {
		t.Errorf("record %v", r)
	}
	if strings.Contains(details, "+1555000") {
		t.Errorf("the record tells the number: %s", details)
	}
	s.srv.Stop(t)
	if n := len(a.all()); n != 1 {
		t.Errorf("%d records, want 1: delivered once", n)
	}
}

// A sender function that fails may repeat what it was told to send.
func TestAFailedSenderTellsTheLogsNoCode(t *testing.T) {
	t.Parallel()
	a, h := newArchive(t), newHook(t)
	var log bytes.Buffer
	s := siteOn(t, cenotetest.Options{
		Settings: map[string]string{"log-delivery": a.URL}, Triggers: map[string]string{"hook": h.url}, Log: slog.New(slog.NewTextHandler(&log, nil)),
	}, tempting, nil)
	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "AutoVerifiedAttributes": []string{"email", "phone_number"}, "LambdaConfig": doc{
		"KMSKeyID":          "arn:aws:kms:us-east-1:000000000000:key/codes",
		"CustomEmailSender": doc{"LambdaArn": hookARN, "LambdaVersion": "V1_0"},
		"CustomSMSSender":   doc{"LambdaArn": hookARN, "LambdaVersion": "V1_0"},
	}})
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs))
	keys, err := esdk.OpenLocalKeys(filepath.Join(s.srv.DataDir, "kms.key"))
	if err != nil {
		t.Fatal(err)
	}
	secrets := make(chan []string, 3)
	repeat := func(e hookEvent) any {
		code, to := openCode(t, keys, e), e.attributes()
		told := []string{code, fmt.Sprint(to["email"]), fmt.Sprint(to["phone_number"])}
		secrets <- told
		return &hookError{message: "cannot send " + strings.Join(told, " ")}
	}
	h.on("CustomEmailSender", repeat)
	h.on("CustomSMSSender", repeat)
	const temporary = "Temp<0>rary&horse!"
	s.must(t, "SignUp", doc{
		"ClientId": s.client, "Username": "ann", "Password": sitePassword,
		"UserAttributes": []doc{{"Name": "email", "Value": "ann@example.com"}},
	})
	s.must(t, "SignUp", doc{
		"ClientId": s.client, "Username": "bob", "Password": sitePassword,
		"UserAttributes": []doc{{"Name": "phone_number", "Value": "+15550001111"}},
	})
	s.must(t, "AdminCreateUser", doc{
		"UserPoolId": s.pool, "Username": "cem", "TemporaryPassword": temporary, "DesiredDeliveryMediums": []string{"EMAIL"},
		"UserAttributes": []doc{{"Name": "email", "Value": "cem@example.com"}},
	})
	hidden := []string{temporary, "ann@", "cem@", "+15550001111"}
	for range 3 {
		hidden = append(hidden, (<-secrets)[0])
	}
	records := a.await(t, 3)
	s.srv.Stop(t)
	said := strings.Split(log.String(), "\n")
	for _, r := range records {
		said = append(said, fmt.Sprint(r["message"].(doc)["details"]))
	}
	told := 0
	for _, line := range said {
		if strings.Contains(line, "cannot send [hidden] ") {
			told++
		}
		for _, secret := range hidden {
			if strings.Contains(line, secret) {
				t.Errorf("a log tells %s: %s", secret, line)
			}
		}
	}
	if told != 6 {
		t.Errorf("%d lines and records tell of the failures, want 6:\n%s", told, strings.Join(said, "\n"))
	}
}

// An administrator's invitation is delivered in words that suit the user: with the password for who has one, without it for who has none.
func TestInvitationsThatDoNotSuitAreNotDelivered(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	s := newSite(t, map[string]string{"log-delivery": a.URL}, doc{
		"Policies": doc{"SignInPolicy": doc{"AllowedFirstAuthFactors": []string{"PASSWORD", "EMAIL_OTP", "SMS_OTP"}}},
		"AdminCreateUserConfig": doc{"InviteMessageTemplate": doc{
			"EmailSubject": "Welcome", "EmailMessage": "Welcome {username}", "SMSMessage": "{username} {####}",
		}},
	}, nil)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(noticeLogs))
	invite := func(name, status string, more doc) {
		t.Helper()
		in := doc{
			"UserPoolId": s.pool, "Username": name, "DesiredDeliveryMediums": []string{"EMAIL", "SMS"}, "UserAttributes": []doc{
				{"Name": "email", "Value": name + "@example.com"},
				{"Name": "email_verified", "Value": "true"},
				{"Name": "phone_number", "Value": "+1555000" + fmt.Sprint(1000+len(name))},
				{"Name": "phone_number_verified", "Value": "true"},
			},
		}
		maps.Copy(in, more)
		if got := s.must(t, "AdminCreateUser", in)["User"].(doc)["UserStatus"]; got != status {
			t.Errorf("%s is %v, want %s", name, got, status)
		}
	}
	const temporary = "Temp0rary-horse!"
	invite("ann", "CONFIRMED", nil)
	invite("dora", "FORCE_CHANGE_PASSWORD", doc{"TemporaryPassword": temporary})
	for to, want := range map[string]string{"ann@example.com": "Welcome ann", "dora@example.com": "", "+15550001003": "", "+15550001004": "dora " + temporary} {
		got := ""
		if sent := s.srv.Messages(t, to); len(sent) > 0 {
			got = sent[0].Body
		}
		if got != want {
			t.Errorf("%s gets %q, want %q", to, got, want)
		}
	}
	r := a.await(t, 1)[0]
	if details, _ := r["message"].(doc)["details"].(string); !strings.Contains(details, "lacks {####}") || strings.Contains(details, temporary) {
		t.Errorf("record %v", r)
	}

	// With the placeholder, a resent invitation arrives.
	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "AdminCreateUserConfig": doc{"InviteMessageTemplate": doc{"EmailMessage": "{username}: {####}"}}})
	invite("dora", "FORCE_CHANGE_PASSWORD", doc{"MessageAction": "RESEND", "TemporaryPassword": temporary, "DesiredDeliveryMediums": []string{"EMAIL"}})
	if sent := s.srv.Messages(t, "dora@example.com"); len(sent) != 1 || sent[0].Body != "dora: "+temporary {
		t.Errorf("resent: %v", sent)
	}
}

// A deleted pool's records go nowhere, and a source that is not wanted any more is not delivered.
func TestLogsEndWithTheirConfiguration(t *testing.T) {
	t.Parallel()
	a := newArchive(t)
	s := newSite(t, map[string]string{"log-delivery": a.URL}, watched, nil)
	a.set(true)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(activityLogs))
	s.addUser(t, "ann")
	s.signIn(t, "ann")
	cenotetest.Eventually(t, "the sign-in is an event", func() bool {
		return len(list(s.must(t, "AdminListUserAuthEvents", doc{"UserPoolId": s.pool, "Username": "ann"}), "AuthEvents")) == 1
	})
	s.srv.Restart(t) // what was not delivered is kept
	http.DefaultClient.CloseIdleConnections()
	a.set(false)
	a.await(t, 1)
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs())
	s.signIn(t, "ann")
	s.must(t, "SetLogDeliveryConfiguration", s.setLogs(activityLogs))
	s.signIn(t, "ann")
	a.await(t, 2)
	s.srv.Stop(t)
	if n := len(a.all()); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}
