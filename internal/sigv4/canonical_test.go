package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

func isVisible(c rune) bool { return '!' <= c && c <= '~' }

// FuzzCanonicalRequest has the official signer sign requests of any form: each must verify, and no longer when something in it is another.
func FuzzCanonicalRequest(f *testing.F) {
	for _, target := range []string{
		"/", "//", "/a%20b/c", "/a+b", "/ü%2F~", "/./a/../b", "/?b=2&a=1%2F2", "/?a=1&a-b=2&a=0", "/?a+b=c%20d&=&x", "/?a=%zz;b", "/x?%C3%BC=%7E*'()",
	} {
		f.Add(target, "auth.example.org:8443", "x-custom", "a value")
	}
	f.Add("/", "127.0.0.1:4310", "x-spaces", "  a   b\tc  ")
	f.Add("/", "[::1]:4310", "x-empty", "")
	f.Add("/", "localhost", "user-agent", "aws-sdk-java")
	f.Add("/", "localhost", "content-type", "application/x-amz-json-1.1; charset=ü")
	f.Fuzz(func(t *testing.T, target, host, name, value string) {
		at, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") || strings.TrimFunc(host, isVisible) != "" || name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Skip("no request of HTTP has these")
		}
		switch name {
		case "authorization", "host", "content-length", "x-amz-content-sha256", "x-amz-security-token":
			t.Skip("a header with a meaning of its own")
		}
		sent := func() *http.Request {
			u := *at
			r := &http.Request{Method: http.MethodPost, URL: &u, Host: host, Header: http.Header{name: {value}}, ContentLength: int64(len(testBody))}
			return r
		}
		r := sent()
		r.URL.Opaque = "//host" + at.EscapedPath() // as it is sent, and not as the signer would write it
		err = signer.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}, r, hash(testBody),
			"cognito-idp", "us-east-1", testNow)
		if err != nil {
			t.Skip(err)
		}
		signed := r.Header
		verify := func(r *http.Request, body string) error {
			r.Header = canonical(signed)
			return testVerifier().Verify(t.Context(), r, []byte(body), "cognito-idp", oneKey(Key{Secret: testSecret}))
		}
		if isPresigned(sent()) || len(signed["Authorization"][0]) > maxAuthorization || len(canonical(signed).Values(name)) != 1 {
			t.Skip("refused for another reason")
		}
		if err := verify(sent(), testBody); err != nil {
			t.Fatalf("%q at %q with %s: %q: %v\n%s", target, host, name, value, err, signed["Authorization"])
		}
		for what, change := range map[string]func(*http.Request){
			"method": func(r *http.Request) { r.Method = http.MethodPut },
			"host":   func(r *http.Request) { r.Host += "x" },
			"path":   func(r *http.Request) { r.URL.Path, r.URL.RawPath = r.URL.Path+"x", "" },
			"query":  func(r *http.Request) { r.URL.RawQuery += "&x=y" },
		} {
			other := sent()
			change(other)
			if verify(other, testBody) == nil {
				t.Errorf("another %s passes: %q", what, target)
			}
		}
		if verify(sent(), testBody+" ") == nil {
			t.Error("another body passes")
		}
	})
}
