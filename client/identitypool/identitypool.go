// Package identitypool exchanges the session of a user for AWS credentials from a Cognito identity pool.
//
//	provider, err := identitypool.New(user, identitypool.Config{IdentityPoolID: "us-east-1:11111111-2222-4333-8444-555555555555"})
//	if err != nil {
//		return err
//	}
//	bucket := s3.New(s3.Options{Region: "us-east-1", Credentials: aws.NewCredentialsCache(provider)})
//
// The user is one of package client who is signed in; the session is refreshed when need be.
package identitypool

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity/types"

	"github.com/cenote-id/cenote/client"
	"github.com/cenote-id/cenote/client/internal/bounded"
)

// Config says which identity pool to ask. IdentityPoolID is required.
type Config struct {
	IdentityPoolID string // such as "us-east-1:11111111-2222-4333-8444-555555555555"; the region is read from it

	// Endpoint is the URL of the service; "" stands for the environment's AWS_ENDPOINT_URL_COGNITO_IDENTITY or AWS_ENDPOINT_URL, and
	// without these for Amazon's endpoint in the region.
	Endpoint string

	// RoleARN chooses one of the roles that the token of the user allows; "" leaves that to the pool.
	RoleARN string

	// HTTPClient sends requests, as that of client.Config.
	HTTPClient *http.Client
}

// ErrConfig is what New's errors wrap.
var ErrConfig = errors.New("invalid configuration")

var poolIDs = regexp.MustCompile(`^([\w-]{1,40}):[0-9a-f-]{1,60}$`)

// Provider is an aws.CredentialsProvider. It asks the service each time; aws.NewCredentialsCache keeps credentials until they expire. It is safe for
// concurrent use.
type Provider struct {
	user   *client.User
	config Config
	sdk    *cognitoidentity.Client

	mu       sync.Mutex
	identity string // "" until it is known
}

var _ aws.CredentialsProvider = (*Provider)(nil)

// New returns the provider of a user's credentials. A nil user is a guest, which the pool has to allow. It sends nothing.
func New(user *client.User, c Config) (*Provider, error) {
	id := poolIDs.FindStringSubmatch(c.IdentityPoolID)
	if id == nil {
		return nil, fmt.Errorf("%w: %q is no id of an identity pool", ErrConfig, c.IdentityPoolID)
	}
	o := cognitoidentity.Options{Region: id[1], HTTPClient: bounded.New(c.HTTPClient), Credentials: aws.AnonymousCredentials{}}
	for _, url := range []string{c.Endpoint, os.Getenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY"), os.Getenv("AWS_ENDPOINT_URL")} {
		if url != "" {
			o.BaseEndpoint = &url
			break
		}
	}
	return &Provider{user: user, config: c, sdk: cognitoidentity.New(o)}, nil
}

// logins is what the user proves to be, in the form of the service.
func (p *Provider) logins(ctx context.Context) (map[string]string, error) {
	if p.user == nil {
		return nil, nil
	}
	s, err := p.user.Session(ctx)
	if err != nil {
		return nil, err
	}
	return s.Logins(p.user.Pool()), nil
}

// IdentityID returns the id of the user in the identity pool. It is asked for once.
func (p *Provider) IdentityID(ctx context.Context) (string, error) {
	logins, err := p.logins(ctx)
	if err != nil {
		return "", err
	}
	return p.identityID(ctx, logins)
}

func (p *Provider) identityID(ctx context.Context, logins map[string]string) (string, error) {
	p.mu.Lock()
	id := p.identity
	p.mu.Unlock()
	if id != "" {
		return id, nil
	}
	out, err := p.sdk.GetId(ctx, &cognitoidentity.GetIdInput{IdentityPoolId: &p.config.IdentityPoolID, Logins: logins})
	if err != nil {
		return "", err
	}
	if aws.ToString(out.IdentityId) == "" {
		return "", fmt.Errorf("%w: GetId answers no identity", client.ErrProtocol)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.identity = *out.IdentityId
	return p.identity, nil
}

// Retrieve implements aws.CredentialsProvider. An identity that was deleted is replaced once.
func (p *Provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	logins, err := p.logins(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	c, err := p.credentials(ctx, logins)
	if _, deleted := errors.AsType[*types.ResourceNotFoundException](err); deleted {
		p.mu.Lock()
		p.identity = ""
		p.mu.Unlock()
		c, err = p.credentials(ctx, logins)
	}
	return c, err
}

func (p *Provider) credentials(ctx context.Context, logins map[string]string) (aws.Credentials, error) {
	id, err := p.identityID(ctx, logins)
	if err != nil {
		return aws.Credentials{}, err
	}
	in := &cognitoidentity.GetCredentialsForIdentityInput{IdentityId: &id, Logins: logins}
	if p.config.RoleARN != "" {
		in.CustomRoleArn = &p.config.RoleARN
	}
	out, err := p.sdk.GetCredentialsForIdentity(ctx, in)
	if err != nil {
		return aws.Credentials{}, err
	}
	c := out.Credentials
	if c == nil || aws.ToString(c.AccessKeyId) == "" || aws.ToString(c.SecretKey) == "" || c.Expiration == nil {
		return aws.Credentials{}, fmt.Errorf("%w: GetCredentialsForIdentity answers no credentials", client.ErrProtocol)
	}
	return aws.Credentials{
		AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretKey, SessionToken: aws.ToString(c.SessionToken),
		Source: "CognitoIdentityPool", CanExpire: true, Expires: *c.Expiration,
	}, nil
}
