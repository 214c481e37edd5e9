package server_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/server"
	"github.com/cenote-id/cenote/internal/trigger"
)

// call asks a server for an operation without a body; headers come in pairs.
func call(t *testing.T, url, operation string, headers ...string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"MaxResults":10}`))
	must(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(b)
}

func TestTheAPIOfADevelopmentServerIsGuardedLikeItsPages(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	for _, tc := range []struct {
		name      string
		operation string
		headers   []string
		refused   bool
	}{
		{"a program", "ListUserPools", nil, false},
		{"a page on another local port", "ListUserPools", []string{"Origin", "http://localhost:5173", "Sec-Fetch-Site", "cross-site"}, false},
		{"a page elsewhere", "ListUserPools", []string{"Origin", "https://evil.example"}, true},
		{"a page elsewhere whose origin was taken away", "ListUserPools", []string{"Sec-Fetch-Site", "cross-site"}, true},
		{"a page of unknown origin", "ListUserPools", []string{"Origin", "null"}, true},
		{"a name that was rebound", "ListUserPools", []string{"Host", "evil.example:4310"}, true},
		{"a name that was rebound, without a signature anywhere", "SignUp", []string{"Host", "evil.example:4310"}, true},
		{"an application of another origin, without a signature anywhere", "SignUp", []string{"Origin", "https://app.example.com"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			status, body := call(t, srv.URL, tc.operation, tc.headers...)
			if refused := status == http.StatusBadRequest && strings.Contains(body, "AccessDeniedException"); refused != tc.refused {
				t.Errorf("answers %d %s", status, body)
			}
		})
	}
}

func TestAnExposedDevelopmentServerListensEverywhereAndSaysSo(t *testing.T) {
	t.Parallel()
	var log cenotetest.Output
	s, _ := run(t, server.Options{
		Config: cenotetest.Settings(t), Dev: true, Expose: true, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	host, port, err := net.SplitHostPort(s.Address())
	must(t, err)
	if ip := net.ParseIP(host); ip == nil || !ip.IsUnspecified() {
		t.Errorf("it listens on %s", s.Address())
	}
	if s.URL != "http://localhost:"+port {
		t.Errorf("its URL is %s", s.URL)
	}
	for name, refused := range map[string]bool{"cenote:4310": false, "192.168.1.7:4310": false, "evil.example:4310": true} {
		if _, body := call(t, "http://127.0.0.1:"+port, "ListUserPools", "Host", name); strings.Contains(body, "AccessDeniedException") != refused {
			t.Errorf("as %s it answers %s", name, body)
		}
	}
	cenotetest.Eventually(t, "the log says so", func() bool { return strings.Contains(log.String(), "level=WARN msg=\"EXPOSED: ") })
}

func TestDevelopmentAndProductionKeepTheirDataApart(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		dir := t.TempDir()
		start := func(dev, otherKind bool) error {
			t.Helper()
			s, err := server.New(t.Context(), server.Options{
				Config: cenotetest.Settings(t, "data-dir="+dir), Log: slog.New(slog.DiscardHandler), Dev: dev, OtherKind: otherKind,
			})
			if err != nil {
				return err
			}
			ctx, stop := contextThatEnded(t)
			defer stop()
			return s.Run(ctx)
		}
		must(t, start(made, false))
		must(t, start(made, false))
		err := start(!made, false)
		want := `--data-dir: the database was made by "cenote serve"`
		if made {
			want = `--data-dir: the database was made by "cenote dev"`
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("the other kind gets %v", err)
		}
		must(t, start(!made, true))
		must(t, start(made, false)) // it is still what it was
	}
}

func TestTheReadyPoolAllowsEveryWayToSignIn(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	c := srv.SDK()
	client, err := c.DescribeUserPoolClient(t.Context(), &idp.DescribeUserPoolClientInput{UserPoolId: &srv.PoolID, ClientId: &srv.ClientID})
	must(t, err)
	flows := map[string]bool{}
	for _, f := range client.UserPoolClient.ExplicitAuthFlows {
		flows[string(f)] = true
	}
	for _, f := range []string{"ALLOW_USER_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"} {
		if !flows[f] {
			t.Errorf("the client does not allow %s", f)
		}
	}
	mfa, err := c.GetUserPoolMfaConfig(t.Context(), &idp.GetUserPoolMfaConfigInput{UserPoolId: &srv.PoolID})
	must(t, err)
	if mfa.MfaConfiguration != "OPTIONAL" || !mfa.SoftwareTokenMfaConfiguration.Enabled || *mfa.WebAuthnConfiguration.RelyingPartyId != "localhost" {
		t.Errorf("MFA is %+v", mfa)
	}
	name, password := "ann@example.com", "Corr3ct-horse!"
	_, err = c.SignUp(t.Context(), &idp.SignUpInput{ClientId: &srv.ClientID, Username: &name, Password: &password})
	must(t, err)
	code := srv.Code(t, name)
	_, err = c.ConfirmSignUp(t.Context(), &idp.ConfirmSignUpInput{ClientId: &srv.ClientID, Username: &name, ConfirmationCode: &code})
	must(t, err)
	begun, err := c.InitiateAuth(t.Context(), &idp.InitiateAuthInput{
		ClientId: &srv.ClientID, AuthFlow: "USER_AUTH", AuthParameters: map[string]string{"USERNAME": name, "PREFERRED_CHALLENGE": "EMAIL_OTP"},
	})
	must(t, err)
	if begun.ChallengeName != "EMAIL_OTP" {
		t.Errorf("a sign-in by e-mail answers %s %v", begun.ChallengeName, begun.AvailableChallenges)
	}
}

func TestTheClockOfADevelopmentServerSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := func() (*server.Server, func() error) {
		return run(t, server.Options{Config: cenotetest.Settings(t, "data-dir="+dir), Dev: true})
	}
	s, stop := start()
	res, err := http.Post(s.URL+"/_cenote/clock", "application/json", strings.NewReader(`{"advance":"36h"}`))
	must(t, err)
	must(t, res.Body.Close())
	must(t, stop())
	s, _ = start()
	if got := s.Dev.Clock.Offset(); got != 36*time.Hour {
		t.Errorf("after a restart the clock is %s ahead", got)
	}
}

func TestTheCodeOfAMessageIsInTheLogOfADevelopmentServer(t *testing.T) {
	t.Parallel()
	var log cenotetest.Output
	s, _ := run(t, server.Options{Config: cenotetest.Settings(t), Dev: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
	c := cenotetest.Dial(s.URL, "any", "any")
	name, password := "ann@example.com", "Corr3ct-horse!"
	_, err := c.SignUp(t.Context(), &idp.SignUpInput{ClientId: &s.Dev.ClientID, Username: &name, Password: &password})
	must(t, err)
	code := s.Dev.Inbox.Messages(name)[0].Code
	if want := "msg=message to=ann@example.com medium=EMAIL reason=SignUp code=" + code; !strings.Contains(log.String(), want) {
		t.Errorf("the log lacks %q:\n%s", want, log.String())
	}
}

func TestFunctionsNamedLikeTriggersAreAskedByTheReadyPool(t *testing.T) {
	t.Parallel()
	dir, folder := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "index.mjs"), []byte(`export const handler = async (e) => e;`), 0o600))
	start := func(names map[string]string, attach ...trigger.Trigger) (*server.Server, func() error) {
		c := cenotetest.Settings(t, "data-dir="+dir)
		c.AddFunctions(names, "--function")
		return run(t, server.Options{Config: c, Dev: true, Attach: attach, Environ: os.Environ()})
	}
	config := func(s *server.Server) string {
		t.Helper()
		out, err := cenotetest.Dial(s.URL, "any", "any").DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: &s.Dev.PoolID})
		must(t, err)
		text, err := json.Marshal(out.UserPool.LambdaConfig)
		must(t, err)
		return string(text)
	}
	s, stop := start(map[string]string{"PreSignUp": folder, "CustomEmailSender": folder, "other": folder}, trigger.PreSignUp, trigger.CustomEmailSender)
	want := []server.DevFunction{
		{Name: "CustomEmailSender", ARN: "arn:aws:lambda:us-east-1:000000000000:function:CustomEmailSender", Folder: folder, Asked: trigger.CustomEmailSender},
		{Name: "PreSignUp", ARN: "arn:aws:lambda:us-east-1:000000000000:function:PreSignUp", Folder: folder, Asked: trigger.PreSignUp},
		{Name: "other", ARN: "arn:aws:lambda:us-east-1:000000000000:function:other", Folder: folder},
	}
	if diff := cmp.Diff(want, s.Dev.Functions); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	if got := config(s); !strings.Contains(got, `"PreSignUp":"arn:aws:lambda:us-east-1:000000000000:function:PreSignUp"`) || !strings.Contains(got, `"LambdaArn":"arn:aws:lambda:us-east-1:000000000000:function:CustomEmailSender"`) ||
		!strings.Contains(got, `"KMSKeyID":"arn:aws:kms:`) {
		t.Errorf("the pool asks %s", got)
	}
	must(t, stop())
	s, _ = start(map[string]string{"PreSignUp": folder}, trigger.PreSignUp)
	if got := config(s); !strings.Contains(got, "function:PreSignUp") || strings.Contains(got, "function:CustomEmailSender") {
		t.Errorf("after a start without the sender the pool asks %s", got)
	}
}

func TestPlainHTTPOnAPublicAddressIsWarnedOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		given []string
		warns bool
	}{
		{[]string{"listen=0.0.0.0:0"}, true},
		{[]string{"listen=0.0.0.0:0", "public-url=http://auth.example.com"}, true},
		{[]string{"listen=0.0.0.0:0", "public-url=https://auth.example.com"}, false},
		{[]string{"listen=127.0.0.1:0"}, false},
	} {
		var log cenotetest.Output
		s, stop := run(t, server.Options{Config: cenotetest.Settings(t, tc.given...), Log: slog.New(slog.NewTextHandler(&log, nil))})
		must(t, stop())
		if got := strings.Contains(log.String(), "plain HTTP"); got != tc.warns || got && !strings.Contains(log.String(), `issuer="`+s.URL+`/<pool id>"`) {
			t.Errorf("%v: warned %v:\n%s", tc.given, got, log.String())
		}
	}
}

// A pool whose seed fails is not there the next time, when it would pass for a whole one.
func TestASeedThatFailsLeavesNoHalfOfAPool(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "pool.yaml")
	start := func(group string) (*server.Server, error) {
		t.Helper()
		text := "pools: [{name: shop, id: us-east-1_Shop12345, groups: [{name: staff}], users: [{username: ann@example.com, groups: [" + group + "]}]}]"
		must(t, os.WriteFile(file, []byte(text), 0o600))
		return server.New(t.Context(), server.Options{
			Config: cenotetest.Settings(t, "data-dir="+dir), Log: slog.New(slog.DiscardHandler), Dev: true, Seed: file,
		})
	}
	if _, err := start("stuff"); err == nil || !strings.Contains(err.Error(), "pool shop: user ann@example.com: ResourceNotFoundException: ") {
		t.Fatalf("got %v", err)
	}
	s, err := start("staff")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	users, err := cenotetest.Dial(s.URL, "any", "any").ListUsersInGroup(t.Context(), &idp.ListUsersInGroupInput{
		UserPoolId: aws.String("us-east-1_Shop12345"), GroupName: aws.String("staff"),
	})
	must(t, err)
	if len(users.Users) != 1 {
		t.Errorf("the group has %+v", users.Users)
	}
	stop()
	must(t, <-ended)
}
