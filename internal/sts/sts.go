// Package sts exchanges the OpenID tokens of identities for credentials of a role at a security token service: that of AWS, MinIO, Ceph, or
// whatever else answers AssumeRoleWithWebIdentity. Start with Client.
package sts

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/outbound"
)

const (
	// sessionName is what the service calls every session of an identity (observed).
	sessionName = "CognitoIdentityCredentials"
	// patience bounds one exchange with its retry; an operation has 30 seconds.
	patience  = 20 * time.Second
	timeout   = 8 * time.Second // of one request
	maxAnswer = 64 << 10
	attempts  = 2
	pause     = 200 * time.Millisecond // between them
)

// Client asks one security token service. It is one unsigned request, so it is written out here: the SDK's client takes memory in every server for
// a setting that few have.
type Client struct {
	url  string
	http *http.Client
}

// New returns a client of the service at the endpoint, a URL without a trailing slash, which the operator named.
func New(endpoint string) *Client {
	return &Client{
		url:  endpoint + "/",
		http: outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: timeout, MaxBody: maxAnswer}),
	}
}

// AssumeRole exchanges an OpenID token for credentials of the role. A service that refuses means that the roles are set up wrong; one that
// does not answer, or answers something else, is an ExternalServiceException.
func (c *Client) AssumeRole(ctx context.Context, roleARN, token string) (identity.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body := url.Values{ // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
		"Action": {"AssumeRoleWithWebIdentity"}, "Version": {"2011-06-15"},
		"RoleArn": {roleARN}, "RoleSessionName": {sessionName}, "WebIdentityToken": {token},
	}.Encode()
	for attempt := 1; ; attempt++ {
		answer, err := c.post(ctx, body)
		if err == nil {
			return credentials(answer)
		}
		var refused *refusal
		if errors.As(err, &refused) && !refused.temporary() {
			return identity.Credentials{}, identity.BadConfiguration().Because(err)
		}
		if attempt == attempts {
			return identity.Credentials{}, unavailable(err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return identity.Credentials{}, unavailable(err)
		}
	}
}

// post sends the request. An answer other than 200 is a *refusal.
func (c *Client) post(ctx context.Context, body string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		return nil, outbound.Cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode == http.StatusOK {
		return answer, nil
	}
	refused := &refusal{status: res.StatusCode}
	_ = xml.Unmarshal(answer, &refused.said) // what is no XML says nothing
	return nil, refused
}

// refusal is the answer of a service that gives no credentials.
type refusal struct {
	status int
	said   struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%.100s (%d): %.300q", r.said.Code, r.status, r.said.Message)
}

// temporary reports whether the fault is the service's: it fails, has too much to do, or cannot reach this server to verify the token. Nor is an
// answer without a code that of a security token service.
func (r *refusal) temporary() bool {
	switch r.said.Code {
	case "", "IDPCommunicationError", "Throttling", "ThrottlingException", "RequestLimitExceeded":
		return true
	}
	return r.status >= http.StatusInternalServerError
}

// credentials reads the answer.
func credentials(answer []byte) (identity.Credentials, error) {
	var out struct {
		Credentials struct {
			AccessKeyID     string `xml:"AccessKeyId"`
			SecretAccessKey string
			SessionToken    string
			Expiration      time.Time
		} `xml:"AssumeRoleWithWebIdentityResult>Credentials"`
	}
	if err := xml.Unmarshal(answer, &out); err != nil {
		return identity.Credentials{}, unavailable(fmt.Errorf("read the answer: %w", err))
	}
	c := out.Credentials
	if c.AccessKeyID == "" || c.SecretAccessKey == "" || c.Expiration.IsZero() {
		return identity.Credentials{}, unavailable(errors.New("the answer holds no credentials"))
	}
	return identity.Credentials{AccessKeyID: c.AccessKeyID, SecretKey: c.SecretAccessKey, SessionToken: c.SessionToken, Expires: c.Expiration}, nil
}

func unavailable(err error) error {
	return fault.New(fault.ExternalService, "The security token service did not answer the request.").Because(err)
}
