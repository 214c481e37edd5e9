package esdk

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/cenote-id/cenote/internal/outbound"
	"github.com/cenote-id/cenote/internal/wire"
)

// KMSOptions say which key service is asked, and as whom.
type KMSOptions struct {
	Endpoint    string                  // base URL, http or https; empty means AWS, in the region of each key's ARN
	Credentials aws.CredentialsProvider // whose account may use the operator's key
	Now         func() time.Time        // the machine's time, which requests are signed with
}

// KMS makes data keys with AWS KMS or a service that speaks its API. It is one request, so it is written out here: the SDK's client of all of
// KMS takes memory in every server for a setting that few have.
type KMS struct {
	endpoint *url.URL // nil: AWS
	signer   *outbound.Signer
	client   *http.Client
}

// The limits of one request. A data key and its wrapped form take less than a kilobyte.
const (
	kmsTimeout     = 5 * time.Second
	maxKMSResponse = 64 << 10
	kmsAttempts    = 3
	kmsPause       = 100 * time.Millisecond // after the first attempt, and twice as long after the second
)

// NewKMS returns a key service.
func NewKMS(o KMSOptions) (*KMS, error) {
	if o.Credentials == nil {
		return nil, errors.New("using a KMS key needs credentials")
	}
	k := &KMS{
		signer: outbound.NewSigner(o.Credentials, o.Now),
		client: outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: kmsTimeout, MaxBody: maxKMSResponse}),
	}
	if o.Endpoint != "" {
		u, err := url.Parse(strings.TrimSuffix(o.Endpoint, "/") + "/")
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, errors.New("the KMS endpoint is not an http or https URL")
		}
		k.endpoint = u
	}
	return k, nil
}

// GenerateDataKey implements KeyService. The key may be named by an alias; the data key then says which key it was.
func (k *KMS) GenerateDataKey(ctx context.Context, keyARN string, encContext map[string]string) (DataKey, error) {
	body, err := wire.Encode(struct {
		KeyID             string            `json:"KeyId"`
		KeySpec           string            `json:"KeySpec"`
		EncryptionContext map[string]string `json:",omitzero"`
	}{keyARN, "AES_256", encContext})
	if err != nil {
		return DataKey{}, err
	}
	var answer []byte
	pause := kmsPause
	for attempt := 1; ; attempt++ {
		var again bool
		if answer, again, err = k.post(ctx, keyARN, body); err == nil {
			break
		}
		if !again || attempt == kmsAttempts {
			return DataKey{}, fmt.Errorf("KMS: %w", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return DataKey{}, fmt.Errorf("KMS: %w", err)
		}
		pause *= 2
	}
	var out struct {
		KeyID          string `json:"KeyId"`
		Plaintext      []byte
		CiphertextBlob []byte
	}
	if err := wire.Unmarshal(answer, &out); err != nil || len(out.Plaintext) == 0 || len(out.CiphertextBlob) == 0 {
		return DataKey{}, errors.New("KMS: the answer holds no data key")
	}
	return DataKey{Plain: out.Plaintext, Sealed: out.CiphertextBlob, KeyARN: out.KeyID}, nil
}

// post sends one signed request. It reports whether a refusal may be over soon.
func (k *KMS) post(ctx context.Context, keyARN string, body []byte) (answer []byte, again bool, err error) {
	region, to := regionOf(keyARN), k.endpoint
	if to == nil {
		to = outbound.AWS("kms", region, keyARN)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "TrentService.GenerateDataKey")
	if err := k.signer.Sign(ctx, req, body, "kms", region); err != nil {
		return nil, false, err
	}
	res, err := k.client.Do(req)
	if err != nil {
		return nil, true, outbound.Cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	if answer, err = io.ReadAll(res.Body); err != nil {
		return nil, true, err
	}
	if res.StatusCode == http.StatusOK {
		return answer, false, nil
	}
	var said struct {
		Type    string `json:"__type"`
		Message string `json:"message,case:ignore"`
	}
	_ = wire.Unmarshal(answer, &said) // what is no JSON says nothing
	name := outbound.Exception(cmp.Or(res.Header.Get("X-Amzn-Errortype"), said.Type, "UnknownError"))
	again = res.StatusCode >= http.StatusInternalServerError || res.StatusCode == http.StatusTooManyRequests || name == "ThrottlingException"
	return nil, again, fmt.Errorf("%.100s (%d): %.300q", name, res.StatusCode, said.Message)
}

// regionOf returns the region in an ARN (arn:aws:kms:region:account:key/id).
func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 && parts[3] != "" {
		return parts[3]
	}
	return "us-east-1"
}
