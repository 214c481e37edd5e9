package carrier

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const arn = "arn:aws:lambda:eu-west-1:123456789012:function:auth"

// serve starts a server that lives as long as the test.
func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	tests := []struct {
		name     string
		h        http.HandlerFunc
		want     Result
		wantErr  error  // by errors.Is
		wantName string // of an *Error
		again    bool
	}{
		{
			name: "the body is the answer",
			h: func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
					t.Errorf("got %s of %s", r.Method, r.Header.Get("Content-Type"))
				}
				_, _ = io.Copy(w, r.Body)
			},
			want: Result{Payload: []byte(`{"a":1}`)},
		},
		{
			name: "an error body is the function's failure", h: answer(500, `{"errorMessage":"no","errorType":"Error"}`),
			want: Result{Payload: []byte(`{"errorMessage":"no","errorType":"Error"}`), FunctionError: "Unhandled"},
		},
		{
			name: "the header of an emulator says so too",
			h: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amz-Function-Error", "Handled")
				_, _ = io.WriteString(w, `{"errorMessage":"no"}`)
			},
			want: Result{Payload: []byte(`{"errorMessage":"no"}`), FunctionError: "Handled"},
		},
		{name: "a plain 500 is not tried again", h: answer(500, `oops`), wantName: "ServiceException"},
		{name: "403 is no permission", h: answer(403, `{}`), wantName: "AccessDeniedException"},
		{name: "404 is no function", h: answer(404, ``), wantName: "ResourceNotFoundException"},
		{name: "429 is tried again", h: answer(429, ``), wantName: "TooManyRequestsException", again: true},
		{
			name: "redirects are not followed",
			h: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					t.Error("the redirect was followed")
				}
				http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			},
			wantName: "ServiceException",
		},
		{name: "an answer of 1 MiB is read", h: answer(200, strings.Repeat("x", MaxAnswer)), want: Result{Payload: []byte(strings.Repeat("x", MaxAnswer))}},
		{name: "an answer of 5 MB is not", h: answer(200, strings.Repeat("x", 5_000_000)), wantErr: ErrTooLarge},
		{
			name: "a connection that breaks is tried again", wantName: "", again: true,
			h: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := NewHTTP(map[string]string{"auth": serve(t, tt.h)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseIdleConnections()
			got, err := c.Invoke(t.Context(), arn, []byte(`{"a":1}`))
			if !bytes.Equal(got.Payload, tt.want.Payload) || got.FunctionError != tt.want.FunctionError {
				t.Errorf("got %.80s %q, want %.80s %q", got.Payload, got.FunctionError, tt.want.Payload, tt.want.FunctionError)
			}
			var failed *Error
			switch {
			case tt.wantErr != nil:
				if !errors.Is(err, tt.wantErr) {
					t.Errorf("got %v, want %v", err, tt.wantErr)
				}
			case tt.want.Payload != nil:
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &failed) || failed.Name != tt.wantName || failed.Again != tt.again:
				t.Errorf("got %#v, want %q, again %t", err, tt.wantName, tt.again)
			}
		})
	}
}

func TestHTTPAddresses(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"a public address without TLS": "http://203.0.113.7/hook",
		"the metadata of a cloud":      "http://169.254.169.254/latest",
		"the same by https":            "https://169.254.169.254/latest",
	} {
		c, err := NewHTTP(map[string]string{"auth": target})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Invoke(t.Context(), arn, nil)
		if e := new(Error); !errors.As(err, &e) || e.Name != "AccessDeniedException" || e.Again {
			t.Errorf("%s: got %v, want AccessDeniedException", name, err)
		}
	}
	for _, wrong := range []string{"", "ftp://127.0.0.1", "/hook", "http://", "http://user:hunter2@[bad/"} {
		if _, err := NewHTTP(map[string]string{"auth": wrong}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: got %v, want an error without what the URL says", wrong, err)
		}
	}
}

func TestHTTPErrorsDoNotTellTheURL(t *testing.T) {
	t.Parallel()
	const target = "http://user:hunter2@127.0.0.1:1/?token=hunter3" // where nobody listens
	c, err := NewHTTP(map[string]string{arn: target})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Invoke(t.Context(), arn, nil)
	if e := new(Error); !errors.As(err, &e) || !e.Again || strings.Contains(err.Error(), "hunter") {
		t.Errorf("got %v, want a failure to be tried again that does not tell the URL", err)
	}
}

func TestHTTPEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, err := NewHTTP(map[string]string{"auth": serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // then the server notices when the client leaves
		cancel()
		<-r.Context().Done()
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Invoke(ctx, arn, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for function, want := range map[string][]string{
		arn:                  {arn, "auth"},
		arn + ":live":        {arn + ":live", arn, "auth:live", "auth"},
		"auth":               {"auth"},
		"auth:7":             {"auth:7", "auth", "auth:7", "auth"},
		"arn:aws:something:": {"arn:aws:something:"},
	} {
		if diff := cmp.Diff(want, names(function)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", function, diff)
		}
	}
}

func TestRouter(t *testing.T) {
	t.Parallel()
	says := func(text string) string {
		return serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	urls, err := NewHTTP(map[string]string{"auth": says("by name"), arn: says("by ARN"), arn + ":live": says("by alias")})
	if err != nil {
		t.Fatal(err)
	}
	lambda, err := NewLambda(LambdaOptions{Endpoint: says("by Lambda"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	r := &Router{URLs: urls, Lambda: lambda}
	for function, want := range map[string]string{
		arn:                                     "by ARN",
		arn + ":live":                           "by alias",
		arn + ":test":                           "by ARN",
		strings.Replace(arn, "west", "east", 1): "by name",
		arn + "2":                               "by Lambda",
	} {
		got, err := r.Invoke(t.Context(), function, []byte(`{}`))
		if err != nil || string(got.Payload) != want {
			t.Errorf("%s: got %q (%v), want %q", function, got.Payload, err, want)
		}
	}
	_, err = (&Router{}).Invoke(t.Context(), arn, nil)
	if e := new(Error); !errors.As(err, &e) || e.Name != "ResourceNotFoundException" {
		t.Errorf("without any carrier: %v, want ResourceNotFoundException", err)
	}
}
