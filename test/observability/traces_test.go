package observability

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// peer is a server that cenote calls. It answers an event as it came, and notes the headers.
type peer struct {
	*httptest.Server
	mu      sync.Mutex
	headers []http.Header
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.headers = append(p.headers, r.Header.Clone())
		p.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *peer) last() http.Header {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.headers) == 0 {
		return http.Header{}
	}
	return p.headers[len(p.headers)-1]
}

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	caller  = "00f067aa0ba902b7"
)

// send makes an unsigned call within the trace.
func send(t *testing.T, url, operation string, in any, traceparent string) (int, string) {
	t.Helper()
	body, err := json.Marshal(in)
	must(t, err)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/", strings.NewReader(string(body)))
	must(t, err)
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Traceparent", traceparent)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(text)
}

func TestARequestIsTracedFromTheCallerToTheFunction(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgresql"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			to, function, gateway := newSink(t), newPeer(t), newPeer(t)
			settings := filepath.Join(t.TempDir(), "cenote.yaml")
			must(t, os.WriteFile(settings, []byte("trigger-urls:\n  check: "+function.URL+"/hook?token=Zq7-url\nsms-url: http://:Zq7-webhook@"+strings.TrimPrefix(gateway.URL, "http://")+"/sms\n"), 0o600))
			o := cenotetest.BinaryOptions{Args: []string{"--config", settings}, Env: []string{
				"OTEL_EXPORTER_OTLP_ENDPOINT=" + to.URL, "OTEL_BSP_SCHEDULE_DELAY=50", "OTEL_SERVICE_NAME=sign-in", "OTEL_TRACES_SAMPLER=parentbased_always_off",
			}}
			if engine == "postgresql" {
				o.Database = pgtest.Start(t)
			}
			p := cenotetest.StartBinary(t, o)
			api := p.SDK()
			pool, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
				PoolName: aws.String("people"), LambdaConfig: &types.LambdaConfigType{PreSignUp: aws.String("arn:aws:lambda:eu-west-1:000000000000:function:check")},
				AutoVerifiedAttributes: []types.VerifiedAttributeType{"phone_number"}, SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: aws.String("arn:aws:iam::000000000000:role/sms")},
			})
			must(t, err)
			client, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: pool.UserPool.Id, ClientName: aws.String("app")})
			must(t, err)
			signUp := map[string]any{
				"ClientId": client.UserPoolClient.ClientId, "Username": "Zq7-ana", "Password": "Zq7-password-1!",
				"UserAttributes": []map[string]string{{"Name": "phone_number", "Value": "+15550100777"}},
			}
			if status, text := send(t, p.URL, "SignUp", signUp, "00-"+traceID+"-"+caller+"-01"); status != http.StatusOK {
				t.Fatalf("answered %d %s", status, text)
			}
			spans := to.await(t, traceID, "Cognito Identity Provider/SignUp")
			root := one(t, spans, "Cognito Identity Provider/SignUp")
			if root.parent != caller || root.kind != "SERVER" || root.failed || root.attributes["aws.request_id"] == "" {
				t.Errorf("the request is %+v", root)
			}
			delete(root.attributes, "aws.request_id")
			if diff := cmp.Diff(map[string]string{
				"http.request.method": "POST", "http.response.status_code": "200", "url.scheme": "http", "network.protocol.version": "1.1",
				"rpc.system": "aws-api", "rpc.service": "Cognito Identity Provider", "rpc.method": "SignUp",
			}, root.attributes); diff != "" {
				t.Errorf("attributes of the request: %s", diff)
			}
			change := one(t, spans, "update")
			if change.parent == "" || change.kind != "CLIENT" || change.attributes["db.system.name"] != engine {
				t.Errorf("the transaction is %+v", change)
			}
			asked := one(t, spans, "trigger PreSignUp")
			if asked.parent != root.id || asked.attributes["faas.invoked_name"] != "check" || asked.attributes["faas.invoked_region"] != "eu-west-1" {
				t.Errorf("the trigger is %+v", asked)
			}
			var posted, mailed span
			message := one(t, spans, "send message")
			for _, x := range spans {
				switch {
				case x.name == "POST" && x.parent == asked.id:
					posted = x
				case x.name == "POST" && x.parent == message.id:
					mailed = x
				}
			}
			if message.attributes["cenote.message.medium"] != "SMS" || posted.attributes["server.address"] != "127.0.0.1" || posted.attributes["http.response.status_code"] != "200" {
				t.Errorf("message %+v, call of the function %+v", message, posted)
			}
			if want := "00-" + traceID + "-" + posted.id + "-01"; function.last().Get("Traceparent") != want {
				t.Errorf("the function got %q, want %s", function.last().Get("Traceparent"), want)
			}
			if want := "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=" + posted.id + ";Sampled=1"; function.last().Get("X-Amzn-Trace-Id") != want {
				t.Errorf("the function got %q, want %s", function.last().Get("X-Amzn-Trace-Id"), want)
			}
			if want := "00-" + traceID + "-" + mailed.id + "-01"; gateway.last().Get("Traceparent") != want {
				t.Errorf("the gateway got %q, want %s", gateway.last().Get("Traceparent"), want)
			}
			if to.resource["service.name"] != "sign-in" || to.resource["telemetry.sdk.name"] != "opentelemetry" {
				t.Errorf("the resource is %v", to.resource)
			}

			// A failure, in a trace of its own.
			const failing = "0af7651916cd43dd8448eb211c80319c"
			if status, _ := send(t, p.URL, "SignUp", signUp, "00-"+failing+"-"+caller+"-01"); status != http.StatusBadRequest {
				t.Fatalf("answered %d", status)
			}
			refused := one(t, to.await(t, failing, "Cognito Identity Provider/SignUp"), "Cognito Identity Provider/SignUp")
			if !refused.failed || refused.attributes["error.type"] != "UsernameExistsException" {
				t.Errorf("the refused request is %+v", refused)
			}

			// What the sampler leaves out is still told to others.
			signUp["Username"] = "Zq7-bob"
			const unsampled = "1af7651916cd43dd8448eb211c80319d"
			send(t, p.URL, "SignUp", signUp, "00-"+unsampled+"-"+caller+"-00")
			if got := function.last().Get("Traceparent"); !strings.HasPrefix(got, "00-"+unsampled+"-") || !strings.HasSuffix(got, "-00") {
				t.Errorf("the function got %q of a trace that is not sampled", got)
			}

			exemplars := metrics(t, p.URL, "application/openmetrics-text; version=1.0.0")
			if !strings.Contains(exemplars, `trace_id="`+traceID+`"`) && !strings.Contains(exemplars, `trace_id="`+failing+`"`) {
				t.Errorf("no exemplar of the traces in\n%s", exemplars)
			}
			to.mu.Lock()
			defer to.mu.Unlock()
			for _, secret := range []string{"Zq7", "5550100777", unsampled, p.SecretAccessKey, *client.UserPoolClient.ClientId} {
				if strings.Contains(to.text.String(), secret) {
					t.Errorf("the traces hold %s", secret)
				}
			}
		})
	}
}

func TestTracingIsOffByDefault(t *testing.T) {
	t.Parallel()
	function := newPeer(t)
	settings := filepath.Join(t.TempDir(), "cenote.yaml")
	must(t, os.WriteFile(settings, []byte("trigger-urls:\n  check: "+function.URL+"\n"), 0o600))
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Args: []string{"--config", settings}})
	pool, err := p.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: aws.String("people"), LambdaConfig: &types.LambdaConfigType{PreSignUp: aws.String("arn:aws:lambda:eu-west-1:000000000000:function:check")},
	})
	must(t, err)
	client, err := p.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: pool.UserPool.Id, ClientName: aws.String("app")})
	must(t, err)
	status, _ := send(t, p.URL, "SignUp", map[string]any{"ClientId": client.UserPoolClient.ClientId, "Username": "ana", "Password": "Sesame-2026!"}, "00-"+traceID+"-"+caller+"-01")
	if got := function.last(); status != http.StatusOK || got.Get("Traceparent") != "" {
		t.Errorf("answered %d; the function got %v", status, got)
	}
}

func metrics(t *testing.T, url, accept string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/metrics", nil)
	must(t, err)
	r.Header.Set("Accept", accept)
	res, err := http.DefaultClient.Do(r)
	must(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return string(text)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
