package identitypools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/identity"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// errForeignToken is the answer to a login of a provider that the pool does not have.
var errForeignToken = fault.New(fault.NotAuthorized, "Token is not from a supported provider of this identity pool.")

// errAudience is the answer to a token that was made for another application.
var errAudience = fault.New(fault.NotAuthorized, "Incorrect token audience.")

// logins verifies what a caller shows to the operation; one bad token refuses all (documented).
func (s *Service) logins(ctx context.Context, p *identity.Pool, operation string, raw map[string]string) ([]identity.Login, error) {
	var all []identity.Login
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		l, err := s.login(ctx, p, key, raw[key])
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, s.useUp(ctx, p, operation, all)
}

// errReplayed is the answer to an assertion that the operation has taken before.
var errReplayed = fault.New(fault.NotAuthorized, "Invalid login token. Token has been used before.")

// useUp notes that the operation has taken the assertions among the logins. Whoever comes by one later gets nothing for it; its owner shows it to
// one operation after the other.
func (s *Service) useUp(ctx context.Context, p *identity.Pool, operation string, logins []identity.Login) error {
	if !slices.ContainsFunc(logins, func(l identity.Login) bool { return l.Once != "" }) {
		return nil
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		for _, l := range logins {
			if l.Once == "" {
				continue
			}
			sum := sha256.Sum256([]byte(operation + "\x00" + l.Provider + "\x00" + l.Once))
			first, err := tx.Consume(p.ID, "assertion "+hex.EncodeToString(sum[:]), l.Until)
			if err != nil {
				return err
			}
			if !first {
				return errReplayed
			}
		}
		return nil
	})
}

func (s *Service) login(ctx context.Context, p *identity.Pool, key, raw string) (identity.Login, error) {
	switch key {
	case identity.OwnProvider:
		return s.developer(ctx, p, raw)
	case p.Settings.Pool.DeveloperProviderName: // another provider may have the same key in a pool that is older than the rule about it
		return identity.Login{}, errForeignToken
	}
	if application, ok := p.Settings.Pool.SupportedLoginProviders[key]; ok {
		claims, err := s.Providers.Social(ctx, key, application, raw)
		return social(key, claims), err
	}
	if poolID := s.userPoolOf(key); poolID != "" {
		return s.ownUser(ctx, p, poolID, raw)
	}
	for _, arn := range p.Settings.Pool.OpenIdConnectProviderARNs {
		if _, host, _ := strings.Cut(arn, ":oidc-provider/"); host == key {
			claims, err := s.Providers.OIDC(ctx, "https://"+host, raw, nil)
			if err != nil {
				return identity.Login{}, err
			}
			subject, _ := claims["sub"].(string)
			return identity.Login{
				Kind: identity.OIDC, Provider: key, Subject: subject, RoleKey: arn, TagKeys: []string{arn, key}, AMR: []string{key, arn + ":OIDC:" + subject}, Claims: claims,
			}, nil
		}
	}
	if slices.Contains(p.Settings.Pool.SamlProviderARNs, key) {
		return s.assertion(ctx, key, raw)
	}
	return identity.Login{}, errForeignToken
}

// assertion verifies a response of a SAML provider.
func (s *Service) assertion(ctx context.Context, arn, raw string) (identity.Login, error) {
	l, err := s.Providers.SAML(ctx, arn, raw)
	if err != nil {
		return identity.Login{}, err
	}
	return identity.Login{
		Kind: identity.SAML, Provider: arn, Subject: l.Subject, RoleKey: arn, TagKeys: []string{arn}, AMR: []string{arn, arn + ":SAML:" + l.Subject}, Claims: l.Claims, Once: l.ID, Until: l.Expires,
	}, nil
}

func social(key string, claims map[string]any) identity.Login {
	subject, _ := claims["sub"].(string)
	return identity.Login{
		Kind: identity.Public, Provider: key, Subject: subject, RoleKey: key, TagKeys: []string{key},
		AMR: []string{key, key + ":" + fmt.Sprint(claims["aud"]) + ":" + subject}, Claims: claims,
	}
}

// ownHost is the host of this server's own issuers.
func (s *Service) ownHost() string {
	_, host, _ := strings.Cut(s.Tokens.PublicURL, "://")
	return host
}

// userPoolOf returns the user pool that a key of Logins names, in the spelling of AWS or of this server's own issuers; "" for none.
func (s *Service) userPoolOf(key string) string {
	host, id, ok := strings.Cut(key, "/")
	region, _, isPool := strings.Cut(id, "_")
	if !ok || !isPool {
		return ""
	}
	if host == s.ownHost() || host == "cognito-idp."+region+".amazonaws.com" {
		return id
	}
	return ""
}

// providerOf returns the name under which the logins of a key of Logins are kept: a user pool has two spellings.
func (s *Service) providerOf(key string) string {
	id := s.userPoolOf(key)
	if id == "" {
		return key
	}
	region, _, _ := strings.Cut(id, "_")
	return "cognito-idp." + region + ".amazonaws.com/" + id
}

// ownUser verifies an ID token of a user pool of this server.
func (s *Service) ownUser(ctx context.Context, p *identity.Pool, poolID, raw string) (identity.Login, error) {
	var none identity.Login
	var configured []wire.CognitoIdentityProvider
	for _, c := range p.Settings.Pool.CognitoIdentityProviders {
		if s.userPoolOf(c.ProviderName) == poolID {
			configured = append(configured, c)
		}
	}
	if len(configured) == 0 {
		return none, errForeignToken
	}
	users, err := s.Store.Pool(ctx, poolID)
	if err != nil {
		return none, errForeignToken.Because(err)
	}
	id, err := s.Tokens.VerifyID(raw, users)
	if err != nil {
		return none, err
	}
	n := slices.IndexFunc(configured, func(c wire.CognitoIdentityProvider) bool { return c.ClientId == id.ClientID })
	if n < 0 {
		return none, errAudience
	}
	if wire.Value(configured[n].ServerSideTokenCheck, false) {
		if err := s.checkAlive(ctx, users, id); err != nil {
			return none, err
		}
	}
	provider := s.providerOf(configured[n].ProviderName)
	return identity.Login{
		Kind: identity.UserPool, Provider: provider, Subject: id.Subject, RoleKey: configured[n].ProviderName + ":" + id.ClientID,
		TagKeys: []string{configured[n].ProviderName, provider, s.ownHost() + "/" + users.ID},
		AMR:     []string{provider, provider + ":CognitoSignIn:" + id.Subject}, Claims: id.Claims,
	}, nil
}

// checkAlive refuses a token whose user is gone, disabled or signed out since: what ServerSideTokenCheck asks for.
func (s *Service) checkAlive(ctx context.Context, p *pool.Pool, id *token.ID) error {
	ended := fault.New(fault.NotAuthorized, "Invalid login token. Token is not valid any more.")
	return s.Store.View(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByID(p, id.Subject)
		if fault.Is(err, fault.UserNotFound) {
			return ended
		}
		if err != nil {
			return err
		}
		revoked := false
		if id.OriginJTI != "" {
			if revoked, err = tx.OriginRevoked(p.ID, id.OriginJTI); err != nil {
				return err
			}
		}
		if revoked || !u.Enabled || id.EndedFor(u) || u.Status == user.Unconfirmed {
			return ended
		}
		return nil
	})
}

// developerOf is the login of a developer's user.
func developerOf(p *identity.Pool, subject string) identity.Login {
	provider := p.Settings.Pool.DeveloperProviderName
	return identity.Login{
		Kind: identity.Developer, Provider: provider, Subject: subject, RoleKey: provider, TagKeys: []string{provider},
		AMR: []string{provider, provider + ":" + p.ID + ":" + subject}, Claims: map[string]any{"sub": subject},
	}
}

// developer verifies an OpenID token that GetOpenIdTokenForDeveloperIdentity gave.
func (s *Service) developer(ctx context.Context, p *identity.Pool, raw string) (identity.Login, error) {
	subject, err := s.readOpenIDToken(ctx, p, raw)
	if err != nil {
		return identity.Login{}, err
	}
	return developerOf(p, subject), nil
}
