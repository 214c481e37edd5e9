package sigv4

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/internal/fault"
)

const (
	testBody   = `{"UserPoolId":"us-east-1_Abc123XyZ","Username":"maria"}`
	testID     = "AKIDEXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	mismatch   = "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	invalidToken = "The security token included in the request is invalid."
)

var testNow = time.Date(2026, 3, 14, 15, 9, 26, 535_000_000, time.UTC)

func testVerifier() *Verifier {
	return &Verifier{Regions: []string{"us-east-1"}, Now: func() time.Time { return testNow }}
}

// oneKey finds testID only.
func oneKey(key Key) Lookup {
	return func(_ context.Context, id string) (Key, bool, error) { return key, id == testID, nil }
}

// order is a request to be signed; its zero value is filled with what is right.
type order struct {
	url, body, id, secret, token, region, service string
	at                                            time.Time
	header                                        map[string]string // added before signing
	unsignedLength                                bool
}

// sign makes the request as a server receives it, signed by the SDK's own signer.
func sign(t testing.TB, o order) *http.Request {
	t.Helper()
	fill := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	fill(&o.url, "http://127.0.0.1:4310/")
	fill(&o.body, testBody)
	fill(&o.id, testID)
	fill(&o.secret, testSecret)
	fill(&o.region, "us-east-1")
	fill(&o.service, "cognito-idp")
	if o.at.IsZero() {
		o.at = testNow
	}
	r := httptest.NewRequest(http.MethodPost, o.url, strings.NewReader(o.body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminGetUser")
	for name, value := range o.header {
		r.Header[name] = []string{value}
	}
	length := r.ContentLength
	if o.unsignedLength {
		r.ContentLength = 0 // the signer signs a length that it knows
	}
	err := signer.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: o.id, SecretAccessKey: o.secret, SessionToken: o.token},
		r, hash(o.body), o.service, o.region, o.at)
	if err != nil {
		t.Fatal(err)
	}
	if o.unsignedLength == strings.Contains(r.Header.Get("Authorization"), "content-length") {
		t.Fatalf("signed the wrong headers: %s", r.Header.Get("Authorization"))
	}
	r.ContentLength = length
	return r
}

// A signature covers all values of a header, but whoever reads the request takes one of them.
func TestDoubledSignedHeadersAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"X-Amz-Target", "X-Amz-Date", "Content-Type", "X-Signed", "X-Amz-Security-Token"} {
		r := sign(t, order{header: map[string]string{"X-Signed": "a"}, token: "session"})
		r.Header.Add(name, r.Header.Get(name))
		err := testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret, SessionToken: "session"}))
		if !fault.Is(err, fault.IncompleteSignature) {
			t.Errorf("%s twice: %v", name, err)
		}
	}
	// Signed as doubled, which an honest signer does with a comma.
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:4310/", strings.NewReader(testBody))
	r.Header["X-Amz-Target"] = []string{"AWSCognitoIdentityProviderService.AdminGetUser", "AWSCognitoIdentityProviderService.AdminDeleteUser"}
	err := signer.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}, r, hash(testBody),
		"cognito-idp", "us-east-1", testNow)
	if err != nil {
		t.Fatal(err)
	}
	if err := testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret})); !fault.Is(err, fault.IncompleteSignature) {
		t.Errorf("two targets, both signed: %v", err)
	}
	r = sign(t, order{})
	r.Header["X-Forwarded-For"] = []string{"192.0.2.1", "192.0.2.2"}
	if err := testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret})); err != nil {
		t.Errorf("a doubled header that is not signed: %v", err)
	}
}

func TestVerifyAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		order order
		after func(*http.Request) // what happens between signing and verifying
		any   bool                // the verifier takes any region
		key   Key
	}{
		{name: "a plain request"},
		{name: "a request signed five minutes ago", order: order{at: testNow.Add(-5 * time.Minute)}},
		{name: "a request signed five minutes ahead", order: order{at: testNow.Add(5 * time.Minute)}},
		{name: "a header added on the way", after: func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.1") }},
		{
			name: "a user agent changed on the way", order: order{header: map[string]string{"User-Agent": "a"}},
			after: func(r *http.Request) { r.Header.Set("User-Agent", "b") },
		},
		{
			name: "a signed user agent, as the Java SDK 1 sends", order: order{header: map[string]string{"user-agent": "aws-sdk-java"}},
			after: func(r *http.Request) { r.Header = canonical(r.Header) },
		},
		{name: "a true claim about the body", order: order{header: map[string]string{"X-Amz-Content-Sha256": hash(testBody)}}},
		{name: "an unsigned content length", order: order{unsignedLength: true}},
		{name: "a header with inner spaces", order: order{header: map[string]string{"X-Spaces": "a   b  c "}}},
		{name: "an empty header", order: order{header: map[string]string{"X-Empty": ""}}},
		{name: "a query", order: order{url: "http://127.0.0.1:4310/?b=2&a=1%2F2"}},
		{name: "a path", order: order{url: "http://127.0.0.1:4310/a%20b/c"}},
		{name: "a doubled slash", order: order{url: "http://127.0.0.1:4310//"}},
		{
			name: "a doubled slash that was signed as one", order: order{url: "http://127.0.0.1:4310/"},
			after: func(r *http.Request) { r.URL = &url.URL{Path: "//"} },
		},
		{name: "a host without port", order: order{url: "http://auth.example.org/"}},
		{name: "any region, when none is configured", order: order{region: "eu-central-1"}, any: true},
		{
			name: "temporary credentials", order: order{token: "session"},
			key: Key{Secret: testSecret, SessionToken: "session", Expires: testNow.Add(time.Second)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := sign(t, tt.order)
			if tt.after != nil {
				tt.after(r)
			}
			v := testVerifier()
			if tt.any {
				v.Regions = nil
			}
			key := tt.key
			if key.Secret == "" {
				key.Secret = testSecret
			}
			if err := v.Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(key)); err != nil {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	alter := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	rewrite := func(old, with string) func(*http.Request) {
		return func(r *http.Request) {
			h := r.Header.Get("Authorization")
			if !strings.Contains(h, old) {
				panic("nothing to rewrite in " + h)
			}
			r.Header.Set("Authorization", strings.Replace(h, old, with, 1))
		}
	}
	tests := []struct {
		name  string
		order order
		after func(*http.Request)
		key   Key
		body  string
		code  fault.Code
		text  string
	}{
		{
			name: "no header", after: func(r *http.Request) { r.Header.Del("Authorization") },
			code: fault.MissingAuthenticationToken, text: "Missing Authentication Token",
		},
		{
			name: "an empty header", after: alter("Authorization", " "),
			code: fault.MissingAuthenticationToken, text: "Missing Authentication Token",
		},
		{
			name: "two headers", after: func(r *http.Request) { r.Header.Add("Authorization", "x") },
			code: fault.IncompleteSignature, text: "Request has more than one Authorization header.",
		},
		{
			name: "a huge header", after: alter("Authorization", "AWS4-HMAC-SHA256 "+strings.Repeat("a=b,", 5000)),
			code: fault.IncompleteSignature, text: "Authorization header is too long.",
		},
		{
			name: "a bearer token", after: alter("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
			code: fault.IncompleteSignature, text: "Authorization header requires 'Credential' parameter. " +
				"Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
		},
		{name: "a bearer token and no date", after: func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer x")
			r.Header.Del("X-Amz-Date")
		}, code: fault.IncompleteSignature, text: "Authorization header requires 'Credential' parameter. " +
			"Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. " +
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."},
		{
			name: "another algorithm", after: rewrite("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
			code: fault.IncompleteSignature, text: "Unsupported AWS 'algorithm': use 'AWS4-HMAC-SHA256'.",
		},
		{
			name: "no signature", after: rewrite("Signature=", "Sig="),
			code: fault.IncompleteSignature, text: "Authorization header requires 'Signature' parameter.",
		},
		{
			name: "a parameter without a value", after: rewrite("Signature=", "Signature,x="),
			code: fault.IncompleteSignature, text: "Invalid key=value pair (missing equal-sign) in Authorization header.",
		},
		{
			name: "a parameter twice", after: rewrite("Signature=", "Signature=x,Signature="),
			code: fault.IncompleteSignature, text: "Authorization header has a parameter more than once.",
		},
		{
			name: "a short credential", after: rewrite("/aws4_request", ""), code: fault.IncompleteSignature,
			text: "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
		},
		{
			name: "a date for people", after: alter("X-Amz-Date", "Sat, 14 Mar 2026 15:09:26 GMT"), code: fault.IncompleteSignature,
			text: "Date must be in ISO-8601 'basic format', for example 20060102T150405Z.",
		},
		{
			name: "a date with a fraction", after: alter("X-Amz-Date", "20260314T150926.5Z"), code: fault.IncompleteSignature,
			text: "Date must be in ISO-8601 'basic format', for example 20060102T150405Z.",
		},
		{
			name: "another region", order: order{region: "eu-west-1"}, code: fault.InvalidSignature,
			text: "Credential should be scoped to a valid region, not 'eu-west-1'.",
		},
		{
			name: "another service", order: order{service: "s3"}, code: fault.InvalidSignature,
			text: "Credential should be scoped to correct service: 'cognito-idp'.",
		},
		{
			name: "another terminator", after: rewrite("aws4_request", "aws5_request"), code: fault.InvalidSignature,
			text: "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
		},
		{
			name: "a scope of another day", after: rewrite("20260314", "20260315"), code: fault.InvalidSignature,
			text: "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
				"'20260315' != '20260314', from '20260314T150926Z'.",
		},
		{
			name: "another region and service", order: order{region: "eu-west-1", service: "s3"}, code: fault.InvalidSignature,
			text: "Credential should be scoped to a valid region, not 'eu-west-1'. Credential should be scoped to correct service: 'cognito-idp'.",
		},
		{
			name: "an old signature", order: order{at: testNow.Add(-5*time.Minute - time.Second)}, code: fault.InvalidSignature,
			text: "Signature expired: 20260314T150425Z is now earlier than 20260314T150426Z (20260314T150926Z - 5 min.)",
		},
		{
			name: "a signature from the future", order: order{at: testNow.Add(5*time.Minute + time.Second)}, code: fault.InvalidSignature,
			text: "Signature not yet current: 20260314T151427Z is still later than 20260314T151426Z (20260314T150926Z + 5 min.)",
		},
		{
			name: "an unsigned host", after: rewrite("host;", ""), code: fault.InvalidSignature,
			text: "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		},
		{
			name: "an unsigned date", after: rewrite("x-amz-date;", ""), code: fault.InvalidSignature,
			text: "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.",
		},
		{
			name: "an unsigned target", after: rewrite(";x-amz-target", ""), code: fault.InvalidSignature,
			text: "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
		},
		{
			name: "a presigned request", after: func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=abc" }, code: fault.IncompleteSignature,
			text: "Query-string authentication is not supported. Send the signature in the Authorization header.",
		},
		{
			name: "an unsigned payload", order: order{header: map[string]string{"X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD"}},
			code: fault.InvalidSignature, text: "The provided 'x-amz-content-sha256' header does not match what was computed.",
		},
		{
			name: "a false claim about the body", order: order{header: map[string]string{"X-Amz-Content-Sha256": hash("other")}},
			code: fault.InvalidSignature, text: "The provided 'x-amz-content-sha256' header does not match what was computed.",
		},
		{name: "an unknown key", order: order{id: "AKIDNOBODY"}, code: fault.UnrecognizedClient, text: invalidToken},
		{name: "a key id with strange characters", order: order{id: "AKID\xff\x01"}, code: fault.UnrecognizedClient, text: invalidToken},
		{name: "an empty key id", after: rewrite(testID, ""), code: fault.UnrecognizedClient, text: invalidToken},
		{name: "a long key id", order: order{id: strings.Repeat("A", 129)}, code: fault.UnrecognizedClient, text: invalidToken},
		{name: "a session token for a lasting key", order: order{token: "session"}, code: fault.UnrecognizedClient, text: invalidToken},
		{
			name: "another session token", order: order{token: "sessioN"}, key: Key{Secret: testSecret, SessionToken: "session"},
			code: fault.UnrecognizedClient, text: invalidToken,
		},
		{
			name: "temporary credentials without their token", key: Key{Secret: testSecret, SessionToken: "session"},
			code: fault.UnrecognizedClient, text: invalidToken,
		},
		{
			name: "temporary credentials that ended", order: order{token: "session"},
			key:  Key{Secret: testSecret, SessionToken: "session", Expires: testNow},
			code: fault.ExpiredToken, text: "The security token included in the request is expired",
		},
		{name: "a wrong secret", order: order{secret: "wrong"}, code: fault.InvalidSignature, text: mismatch},
		{
			name: "the secret of nobody for an unknown key", code: fault.UnrecognizedClient, text: invalidToken,
			order: order{id: "AKIDNOBODY", secret: "an access key that does not exist has this secret"},
		},
		{name: "a changed body", body: strings.Replace(testBody, "maria", "mario", 1), code: fault.InvalidSignature, text: mismatch},
		{
			name: "a changed target", after: alter("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminDeleteUser"),
			code: fault.InvalidSignature, text: mismatch,
		},
		{name: "a changed date", after: alter("X-Amz-Date", "20260314T150927Z"), code: fault.InvalidSignature, text: mismatch},
		{name: "a changed host", after: func(r *http.Request) { r.Host = "example.org" }, code: fault.InvalidSignature, text: mismatch},
		{name: "a changed method", after: func(r *http.Request) { r.Method = http.MethodPut }, code: fault.InvalidSignature, text: mismatch},
		{name: "a changed path", after: func(r *http.Request) { r.URL.Path = "/x" }, code: fault.InvalidSignature, text: mismatch},
		{name: "an added query", after: func(r *http.Request) { r.URL.RawQuery = "a=b" }, code: fault.InvalidSignature, text: mismatch},
		{
			name: "a second value of a signed header", after: func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") },
			code: fault.IncompleteSignature, text: "Request has a signed header more than once.",
		},
		{name: "a header left out of the list", after: rewrite("content-type;", ""), code: fault.InvalidSignature, text: mismatch},
		{
			name: "a header in the list that is not there", after: rewrite("host;", "host;x-absent;"),
			code: fault.InvalidSignature, text: mismatch,
		},
		{
			name: "a list of headers out of order", after: rewrite("content-length;content-type;", "content-type;content-length;"),
			code: fault.InvalidSignature, text: mismatch,
		},
		{name: "a signature in capitals", after: func(r *http.Request) {
			head, sig, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
			r.Header.Set("Authorization", head+"Signature="+strings.ToUpper(sig))
		}, code: fault.InvalidSignature, text: mismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := sign(t, tt.order)
			if tt.after != nil {
				tt.after(r)
			}
			key, body := tt.key, tt.body
			if key.Secret == "" {
				key.Secret = testSecret
			}
			if body == "" {
				body = testBody
			}
			err := testVerifier().Verify(t.Context(), r, []byte(body), "cognito-idp", oneKey(key))
			var f *fault.Error
			if !errors.As(err, &f) || f.Code != tt.code || f.Message != tt.text {
				t.Errorf("Verify:\n got %v\nwant %s: %s", err, tt.code, tt.text)
			}
		})
	}
}

func TestVerifyDoesNotTakeAKeyWithoutSecret(t *testing.T) {
	t.Parallel()
	// The signer of a client whose secret is empty makes a valid signature all the same.
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(testBody))
	err := signer.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: testID}, r, hash(testBody), "cognito-idp", "us-east-1", testNow)
	if err != nil {
		t.Fatal(err)
	}
	err = testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{}))
	if !fault.Is(err, fault.UnrecognizedClient) {
		t.Errorf("Verify = %v, want %s", err, fault.UnrecognizedClient)
	}
}

func TestVerifyHonoursAReplacedSecret(t *testing.T) {
	t.Parallel()
	v := testVerifier()
	r := sign(t, order{})
	if err := v.Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret})); err != nil {
		t.Fatal(err)
	}
	err := v.Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: "new"}))
	if !fault.Is(err, fault.InvalidSignature) {
		t.Errorf("after the secret was replaced: %v, want %s", err, fault.InvalidSignature)
	}
}

func TestVerifyPassesOnAFailedLookup(t *testing.T) {
	t.Parallel()
	broken := errors.New("store is closed")
	err := testVerifier().Verify(t.Context(), sign(t, order{}), []byte(testBody), "cognito-idp",
		func(context.Context, string) (Key, bool, error) { return Key{}, false, broken })
	if !errors.Is(err, broken) || fault.CodeOf(err) != "" {
		t.Errorf("Verify = %v, want the lookup's own error and no fault", err)
	}
}

func TestVerifyLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	r := sign(t, order{url: "http://127.0.0.1:4310/?b=2&a=1"})
	before := r.Clone(t.Context())
	if err := testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret})); err != nil {
		t.Fatal(err)
	}
	var got, want bytes.Buffer
	_ = r.Header.Write(&got)
	_ = before.Header.Write(&want)
	if got.String() != want.String() || r.URL.String() != before.URL.String() || r.Host != before.Host {
		t.Errorf("request changed:\n got %s %s\nwant %s %s", r.URL, got.String(), before.URL, want.String())
	}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// canonical spells header names as a server receives them.
func canonical(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		for _, v := range values {
			out.Add(name, v)
		}
	}
	return out
}

func BenchmarkVerify(b *testing.B) {
	r, v, key := sign(b, order{}), testVerifier(), oneKey(Key{Secret: testSecret})
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(b.Context(), r, []byte(testBody), "cognito-idp", key); err != nil {
			b.Fatal(err)
		}
	}
}
