package sigv4

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/fault"
)

// TestVerifyTheSDK lets the official client call a server that only verifies.
func TestVerifyTheSDK(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, secret, token string
		want                fault.Code
	}{
		{name: "the right secret", secret: testSecret},
		{name: "a wrong secret", secret: "wrong", want: fault.InvalidSignature},
		{name: "a session token nobody gave", secret: testSecret, token: "x", want: fault.UnrecognizedClient},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var calls int
			var got error
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				v := &Verifier{Regions: []string{"us-east-1"}, Now: time.Now}
				mu.Lock()
				calls++
				got = v.Verify(t.Context(), r, body, "cognito-idp", oneKey(Key{Secret: testSecret}))
				mu.Unlock()
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				_, _ = io.WriteString(w, `{"UserPools":[]}`)
			}))
			defer srv.Close()
			// The slash at the end makes the client send what browsers' clients send.
			for _, endpoint := range []string{srv.URL, srv.URL + "/"} {
				client := idp.New(idp.Options{
					Region:       "us-east-1",
					BaseEndpoint: aws.String(endpoint),
					Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{AccessKeyID: testID, SecretAccessKey: tt.secret, SessionToken: tt.token}, nil
					}),
				})
				_, err := client.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: aws.Int32(10)})
				if err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				if fault.CodeOf(got) != tt.want || (got == nil) != (tt.want == "") {
					t.Errorf("%s: Verify = %v, want code %q", endpoint, got, tt.want)
				}
				mu.Unlock()
			}
			if calls != 2 {
				t.Errorf("server saw %d calls, want 2", calls)
			}
		})
	}
}
