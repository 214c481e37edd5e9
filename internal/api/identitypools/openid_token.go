package identitypools

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

const (
	openIDLife       = 10 * time.Minute // of a token from GetOpenIdToken (documented)
	developerSeconds = 900              // of a token for a developer's user, unless it says otherwise (documented)
	awsIssuer        = "https://cognito-identity.amazonaws.com"
)

// OpenIDKeys are the keys with which OpenID tokens of identities are signed. They belong to the server, the first one is made when it is first
// needed, and they outlive restarts.
type OpenIDKeys struct {
	Store *store.Store
	Now   func() time.Time
}

// Keys returns the keys, of which every node has the same.
func (k *OpenIDKeys) Keys(ctx context.Context) (token.IdentityKeys, error) {
	ring, err := k.Store.IdentityKeys(ctx)
	if err == nil && len(ring) == 0 {
		err = k.make(ctx)
		if err == nil || errors.Is(err, store.ErrExists) { // another node was faster
			ring, err = k.Store.IdentityKeys(ctx)
		}
	}
	return token.IdentityKeys(ring), err
}

func (k *OpenIDKeys) make(ctx context.Context) error {
	first, err := token.NewIdentityKey(k.Now())
	if err != nil {
		return err
	}
	return k.Store.Update(ctx, func(tx *store.Tx) error { return tx.AddIdentityKey(first) })
}

// OpenIDIssuer is the issuer of OpenID tokens of identities.
func OpenIDIssuer(i *token.Issuer) string {
	if i.AWSIssuer {
		return awsIssuer
	}
	return i.PublicURL
}

// openIDToken returns a token that says who an identity is, for an STS. The tags are those of an AWS session.
func (s *Service) openIDToken(ctx context.Context, p *identity.Pool, i *identity.Identity, logins []identity.Login, tags map[string]string, life time.Duration) (string, error) {
	keys, err := s.OpenID.Keys(ctx)
	if err != nil {
		return "", err
	}
	now := s.Now()
	amr := []string{"unauthenticated"}
	if len(logins) > 0 {
		amr = []string{"authenticated"}
		for _, l := range logins {
			amr = append(amr, l.AMR...)
		}
	}
	claims := map[string]any{
		"iss": OpenIDIssuer(s.Tokens), "aud": p.ID, "sub": i.ID, "amr": amr, "iat": now.Unix(), "exp": now.Add(life).Unix(),
		"https://cognito-identity.amazonaws.com/identity-pool-arn": p.ARN(),
	}
	if len(tags) > 0 {
		lists := make(map[string][]string, len(tags))
		for name, value := range tags {
			lists[name] = []string{value}
		}
		claims["https://aws.amazon.com/tags"] = map[string]any{"principal_tags": lists}
	}
	return keys.Sign(s.Tokens.Signer, claims, now)
}

// readOpenIDToken verifies a token that was given to a developer's user of the pool, and returns the user's identifier.
func (s *Service) readOpenIDToken(ctx context.Context, p *identity.Pool, raw string) (string, error) {
	keys, err := s.OpenID.Keys(ctx)
	if err != nil {
		return "", err
	}
	c, err := keys.Verify(raw, OpenIDIssuer(s.Tokens), p.ID, s.Now())
	if err != nil {
		return "", err
	}
	prefix := p.Settings.Pool.DeveloperProviderName + ":" + p.ID + ":"
	for _, method := range c {
		if subject, ok := strings.CutPrefix(method, prefix); ok {
			return subject, nil
		}
	}
	return "", fault.New(fault.NotAuthorized, "Invalid login token. Not a Cognito token.")
}
