package verify

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// maxToken is the longest token that is looked at. Cognito's are at most about 10 kB.
const maxToken = 64 << 10

// Verifier checks tokens of the issuers it trusts. It is safe for concurrent use and is to be kept: the keys are in it.
type Verifier struct {
	issuers map[string]*issuer
}

// issuer is a value of iss that is trusted.
type issuer struct {
	config *Config
	keys   *keySet
	now    func() time.Time
}

// New returns a verifier that trusts the issuers of the configurations. It fetches nothing. The error wraps ErrConfig or ErrKeys.
func New(configs ...Config) (*Verifier, error) {
	v := &Verifier{issuers: make(map[string]*issuer)}
	for i := range configs {
		c := configs[i]
		issuers, err := c.issuers()
		if err != nil {
			return nil, err
		}
		now, client := c.Now, c.HTTPClient
		if now == nil {
			now = time.Now
		}
		if client == nil {
			client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		}
		for name, address := range issuers {
			if v.issuers[name] != nil {
				return nil, fmt.Errorf("%w: the issuer %s is there twice", ErrConfig, name)
			}
			s := &keySet{url: address, http: client, now: now}
			if c.Keys != nil {
				if s.keys, err = parseKeys(c.Keys); err != nil {
					return nil, err
				}
			}
			v.issuers[name] = &issuer{config: &c, keys: s, now: now}
		}
	}
	if len(v.issuers) == 0 {
		return nil, fmt.Errorf("%w: no issuer is trusted", ErrConfig)
	}
	return v, nil
}

// Fetch gets the keys of all issuers now rather than with the first token, so that a program finds out early that it cannot.
func (v *Verifier) Fetch(ctx context.Context) error {
	failures := make(map[*Config]error)
	fetched := make(map[*Config]bool) // one of the issuers of a pool is enough: only pools in several regions have both
	for _, i := range v.issuers {
		if _, err := i.keys.key(ctx, ""); err == nil || errors.Is(err, ErrKey) {
			fetched[i.config] = true
		} else {
			failures[i.config] = err
		}
	}
	for c, err := range failures {
		if !fetched[c] {
			return err
		}
	}
	return nil
}

// Verify checks a token, first by the rule of its issuer's configuration, then by each of the others. The error is an ErrInvalid, an ErrKeys, or
// that of the context.
func (v *Verifier) Verify(ctx context.Context, jwt string, more ...Rule) (*Token, error) {
	if len(jwt) > maxToken {
		return nil, fmt.Errorf("%w: it is longer than %d bytes", ErrMalformed, maxToken)
	}
	signed, err := jose.ParseSignedCompact(jwt, algorithms)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", malformedOr(jwt), err)
	}
	header := signed.Signatures[0].Protected
	_, unverified, err := parseClaims(signed.UnsafePayloadWithoutVerification())
	if err != nil {
		return nil, err
	}
	i := v.issuers[unverified.Issuer]
	if i == nil {
		return nil, ErrIssuer
	}
	if header.KeyID == "" {
		return nil, fmt.Errorf("%w: there is no kid", ErrMalformed)
	}
	key, err := i.keys.key(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(algorithmsOf(&key), jose.SignatureAlgorithm(header.Algorithm)) {
		return nil, fmt.Errorf("%w: %s is not that of the key", ErrAlgorithm, header.Algorithm)
	}
	payload, err := signed.Verify(key.Key)
	if err != nil {
		return nil, ErrSignature
	}
	c, token, err := parseClaims(payload)
	if err != nil {
		return nil, err
	}
	if err := i.accept(ctx, c, token, more); err != nil {
		return nil, err
	}
	token.KeyID = header.KeyID
	return token, nil
}

// malformedOr tells a token with a foreign algorithm from one that is none.
func malformedOr(jwt string) error {
	header, rest, _ := strings.Cut(jwt, ".")
	if raw, err := base64.RawURLEncoding.DecodeString(header); err == nil && strings.Count(rest, ".") == 1 && strings.Contains(string(raw), `"alg"`) {
		return ErrAlgorithm
	}
	return ErrMalformed
}

// accept checks what an authentic token says.
func (i *issuer) accept(ctx context.Context, c *claims, t *Token, more []Rule) error {
	now, leeway := i.now(), i.config.Leeway
	if !now.Before(t.Expires.Add(leeway)) {
		return fmt.Errorf("%w at %s", ErrExpired, t.Expires.UTC().Format(time.RFC3339))
	}
	if c.notBefore != nil && *c.notBefore > float64(now.Add(leeway).Unix()) {
		return ErrNotYet
	}
	if i.config.PoolID != "" && t.Use != ID && t.Use != Access {
		return fmt.Errorf("%w: token_use is %q", ErrUse, t.Use)
	}
	if err := i.config.Rule.check(c, t); err != nil {
		return err
	}
	for _, r := range more {
		if err := r.check(c, t); err != nil {
			return err
		}
	}
	if i.config.Check != nil {
		if err := i.config.Check(ctx, t); err != nil {
			return fmt.Errorf("%w: %w", ErrCheck, err)
		}
	}
	return nil
}

func (r *Rule) check(c *claims, t *Token) error {
	if r.Use != "" && t.Use != r.Use {
		return fmt.Errorf("%w: %q instead of %q", ErrUse, t.Use, r.Use)
	}
	if len(r.ClientIDs) > 0 {
		names := t.Audience
		if t.Use == Access && c.clientID != "" {
			names = []string{c.clientID} // an access token may have the audience of a resource server
		}
		if !shares(names, r.ClientIDs) {
			return fmt.Errorf("%w: %q", ErrClient, names)
		}
	}
	if len(r.Scopes) > 0 && !shares(t.Scopes, r.Scopes) {
		return fmt.Errorf("%w: none of %q", ErrScope, r.Scopes)
	}
	if len(r.Groups) > 0 && !shares(t.Groups, r.Groups) {
		return fmt.Errorf("%w: none of %q", ErrGroup, r.Groups)
	}
	return nil
}

func shares(has, want []string) bool {
	return slices.ContainsFunc(has, func(s string) bool { return slices.Contains(want, s) })
}
