package rpc

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/door"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestDoorAnswersASuccess(t *testing.T) {
	t.Parallel()
	var got wire.SignUpInput
	url, log := open(t, Config{Operations: calls(func(_ context.Context, in any) (any, error) {
		got = *in.(*wire.SignUpInput)
		return &wire.SignUpOutput{UserSub: "11111111-2222-3333-4444-555555555555"}, nil
	}, "SignUp")})
	resp := send(t, request(t, url, idpTarget+"SignUp", signUpBody))
	resp.wantCommon(t)
	if resp.StatusCode != http.StatusOK || !strings.Contains(resp.body, `"UserSub":"11111111-2222-3333-4444-555555555555"`) {
		t.Errorf("got %d %s", resp.StatusCode, resp.body)
	}
	if resp.Header.Get("x-amzn-ErrorType") != "" {
		t.Errorf("x-amzn-ErrorType on a success: %q", resp.Header.Get("x-amzn-ErrorType"))
	}
	if got.Username != "maria" || got.Password != "Sup3r-secret" {
		t.Errorf("the operation got %q and %q", got.Username, got.Password)
	}
	if want := "SignUp OK"; log.counted() != want {
		t.Errorf("counted %q, want %q", log.counted(), want)
	}
	if s := log.String(); !strings.Contains(s, resp.Header.Get("x-amzn-RequestId")) || strings.Contains(s, "Sup3r") {
		t.Errorf("log has no request id, or a password:\n%s", s)
	}
}

func TestDoorAnswersAnObjectWhereThereIsNoOutput(t *testing.T) {
	t.Parallel()
	var nothing *wire.GlobalSignOutOutput
	for name, out := range map[string]any{"nil": nil, "a nil pointer": nothing, "an empty struct": &wire.GlobalSignOutOutput{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, _ := open(t, Config{Operations: calls(answering(out, nil), "GlobalSignOut")})
			resp := send(t, request(t, url, idpTarget+"GlobalSignOut", `{"AccessToken":"abc"}`))
			resp.wantCommon(t)
			if resp.StatusCode != http.StatusOK || resp.body != "{}" {
				t.Errorf("got %d %q, want 200 {}", resp.StatusCode, resp.body)
			}
		})
	}
}

func TestDoorTakesWhatClientsSend(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	tests := []struct {
		name    string
		prepare func(*http.Request)
	}{
		{"a charset", func(r *http.Request) { r.Header.Set("Content-Type", "Application/X-AMZ-JSON-1.1; charset=utf-8") }},
		{"JSON 1.0", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-amz-json-1.0") }},
		{"no content type", func(r *http.Request) { r.Header.Del("Content-Type") }},
		{"a doubled slash", func(r *http.Request) { r.URL.Path = "//" }},
		{"another path", func(r *http.Request) { r.URL.Path = "/cognito/" }},
		{"a body of unknown length", func(r *http.Request) {
			r.ContentLength = -1
			r.Body = io.NopCloser(strings.NewReader(signUpBody))
		}},
		{"a wrong signature on an operation that needs none", func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 nonsense") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := request(t, url, idpTarget+"SignUp", signUpBody)
			tt.prepare(r)
			if resp := send(t, r); resp.StatusCode != http.StatusOK {
				t.Errorf("got %d %s", resp.StatusCode, resp.body)
			}
		})
	}
}

func TestDoorTellsOperationsWhoCalls(t *testing.T) {
	t.Parallel()
	var got caller.Caller
	url, _ := open(t, Config{
		Callers: door.Callers{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
		Operations: calls(func(ctx context.Context, _ any) (any, error) {
			got = caller.From(ctx)
			return nil, nil
		}, "AdminGetUser"),
	})
	r := request(t, url, idpTarget+"AdminGetUser", getUserBody)
	r.Header.Set("X-Forwarded-For", "198.51.100.7")
	r.Header.Set("User-Agent", strings.Repeat("a", 511)+"é")
	resp := send(t, sign(t, r, getUserBody, "ROOT"))
	want := caller.Caller{
		RequestID:   resp.Header.Get("x-amzn-RequestId"),
		SourceIP:    "198.51.100.7",
		UserAgent:   strings.Repeat("a", 511),
		AccessKeyID: "ROOT",
		AccountID:   "000000000000",
		Region:      "us-east-1",
	}
	if got != want {
		t.Errorf("caller:\n got %+v\nwant %+v", got, want)
	}
}

func TestDoorRefusesWhatItCannotRoute(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	for name, target := range map[string]string{
		"no target":                   "",
		"an unknown operation":        idpTarget + "SignUpp",
		"another case":                idpTarget + "signUp",
		"an operation not built":      idpTarget + "InitiateAuth",
		"the prefix of another":       identityTarget + "SignUp",
		"no prefix":                   "SignUp",
		"a prefix without operation":  idpTarget,
		"a target with a hostile end": idpTarget + `SignUp"><script>`,
	} {
		t.Run(name, func(t *testing.T) {
			r := request(t, url, target, signUpBody)
			if target == "" {
				r.Header.Del("X-Amz-Target")
			}
			message := "The X-Amz-Target header names no operation of Amazon Cognito."
			if target == idpTarget+"InitiateAuth" {
				message = "cenote does not have the operation InitiateAuth yet; see docs/operations.md"
			}
			send(t, r).wantFault(t, 400, "UnknownOperationException", message)
		})
	}
	if got := strings.ReplaceAll(log.counted(), "Unknown UnknownOperationException", ""); strings.Trim(got, ", ") != "" {
		t.Errorf("counted names that clients made up: %s", got)
	}
}

func TestDoorRefusesHostileBodies(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	tests := []struct{ name, body, code, message string }{
		{"nothing", "", "SerializationException", ""},
		{"no JSON", "ClientId=abc", "SerializationException", ""},
		{"null", "null", "SerializationException", ""},
		{"a bare string", `"SignUp"`, "SerializationException", ""},
		{"a list", "[]", "SerializationException", "Start of list found where not expected"},
		{"half an object", `{"ClientId":"abc"`, "SerializationException", ""},
		{"two objects", signUpBody + "{}", "SerializationException", ""},
		{"text that is not UTF-8", "{\"ClientId\":\"\xff\"}", "SerializationException", ""},
		{"deep nesting", `{"x":` + strings.Repeat("[", 60_000), "SerializationException", ""},
		{"gzip", "\x1f\x8b\x08\x00", "SerializationException", ""},
		{"a number for a string", `{"ClientId":1}`, "SerializationException", "NUMBER_VALUE can not be converted to a String"},
		{
			"a body too large", `{"x":"` + strings.Repeat("a", MaxUnsignedBody) + `"}`, "RequestTooLargeException",
			"The request body is larger than 65536 bytes.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			send(t, request(t, url, idpTarget+"SignUp", tt.body)).wantFault(t, 400, tt.code, tt.message)
		})
	}
}

func TestDoorTakesTheLargestBody(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "SignUp", "GetUser", "AdminGetUser"), AnyCredentials: true})
	for operation, tc := range map[string]struct {
		body  string
		limit int
	}{
		"SignUp":       {signUpBody, MaxUnsignedBody},
		"GetUser":      {`{"AccessToken":"a.b.c"}`, MaxUnsignedBody},
		"AdminGetUser": {getUserBody, MaxBody},
	} {
		body := strings.TrimSuffix(tc.body, "}") + `,"x":"`
		body += strings.Repeat("a", tc.limit-len(body)-2) + `"}`
		if resp := send(t, request(t, url, idpTarget+operation, body)); resp.StatusCode != http.StatusOK || len(body) != tc.limit {
			t.Errorf("%s with %d bytes: got %d %s", operation, len(body), resp.StatusCode, resp.body)
		}
		text := fmt.Sprintf("The request body is larger than %d bytes.", tc.limit)
		send(t, request(t, url, idpTarget+operation, body+" ")).wantFault(t, 400, "RequestTooLargeException", text)
		chunked := request(t, url, idpTarget+operation, body+" ")
		chunked.ContentLength = -1
		send(t, chunked).wantFault(t, 400, "RequestTooLargeException", text)
	}
}

// Bodies are bounded over all requests, before any work on them.
func TestDoorBoundsWhatItHolds(t *testing.T) {
	t.Parallel()
	b := bodies{signed: newBudget(10 << 10), unsigned: newBudget(10 << 10)}
	ops := map[string]api.Operation{}
	for _, o := range calls(answering(nil, nil), "SignUp", "AdminGetUser").All() {
		ops[o.Name] = o
	}
	read := func(operation string, size int) (func(), error) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("a", size)))
		body, release, err := b.read(httptest.NewRecorder(), r, ops[operation])
		if err == nil && len(body) != size {
			t.Errorf("%d of %d bytes are read", len(body), size)
		}
		return release, err
	}
	first, err := read("SignUp", 5000)
	if err != nil {
		t.Fatal(err)
	}
	refused, err := read("SignUp", 5000)
	if !fault.Is(err, fault.TooManyRequests) {
		t.Errorf("more than may be held: %v", err)
	}
	refused()
	if release, err := read("AdminGetUser", 5000); err != nil {
		t.Errorf("strangers keep an administrator out: %v", err)
	} else {
		release()
	}
	if release, err := read("SignUp", 1000); err != nil {
		t.Errorf("a small body beside: %v", err)
	} else {
		release()
	}
	first()
	if release, err := read("SignUp", 5000); err != nil {
		t.Errorf("after the first was answered: %v", err)
	} else {
		release()
	}
	if a, b := b.unsigned.left.Load(), b.signed.left.Load(); a != 10<<10 || b != 10<<10 {
		t.Errorf("%d and %d bytes are left", a, b)
	}
}

func TestDoorRefusesOtherMethods(t *testing.T) {
	t.Parallel()
	url, _ := open(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		r := request(t, url, idpTarget+"SignUp", signUpBody)
		r.Method = method
		if resp := send(t, r); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "OPTIONS, POST" {
			t.Errorf("%s: got %d, Allow %q", method, resp.StatusCode, resp.Header.Get("Allow"))
		}
	}
}

func TestDoorAnswersAPreflight(t *testing.T) {
	t.Parallel()
	url, log := open(t, Config{Operations: calls(answering(nil, nil), "SignUp")})
	const asked = "amz-sdk-invocation-id,amz-sdk-request,cache-control,content-type,x-amz-target,x-amz-user-agent,x-my-app"
	for _, headers := range []string{asked, ""} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://app.example.org")
		r.Header.Set("Access-Control-Request-Method", "POST")
		if headers != "" {
			r.Header.Set("Access-Control-Request-Headers", headers)
		}
		resp := send(t, r)
		if resp.StatusCode != http.StatusOK || resp.body != "" {
			t.Errorf("got %d %q, want 200 and no body", resp.StatusCode, resp.body)
		}
		for name, want := range map[string]string{
			"Access-Control-Allow-Origin":   "*",
			"Access-Control-Allow-Methods":  "POST",
			"Access-Control-Allow-Headers":  headers,
			"Access-Control-Expose-Headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
			"Access-Control-Max-Age":        "172800",
		} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
	}
	if log.counted() != "" {
		t.Errorf("a preflight was counted as a call: %s", log.counted())
	}
}
