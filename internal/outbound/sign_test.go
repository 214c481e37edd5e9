package outbound_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/outbound"
)

// S3 alone wants the digest of the body in a header.
func TestWhatIsSigned(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "session"}, nil
	})
	for _, service := range []string{"s3", "kms"} {
		body := []byte("{}")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://example.com/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := outbound.NewSigner(credentials, func() time.Time { return at }).Sign(t.Context(), r, body, service, "eu-west-1"); err != nil {
			t.Fatal(err)
		}
		signed := r.Header.Get("Authorization")
		if !strings.HasPrefix(signed, "AWS4-HMAC-SHA256 Credential=AKID/20260314/eu-west-1/"+service+"/aws4_request, ") {
			t.Errorf("%s: %s", service, signed)
		}
		if got := r.Header.Get("X-Amz-Content-Sha256") != ""; got != (service == "s3") || r.Header.Get("X-Amz-Security-Token") != "session" {
			t.Errorf("%s: %v", service, r.Header)
		}
	}
	none := errors.New("none")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	broken := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, none })
	if err := outbound.NewSigner(broken, time.Now).Sign(t.Context(), r, nil, "kms", "eu-west-1"); !errors.Is(err, none) {
		t.Errorf("without credentials: %v", err)
	}
}

func TestExceptionsAreNamedWithoutNamespaceAndAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"AccessDeniedException": "AccessDeniedException",
		"ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.coral.service/": "ResourceNotFoundException",
		"com.amazonaws.kms#NotFoundException":                                                  "NotFoundException",
		"com.amazonaws.kms#NotFoundException:https://example.com/#fragment":                    "NotFoundException",
		"": "",
	} {
		if got := outbound.Exception(text); got != want {
			t.Errorf("%q names %q, want %q", text, got, want)
		}
	}
}
