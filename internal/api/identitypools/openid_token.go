package identitypools

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
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

// OpenIDKeys is the key with which OpenID tokens of identities are signed. It belongs to the server, is made when it is first needed, and
// outlives restarts.
type OpenIDKeys struct {
	Store *store.Store

	mu  sync.Mutex
	key *token.SharedKey
}

// Key returns the key, of which every node has the same.
func (k *OpenIDKeys) Key(ctx context.Context) (*token.SharedKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.key != nil {
		return k.key, nil
	}
	der, found, err := k.read(ctx)
	if err != nil {
		return nil, err
	}
	if !found {
		if err := k.make(ctx); err != nil && !errors.Is(err, store.ErrExists) { // another node was faster
			return nil, err
		}
		if der, _, err = k.read(ctx); err != nil {
			return nil, err
		}
	}
	private, err := x509.ParsePKCS1PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the key of identities: %w", err)
	}
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(&private.PublicKey))
	k.key = &token.SharedKey{ID: hex.EncodeToString(sum[:8]), Private: private}
	return k.key, nil
}

func (k *OpenIDKeys) read(ctx context.Context) (der []byte, found bool, err error) {
	err = k.Store.View(ctx, func(tx *store.Tx) (err error) { der, found, err = tx.Secret(store.IdentityKey); return err })
	return der, found, err
}

func (k *OpenIDKeys) make(ctx context.Context) error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der := x509.MarshalPKCS1PrivateKey(private)
	return k.Store.Update(ctx, func(tx *store.Tx) error { return tx.AddSecret(store.IdentityKey, der) })
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
	key, err := s.OpenID.Key(ctx)
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
	return key.Sign(s.Tokens.Signer, claims)
}

// readOpenIDToken verifies a token that was given to a developer's user of the pool, and returns the user's identifier.
func (s *Service) readOpenIDToken(ctx context.Context, p *identity.Pool, raw string) (string, error) {
	key, err := s.OpenID.Key(ctx)
	if err != nil {
		return "", err
	}
	c, err := key.Verify(raw, OpenIDIssuer(s.Tokens), p.ID, s.Now())
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
