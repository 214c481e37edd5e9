package client

import (
	"context"
	"errors"
	"net/http"
	"os"
	"regexp"
	"time"
)

// Config says which pool and app client to use, and where sessions are kept. PoolID and ClientID are required.
type Config struct {
	hide
	PoolID       string // such as "us-east-1_Abc123XyZ"; the region is read from it
	ClientID     string
	ClientSecret string // of an app client that has one; requests then carry the secret hash

	// Endpoint is the URL of the service; "" stands for the environment's AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER or AWS_ENDPOINT_URL,
	// and without these for Amazon's endpoint in the region.
	Endpoint string

	// Storage keeps sessions and device secrets; nil stands for NewMemoryStorage().
	Storage Storage

	// HTTPClient sends requests; nil stands for one that gives up after 30 seconds and follows no redirects. So does a client without a
	// Timeout or a CheckRedirect of its own.
	HTTPClient *http.Client

	// UserContext tells threat protection about the caller's browser or device. It may be nil.
	UserContext func(username string) UserContext

	// DeviceName is what this device is called where devices are remembered; "" stands for the name of the program's host.
	DeviceName string

	// OnRefresh, if not nil, is called after each refresh with the new session, or with the error.
	OnRefresh func(ctx context.Context, user *User, session *Session, err error)

	// Now tells the time; nil stands for time.Now.
	Now func() time.Time
}

// UserContext is what threat protection may know about a sign-in. Empty fields are not sent.
type UserContext struct {
	EncodedData string // the fingerprint that Amazon's script collects
	IPAddress   string // for the app client's setting that accepts it
}

var (
	// ErrConfig is what NewPool's errors wrap.
	ErrConfig = errors.New("invalid configuration")

	poolIDs = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)
)

const maxPoolID = 55

// endpoint is where the configuration or the environment says that the service is; "" means Amazon's own.
func (c *Config) endpoint() string {
	for _, url := range []string{c.Endpoint, os.Getenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"), os.Getenv("AWS_ENDPOINT_URL")} {
		if url != "" {
			return url
		}
	}
	return ""
}

// deviceName is what ConfirmDevice calls this device.
func (c *Config) deviceName() string {
	if c.DeviceName != "" {
		return c.DeviceName
	}
	if host, err := os.Hostname(); err == nil && host != "" {
		return host
	}
	return "Go"
}
