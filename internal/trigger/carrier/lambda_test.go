package carrier

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"
)

func TestLambda(t *testing.T) {
	t.Parallel()
	refuse := func(status int, name string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-ErrorType", name)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"Message":"refused"}`)
		}
	}
	tests := []struct {
		name     string
		h        http.HandlerFunc
		want     Result
		wantErr  error
		wantName string
		again    bool
	}{
		{
			name: "an answer",
			h: func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				path, _ := url.PathUnescape(r.URL.EscapedPath())
				if path != "/2015-03-31/functions/"+arn+"/invocations" || r.URL.Query().Get("Qualifier") != "live" {
					t.Errorf("path %s, query %s", path, r.URL.RawQuery)
				}
				if kind := r.Header.Get("X-Amz-Invocation-Type"); kind != "RequestResponse" {
					t.Errorf("invocation type %s", kind)
				}
				if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "AKIDEXAMPLE/") || !strings.Contains(auth, "/eu-west-1/lambda/") {
					t.Errorf("signed as %s", auth)
				}
				_, _ = w.Write(body)
			},
			want: Result{Payload: []byte(`{"a":1}`)},
		},
		{
			name: "an error of the function",
			h: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amz-Function-Error", "Unhandled")
				_, _ = io.WriteString(w, `{"errorMessage":"no"}`)
			},
			want: Result{Payload: []byte(`{"errorMessage":"no"}`), FunctionError: "Unhandled"},
		},
		{name: "no permission", h: refuse(403, "AccessDeniedException"), wantName: "AccessDeniedException"},
		{name: "no such function", h: refuse(404, "ResourceNotFoundException:http://internal"), wantName: "ResourceNotFoundException"},
		{name: "throttled", h: refuse(429, "TooManyRequestsException"), wantName: "TooManyRequestsException", again: true},
		{name: "a failure of the service is not tried again", h: refuse(500, "ServiceException"), wantName: "ServiceException"},
		{
			name: "a name in the body", wantName: "InvalidRequestContentException",
			h: func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"__type":"com.amazonaws.lambda#InvalidRequestContentException"}`)
			},
		},
		{
			name: "no name", wantName: "UnknownError",
			h: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		},
		{name: "a name that is none is not passed on", h: refuse(400, "<script>"), wantName: "ServiceException"},
		{
			name: "5 MB", wantErr: ErrTooLarge,
			h: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 5_000_000)) },
		},
		{name: "a connection that breaks", again: true, h: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				tt.h(w, r)
			})
			c, err := NewLambda(LambdaOptions{Endpoint: endpoint + "/", Credentials: StaticCredentials("AKIDEXAMPLE", "example", ""), Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Invoke(t.Context(), arn+":live", []byte(`{"a":1}`))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%.300s", diff)
			}
			if err != nil && tt.wantName == "AccessDeniedException" && !strings.Contains(err.Error(), `answered 403: "refused"`) {
				t.Errorf("the log learns nothing of the cause: %v", err)
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
			if n := calls.Load(); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestLambdaEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, err := NewLambda(LambdaOptions{Now: time.Now, Endpoint: serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Invoke(ctx, arn, []byte(`{}`)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestLambdaSettings(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]LambdaOptions{
		"AWS without credentials":    {},
		"an endpoint that is no URL": {Endpoint: "localhost:3001"},
	} {
		if _, err := NewLambda(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	c, err := NewLambda(LambdaOptions{Endpoint: "http://127.0.0.1:1", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Invoke(t.Context(), arn, nil)
	if e := new(Error); !errors.As(err, &e) || e.Name != "" || !e.Again {
		t.Errorf("nobody listens: got %v, want a failure to be tried again", err)
	}
}

// TestLambdaSignsAsAWSReads verifies the signature of a request, session token and all, and looks at where requests to AWS go.
func TestLambdaSignsAsAWSReads(t *testing.T) {
	t.Parallel()
	var verified error
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		copied := r.Clone(r.Context())
		copied.URL.Host = r.Host
		copied.Header = http.Header{}
		for _, name := range []string{"Content-Type", "X-Amz-Invocation-Type"} {
			copied.Header.Set(name, r.Header.Get(name))
		}
		err = errors.Join(err, v4.NewSigner().SignHTTP(r.Context(),
			aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example", SessionToken: "session"},
			copied, hex.EncodeToString(sum[:]), "lambda", "eu-west-1", at))
		if got, want := r.Header.Get("Authorization"), copied.Header.Get("Authorization"); err == nil && got != want {
			err = fmt.Errorf("got %s, want %s", got, want)
		}
		if token := r.Header.Get("X-Amz-Security-Token"); token != "session" {
			err = errors.Join(err, fmt.Errorf("the session token is %q", token))
		}
		verified = err
	})
	c, err := NewLambda(LambdaOptions{Endpoint: endpoint + "/base", Credentials: StaticCredentials("AKIDEXAMPLE", "example", "session"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Invoke(t.Context(), arn+":live", []byte(`{"a":1}`)); err != nil || verified != nil {
		t.Error(err, verified)
	}

	c, err = NewLambda(LambdaOptions{Credentials: StaticCredentials("AKIDEXAMPLE", "example", ""), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for arn, want := range map[string]string{
		"arn:aws:lambda:eu-west-1:111122223333:function:f:live":    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af/invocations?Qualifier=live",
		"arn:aws-cn:lambda:cn-north-1:111122223333:function:f":     "https://lambda.cn-north-1.amazonaws.com.cn/2015-03-31/functions/arn%3Aaws-cn%3Alambda%3Acn-north-1%3A111122223333%3Afunction%3Af/invocations",
		"arn:aws-us-gov:lambda:us-gov-west-1:1:function:name-of_f": "https://lambda.us-gov-west-1.amazonaws.com/2015-03-31/functions/arn%3Aaws-us-gov%3Alambda%3Aus-gov-west-1%3A1%3Afunction%3Aname-of_f/invocations",
	} {
		req, err := c.request(t.Context(), arn, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := req.URL.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
