package audit_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// silent is a mail server and a function that take what comes and do not answer. Each tells that somebody waits for it.
func silent(t *testing.T) (mail, function string, asked chan struct{}) {
	t.Helper()
	asked = make(chan struct{}, 10)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			asked <- struct{}{}
		}
	}()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the end of the connection is noticed
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	return "smtp://" + l.Addr().String(), srv.URL, asked
}

// A client that hangs up before its answer is not a failure of the server, wherever the server waits at that moment.
func TestACallWhoseClientHangsUpIsRecordedAsCanceled(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			mail, function, asked := silent(t)
			const arn = "arn:aws:lambda:us-east-1:000000000000:function:silent"
			o := cenotetest.Options{Serve: true, Triggers: map[string]string{arn: function}, Settings: map[string]string{"smtp-url": mail, "mail-from": "a@example.com"}}
			if engine == "postgres" {
				o.Database = pgtest.Start(t)
			}
			s := &site{Server: cenotetest.Start(t, o), database: o.Database}
			s.api = s.SDK()
			writes, asks := s.pool(t), s.pool(t)
			_, err := s.api.UpdateUserPool(t.Context(), &idp.UpdateUserPoolInput{UserPoolId: &asks, LambdaConfig: &types.LambdaConfigType{PreSignUp: aws.String(arn)}})
			must(t, err)
			for _, pool := range []string{writes, asks} {
				s.hangUp(t, pool, asked)
				cenotetest.Eventually(t, "the call is recorded", func() bool {
					_, text := s.acts(t, "--failed", "--pool", pool)
					return text != ""
				})
				acts, text := s.acts(t, "--failed", "--pool", pool)
				if len(acts) != 1 || acts[0].Operation != "AdminCreateUser" || acts[0].User != "ana" || acts[0].Outcome != "Canceled" {
					t.Errorf("recorded: %s", text)
				}
			}
			var counted []string
			cenotetest.Eventually(t, "both calls are counted", func() bool {
				counted = s.counted(t, `cenote_messages_total{medium="EMAIL"`, `cenote_requests_total{code="C`, `cenote_requests_total{code="I`, "cenote_trigger_duration_seconds_count")
				return strings.Contains(strings.Join(counted, "\n"), `code="Canceled",operation="AdminCreateUser"} 2`)
			})
			if diff := cmp.Diff([]string{
				`cenote_messages_total{medium="EMAIL",outcome="canceled"} 1`, `cenote_messages_total{medium="EMAIL",outcome="failed"} 0`,
				`cenote_messages_total{medium="EMAIL",outcome="sent"} 0`, `cenote_requests_total{code="Canceled",operation="AdminCreateUser"} 2`,
				`cenote_trigger_duration_seconds_count{outcome="Canceled",trigger="PreSignUp"} 1`,
			}, counted); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// hangUp makes a user, and goes away when the server waits for somebody else.
func (s *site) hangUp(t *testing.T, pool string, asked <-chan struct{}) {
	t.Helper()
	ctx, hangUp := context.WithCancel(t.Context())
	gone := make(chan error, 1)
	go func() {
		_, err := s.api.AdminCreateUser(ctx, &idp.AdminCreateUserInput{
			UserPoolId: &pool, Username: aws.String("ana"), DesiredDeliveryMediums: []types.DeliveryMediumType{"EMAIL"},
			UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("ana@example.com")}},
		})
		gone <- err
	}()
	<-asked
	hangUp()
	if err := <-gone; err == nil {
		t.Fatal("the call is answered")
	}
}

// counted returns the lines of the metrics that begin so.
func (s *site) counted(t *testing.T, beginnings ...string) (lines []string) {
	t.Helper()
	_, body := cenotetest.Get(t, http.DefaultClient, s.URL+"/metrics")
	for line := range strings.Lines(body) {
		if slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(line, b) }) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}
