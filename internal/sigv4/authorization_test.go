package sigv4

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/fault"
)

// FuzzAuthorization sends anything as the two headers. Whatever is read must be refused as the client's fault, must not be
// repeated to the client as a whole, and must never pass as a signature.
func FuzzAuthorization(f *testing.F) {
	good := sign(f, order{})
	f.Add(good.Header.Get("Authorization"), good.Header.Get("X-Amz-Date"))
	f.Add("", "")
	f.Add("Bearer eyJhbGciOiJub25lIn0", "20260314T150926Z")
	f.Add("AWS4-HMAC-SHA256 Credential=a/b/c/d/e,SignedHeaders=host,Signature=0", "20260314T150926Z")
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260314/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=", "20260314T150926Z")
	f.Add("AWS4-HMAC-SHA256 =,=,,==", "9999")
	f.Fuzz(func(t *testing.T, header, date string) {
		r := sign(t, order{})
		right := r.Header.Get("Authorization")
		_, rightSignature, _ := strings.Cut(right, "Signature=")
		r.Header.Set("Authorization", header)
		r.Header.Set("X-Amz-Date", date)
		err := testVerifier().Verify(t.Context(), r, []byte(testBody), "cognito-idp", oneKey(Key{Secret: testSecret}))
		if err == nil {
			if !strings.Contains(header, rightSignature) {
				t.Fatalf("accepted %q at %q", header, date)
			}
			return
		}
		var refusal *fault.Error
		if !errors.As(err, &refusal) || refusal.Message == "" {
			t.Fatalf("not a fault with a text: %v", err)
		}
		if len(header) > 200 && strings.Contains(refusal.Message, header) {
			t.Fatalf("repeats the header: %q", refusal.Message)
		}
	})
}

func TestParseAuthorizationReadsWhatClientsWrite(t *testing.T) {
	t.Parallel()
	const credential = "Credential=AKIDEXAMPLE/20260314/us-east-1/cognito-idp/aws4_request"
	tests := []struct{ name, header string }{
		{"commas with a space", "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host;x-amz-date, Signature=abc"},
		{"commas without a space", "AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host;x-amz-date,Signature=abc"},
		{"another order", "AWS4-HMAC-SHA256 Signature=abc,SignedHeaders=host;x-amz-date," + credential},
		{"spaces around", "  AWS4-HMAC-SHA256   " + credential + " ,  SignedHeaders=host;x-amz-date , Signature=abc  "},
		{"a comma at the end", "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host;x-amz-date, Signature=abc,"},
		{"a parameter we don't know", "AWS4-HMAC-SHA256 " + credential + ", SignedHeaders=host;x-amz-date, Signature=abc, New=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a, err := parseAuthorization(http.Header{"Authorization": {tt.header}, "X-Amz-Date": {"20260314T150926Z"}})
			if err != nil {
				t.Fatal(err)
			}
			got := []string{a.keyID, a.date, a.region, a.service, a.terminator, a.signature, strings.Join(a.signedHeaders, ";"), a.time.Format(dateFormat)}
			want := []string{"AKIDEXAMPLE", "20260314", "us-east-1", "cognito-idp", "aws4_request", "abc", "host;x-amz-date", "20260314T150926Z"}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
