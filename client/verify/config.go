package verify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Use is what a token of a user pool is for: its claim token_use.
type Use string

// The uses.
const (
	ID     Use = "id"
	Access Use = "access"
)

// Rule is what a token has to fulfil besides being authentic and in time. An empty list demands nothing.
type Rule struct {
	Use       Use      // "" for either, and for issuers that are no user pools
	ClientIDs []string // one of them is the app client: client_id of an access token, else among aud
	Scopes    []string // one of them is in scope
	Groups    []string // one of them is in cognito:groups
}

// Config is one issuer that a Verifier trusts. Either PoolID or Issuer is required, and either Rule.ClientIDs or AnyClient.
type Config struct {
	PoolID string // a user pool of Amazon Cognito, or, together with Issuer, of another server
	Issuer string // the claim iss; "" stands for Amazon's issuers of the pool

	// JWKSURL is where the keys are; "" stands for "/.well-known/jwks.json" below the issuer.
	JWKSURL string

	// Keys is the JSON of a key set. With it nothing is ever fetched.
	Keys []byte

	Rule      Rule
	AnyClient bool // accept the tokens of every app client of the issuer

	// Leeway is how far the clocks may be apart, at most five minutes.
	Leeway time.Duration

	// Check, if not nil, has the last word on a token that is valid otherwise.
	Check func(ctx context.Context, token *Token) error

	// HTTPClient fetches the keys; nil stands for one that follows no redirects. Verify gives up after five seconds.
	HTTPClient *http.Client

	// Now tells the time; nil stands for time.Now.
	Now func() time.Time
}

// ErrConfig is what New's errors wrap.
var ErrConfig = errors.New("invalid configuration")

const maxLeeway = 5 * time.Minute

var poolIDs = regexp.MustCompile(`^([\w-]{1,40})_[0-9A-Za-z]+$`)

// issuers returns the values of iss that a configuration allows, each with the address of its keys.
func (c *Config) issuers() (map[string]string, error) {
	switch {
	case c.PoolID == "" && c.Issuer == "":
		return nil, fmt.Errorf("%w: neither PoolID nor Issuer is set", ErrConfig)
	case len(c.Rule.ClientIDs) == 0 && !c.AnyClient:
		return nil, fmt.Errorf("%w: neither ClientIDs nor AnyClient is set", ErrConfig)
	case len(c.Rule.ClientIDs) > 0 && c.AnyClient:
		return nil, fmt.Errorf("%w: both ClientIDs and AnyClient are set", ErrConfig)
	case c.Rule.Use != "" && c.Rule.Use != ID && c.Rule.Use != Access:
		return nil, fmt.Errorf("%w: the use %q is neither ID nor Access", ErrConfig, c.Rule.Use)
	case c.Leeway < 0 || c.Leeway > maxLeeway:
		return nil, fmt.Errorf("%w: a leeway of %s is not between 0 and %s", ErrConfig, c.Leeway, maxLeeway)
	}
	pool := poolIDs.FindStringSubmatch(c.PoolID)
	if c.PoolID != "" && pool == nil {
		return nil, fmt.Errorf("%w: %q is no pool id", ErrConfig, c.PoolID)
	}
	if c.Issuer != "" {
		if pool != nil && !strings.HasSuffix(c.Issuer, "/"+c.PoolID) {
			return nil, fmt.Errorf("%w: the issuer %q is not of the pool %s", ErrConfig, c.Issuer, c.PoolID)
		}
		address, err := c.keysAddress(c.Issuer)
		return map[string]string{c.Issuer: address}, err
	}
	issuers := make(map[string]string)
	for _, host := range []string{"cognito-idp", "issuer-cognito-idp"} { // the second one of pools in several regions
		issuer := "https://" + host + "." + pool[1] + ".amazonaws.com/" + c.PoolID
		if strings.HasPrefix(pool[1], "cn-") {
			issuer = "https://" + host + "." + pool[1] + ".amazonaws.com.cn/" + c.PoolID
		}
		address, err := c.keysAddress(issuer)
		if err != nil {
			return nil, err
		}
		issuers[issuer] = address
	}
	return issuers, nil
}

func (c *Config) keysAddress(issuer string) (string, error) {
	if c.Keys != nil {
		return "", nil
	}
	address := c.JWKSURL
	if address == "" {
		address = strings.TrimSuffix(issuer, "/") + "/.well-known/jwks.json"
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return "", fmt.Errorf("%w: %q is no URL of keys", ErrConfig, address)
	}
	return address, nil
}
