package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Signer signs requests to services of AWS, and to programs that speak their APIs (Signature Version 4).
type Signer struct {
	credentials aws.CredentialsProvider
	now         func() time.Time
	v4          *v4.Signer
}

// NewSigner returns what signs in the name of the credentials, at the machine's time.
func NewSigner(credentials aws.CredentialsProvider, now func() time.Time) *Signer {
	return &Signer{credentials: credentials, now: now, v4: v4.NewSigner()}
}

// Sign signs a request with the body for a service in a region. S3 takes the path as it is, and wants the digest of the body in a header.
func (s *Signer) Sign(ctx context.Context, r *http.Request, body []byte, service, region string) error {
	credentials, err := s.credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", digest)
	}
	return s.v4.SignHTTP(ctx, credentials, r, digest, service, region, s.now(), func(o *v4.SignerOptions) {
		o.DisableURIPathEscaping = service == "s3"
	})
}
