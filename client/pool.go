package client

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"golang.org/x/sync/singleflight"

	"github.com/cenote-id/cenote/client/internal/bounded"
	"github.com/cenote-id/cenote/client/srp"
)

// Pool is a user pool as seen through one of its app clients. It is safe for concurrent use.
type Pool struct {
	config     Config
	region     string
	name       string
	sdk        operations
	http       *bounded.Client
	storage    Storage
	refreshing *singleflight.Group // one refresh of a user at a time, by name
	now        func() time.Time
}

// NewPool checks a configuration. It sends nothing. The error wraps ErrConfig.
func NewPool(c Config) (*Pool, error) {
	if c.PoolID == "" || c.ClientID == "" {
		return nil, fmt.Errorf("%w: Both UserPoolId and ClientId are required.", ErrConfig) //nolint:staticcheck // the JavaScript library's text
	}
	if len(c.PoolID) > maxPoolID || !poolIDs.MatchString(c.PoolID) {
		return nil, fmt.Errorf("%w: Invalid UserPoolId format.", ErrConfig) //nolint:staticcheck // the JavaScript library's text
	}
	if address := c.endpoint(); address != "" {
		if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("%w: the endpoint %q is not an http or https URL", ErrConfig, address)
		}
	}
	region, _, _ := strings.Cut(c.PoolID, "_")
	p := &Pool{
		config: c, region: region, name: c.PoolID[strings.LastIndexByte(c.PoolID, '_')+1:],
		http: bounded.New(c.HTTPClient), storage: c.Storage, refreshing: new(singleflight.Group), now: c.Now,
	}
	if p.storage == nil {
		p.storage = NewMemoryStorage()
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.sdk = newOperations(idp.New(idp.Options{
		Region: region, HTTPClient: p.http, Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	}, func(o *idp.Options) {
		if address := c.endpoint(); address != "" {
			o.BaseEndpoint = &address
		}
	}))
	return p, nil
}

// ID returns the id of the pool, such as "us-east-1_Abc123XyZ".
func (p *Pool) ID() string { return p.config.PoolID }

// Name returns the part of the pool id behind the underscore.
func (p *Pool) Name() string { return p.name }

// Region returns the part of the pool id in front of the underscore.
func (p *Pool) Region() string { return p.region }

// ClientID returns the id of the app client.
func (p *Pool) ClientID() string { return p.config.ClientID }

// WithStorage returns the same pool over another storage, for example over the cookies of one HTTP request. Nil stands for NewMemoryStorage().
func (p *Pool) WithStorage(s Storage) *Pool {
	if s == nil {
		s = NewMemoryStorage()
	}
	copied := *p
	copied.storage, copied.refreshing = s, new(singleflight.Group)
	return &copied
}

// User returns a user by name or alias. It sends nothing; the user need not exist.
func (p *Pool) User(username string) *User {
	return &User{pool: p, state: &userState{typed: username, username: username}}
}

// CurrentUser returns the user who signed in last, going by the storage. The error is ErrNoSession when there is none.
func (p *Pool) CurrentUser(ctx context.Context) (*User, error) {
	key := p.keyPrefix() + "LastAuthUser"
	items, err := p.storage.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if items[key] == "" {
		return nil, ErrNoSession
	}
	return p.User(items[key]), nil
}

// keyPrefix starts the keys of all that is stored for the app client.
func (p *Pool) keyPrefix() string { return "CognitoIdentityServiceProvider." + p.config.ClientID + "." }

// secretHash returns the hash of a request that carries the username, or nil for a client without a secret.
func (p *Pool) secretHash(username string) *string {
	if p.config.ClientSecret == "" {
		return nil
	}
	return new(srp.SecretHash(p.config.ClientSecret, username, p.config.ClientID))
}

func (p *Pool) userContext(username string) *types.UserContextDataType {
	if p.config.UserContext == nil {
		return nil
	}
	c := p.config.UserContext(username)
	if c == (UserContext{}) {
		return nil
	}
	return &types.UserContextDataType{EncodedData: optional(c.EncodedData), IpAddress: optional(c.IPAddress)}
}

// optional returns nil for "", which stands for an absent member.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
