// Package sts exchanges the OpenID tokens of identities for credentials of a role at a security token service: that of AWS, MinIO, Ceph, or
// whatever else answers AssumeRoleWithWebIdentity. Start with Client.
package sts

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/outbound"
)

const (
	// sessionName is what the service calls every session of an identity (observed).
	sessionName = "CognitoIdentityCredentials"
	// patience bounds one exchange with its retries; an operation has 30 seconds.
	patience = 20 * time.Second
)

// Client asks one security token service.
type Client struct{ api *awssts.Client }

// New returns a client of the service at the endpoint, which the operator named.
func New(endpoint, region string) *Client {
	return &Client{awssts.New(awssts.Options{
		Region: region, BaseEndpoint: &endpoint, Credentials: aws.AnonymousCredentials{},
		HTTPClient:       outbound.NewClient(outbound.Options{Reach: outbound.Operator, Timeout: 8 * time.Second}),
		RetryMaxAttempts: 2,
	})}
}

// AssumeRole exchanges an OpenID token for credentials of the role. A service that refuses means that the roles are set up wrong; one that
// does not answer, or answers something else, is an ExternalServiceException.
func (c *Client) AssumeRole(ctx context.Context, roleARN, token string) (identity.Credentials, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := c.api.AssumeRoleWithWebIdentity(ctx, &awssts.AssumeRoleWithWebIdentityInput{
		RoleArn: &roleARN, RoleSessionName: aws.String(sessionName), WebIdentityToken: &token,
	})
	if err != nil {
		return identity.Credentials{}, refused(err)
	}
	if out.Credentials == nil || aws.ToString(out.Credentials.AccessKeyId) == "" || aws.ToString(out.Credentials.SecretAccessKey) == "" || out.Credentials.Expiration == nil {
		return identity.Credentials{}, unavailable(errors.New("the answer holds no credentials"))
	}
	return identity.Credentials{
		AccessKeyID: *out.Credentials.AccessKeyId, SecretKey: *out.Credentials.SecretAccessKey,
		SessionToken: aws.ToString(out.Credentials.SessionToken), Expires: *out.Credentials.Expiration,
	}, nil
}

func refused(err error) error {
	var answered smithy.APIError
	if !errors.As(err, &answered) {
		return unavailable(err)
	}
	var status interface{ HTTPStatusCode() int }
	failed := errors.As(err, &status) && status.HTTPStatusCode() >= http.StatusInternalServerError
	switch {
	case failed, answered.ErrorCode() == "IDPCommunicationError", answered.ErrorCode() == "UnknownError":
		return unavailable(err)
	}
	return identity.BadConfiguration().Because(err)
}

func unavailable(err error) error {
	return fault.New(fault.ExternalService, "The security token service did not answer the request.").Because(err)
}
