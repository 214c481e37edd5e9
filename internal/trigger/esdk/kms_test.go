package esdk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example"}, nil
	})
}

// TestKMS lets the official KMS client talk to the local keys, so that each shows the other to speak the API.
func TestKMS(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	var scope string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope = r.Header.Get("Authorization")
		keys.ServeHTTP(w, r)
	}))
	defer srv.Close()
	service, err := NewKMS(KMSOptions{Endpoint: srv.URL + "/", Credentials: credentials()})
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := Decrypt(t.Context(), keys, sealCode(t, service, "654321"))
	if err != nil || string(text) != "654321" {
		t.Errorf("got %q (%v), want 654321", text, err)
	}
	if !strings.Contains(scope, "/eu-west-1/kms/") {
		t.Errorf("signed as %q, want the region of the key's ARN", scope)
	}
	if _, err := Encrypt(t.Context(), service, strings.Repeat("x", 3000), nil, nil); err == nil || !strings.Contains(err.Error(), "NotFoundException") {
		t.Errorf("with an unknown key: %v, want NotFoundException", err)
	}
	if _, err := NewKMS(KMSOptions{}); err == nil {
		t.Error("a KMS without credentials was made")
	}
}

func TestLocalKMSRefuses(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	tests := []struct{ name, target, body, want string }{
		{"a wrapped key that is none", "TrentService.Decrypt", `{"CiphertextBlob":"AAAA"}`, "InvalidCiphertextException"},
		{"a body that is not JSON", "TrentService.Decrypt", `<`, "SerializationException"},
		{"an operation it does not have", "TrentService.ListKeys", `{}`, "UnknownOperationException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(tt.body))
			r.Header.Set("X-Amz-Target", tt.target)
			keys.ServeHTTP(w, r)
			if got := w.Header().Get("X-Amzn-ErrorType"); got != tt.want || w.Code != http.StatusBadRequest {
				t.Errorf("answered %d %s, want 400 %s", w.Code, got, tt.want)
			}
		})
	}
}

func TestOpenLocalKeysAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	first, err := OpenLocalKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	second, err := OpenLocalKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if text, _, err := Decrypt(t.Context(), second, sealCode(t, first, "123456")); err != nil || string(text) != "123456" {
		t.Errorf("opened again: %q (%v), want 123456", text, err)
	}
}
