package esdk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/cenote-id/cenote/internal/outbound"
)

// KMSOptions say which key service is asked, and as whom.
type KMSOptions struct {
	Endpoint    string                  // base URL; empty means AWS, in the region of each key's ARN
	Credentials aws.CredentialsProvider // whose account may use the operator's key
}

// KMS makes data keys with AWS KMS or a service that speaks its API.
type KMS struct {
	client *kms.Client
}

// The limits of one request. A data key and its wrapped form take less than a kilobyte.
const (
	kmsTimeout     = 5 * time.Second
	maxKMSResponse = 64 << 10
)

// NewKMS returns a key service.
func NewKMS(o KMSOptions) (*KMS, error) {
	if o.Credentials == nil {
		return nil, errors.New("using a KMS key needs credentials")
	}
	options := kms.Options{
		Credentials: o.Credentials,
		HTTPClient:  outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: kmsTimeout, MaxBody: maxKMSResponse}),
	}
	if o.Endpoint != "" {
		options.BaseEndpoint = aws.String(strings.TrimSuffix(o.Endpoint, "/"))
	}
	return &KMS{client: kms.New(options)}, nil
}

// GenerateDataKey implements KeyService. The key may be named by an alias; the data key then says which key it was.
func (k *KMS) GenerateDataKey(ctx context.Context, keyARN string, encContext map[string]string) (DataKey, error) {
	out, err := k.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId: &keyARN, EncryptionContext: encContext, KeySpec: types.DataKeySpecAes256,
	}, func(o *kms.Options) { o.Region = regionOf(keyARN) })
	if err != nil {
		return DataKey{}, fmt.Errorf("KMS: %w", err)
	}
	return DataKey{Plain: out.Plaintext, Sealed: out.CiphertextBlob, KeyARN: aws.ToString(out.KeyId)}, nil
}

// regionOf returns the region in an ARN (arn:aws:kms:region:account:key/id).
func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 && parts[3] != "" {
		return parts[3]
	}
	return "us-east-1"
}
