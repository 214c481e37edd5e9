package esdk

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func credentials() aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "example"}, nil
	})
}

// TestKMS makes data keys at the local keys, which TestTheOfficialClientAsksTheLocalKeys shows to speak the API.
func TestKMS(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	var scope string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope = r.Header.Get("Authorization")
		keys.ServeHTTP(w, r)
	}))
	defer srv.Close()
	service, err := NewKMS(KMSOptions{Endpoint: srv.URL + "/", Credentials: credentials(), Now: time.Now})
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

func TestTheOfficialClientAsksTheLocalKeys(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	srv := httptest.NewServer(keys)
	defer srv.Close()
	official := kms.New(kms.Options{BaseEndpoint: &srv.URL, Credentials: credentials(), Region: "eu-west-1"})
	made, err := official.GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{
		KeyId: aws.String(keyARN), KeySpec: types.DataKeySpecAes256, EncryptionContext: map[string]string{"userpool-id": "p"},
	})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := official.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, EncryptionContext: map[string]string{"userpool-id": "p"}})
	if err != nil || !bytes.Equal(opened.Plaintext, made.Plaintext) || len(made.Plaintext) != 32 || aws.ToString(opened.KeyId) != keyARN {
		t.Errorf("opened %v, %v", opened, err)
	}
}

func TestKMSIsAskedAgainAfterAFailureThatMayPass(t *testing.T) {
	t.Parallel()
	const throttled, denied = `{"__type":"ThrottlingException","message":"Rate exceeded"}`, `{"__type":"com.amazonaws.kms#AccessDeniedException","Message":"not yours"}`
	const good = `{"KeyId":"k","Plaintext":"AAAA","CiphertextBlob":"AAAA"}`
	for name, tc := range map[string]struct {
		status []int
		bodies []string
		says   string
	}{
		"throttled":          {[]int{400, 503, 200}, []string{throttled, "<html>", good}, ""},
		"throttled for ever": {[]int{400, 400, 400}, []string{throttled, throttled, throttled}, `KMS: ThrottlingException (400): "Rate exceeded"`},
		"refused":            {[]int{400}, []string{denied}, `KMS: AccessDeniedException (400): "not yours"`},
		"another answer":     {[]int{200}, []string{`{"KeyId":"k"}`}, "KMS: the answer holds no data key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("X-Amz-Target") != "TrentService.GenerateDataKey" || n == len(tc.status) {
					t.Errorf("request %d: %s", n, r.Header.Get("X-Amz-Target"))
					n--
				}
				w.WriteHeader(tc.status[n])
				_, _ = io.WriteString(w, tc.bodies[n])
				n++
			}))
			defer srv.Close()
			service, err := NewKMS(KMSOptions{Endpoint: srv.URL, Credentials: credentials(), Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = service.GenerateDataKey(t.Context(), keyARN, nil); err == nil != (tc.says == "") || err != nil && err.Error() != tc.says {
				t.Errorf("error %v, want %q", err, tc.says)
			}
			if n != len(tc.status) {
				t.Errorf("%d requests, want %d", n, len(tc.status))
			}
		})
	}
	if _, err := NewKMS(KMSOptions{Endpoint: "kms:443", Credentials: credentials()}); err == nil {
		t.Error("an endpoint that is no URL was taken")
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
