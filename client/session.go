package client

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Session is what a finished sign-in gives. It prints as "[hidden]".
type Session struct {
	hide
	IDToken      Token
	AccessToken  Token
	RefreshToken string        `json:"-"` // opaque; "" when the session cannot be refreshed
	ClockDrift   time.Duration // how far this machine's clock is ahead of the service's
}

// NewSession makes a session of tokens that came another way, for example from the token endpoint of a managed login page. The refresh token
// may be "".
func NewSession(idToken, accessToken, refreshToken string, now time.Time) (*Session, error) {
	id, err := ParseToken(idToken)
	if err != nil {
		return nil, fmt.Errorf("ID token: %w", err)
	}
	access, err := ParseToken(accessToken)
	if err != nil {
		return nil, fmt.Errorf("access token: %w", err)
	}
	s := &Session{IDToken: id, AccessToken: access, RefreshToken: refreshToken}
	issued := access.IssuedAt()
	if id.IssuedAt().Before(issued) {
		issued = id.IssuedAt()
	}
	if !issued.IsZero() {
		s.ClockDrift = now.Truncate(time.Second).Sub(issued)
	}
	return s, nil
}

// Expires returns when the first of the two tokens expires, by this machine's clock.
func (s *Session) Expires() time.Time {
	expires := s.AccessToken.Expires()
	if s.IDToken.Expires().Before(expires) {
		expires = s.IDToken.Expires()
	}
	return expires.Add(s.ClockDrift)
}

// Valid reports whether neither token has expired.
func (s *Session) Valid() bool { return s.ValidAt(time.Now()) }

// ValidAt is Valid at another time.
func (s *Session) ValidAt(now time.Time) bool { return now.Before(s.Expires()) }

// Logins returns what identity pools take as Logins: the ID token under the name of the pool as a provider.
func (s *Session) Logins(p *Pool) map[string]string {
	provider := strings.TrimPrefix(s.IDToken.claim("iss"), "https://")
	if _, path, found := strings.Cut(provider, "/"); !found || path != p.ID() || !strings.HasPrefix(provider, "cognito-idp.") {
		provider = "cognito-idp." + p.Region() + ".amazonaws.com/" + p.ID()
	}
	return map[string]string{provider: s.IDToken.JWT()}
}

// newSession makes a session of what the service answered; refreshToken stands in when it sent no new one.
func newSession(r *types.AuthenticationResultType, refreshToken string, now time.Time) (*Session, error) {
	if r.RefreshToken != nil {
		refreshToken = *r.RefreshToken
	}
	s, err := NewSession(aws.ToString(r.IdToken), aws.ToString(r.AccessToken), refreshToken, now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return s, nil
}

// The keys of a session, behind the prefix of its user.
const (
	keyIDToken      = "idToken"
	keyAccessToken  = "accessToken"
	keyRefreshToken = "refreshToken"
	keyClockDrift   = "clockDrift"
	keyUserData     = "userData"
)

// items is a session as it is stored, without LastAuthUser.
func (s *Session) items(prefix string) map[string]string {
	return map[string]string{
		prefix + keyIDToken:      s.IDToken.JWT(),
		prefix + keyAccessToken:  s.AccessToken.JWT(),
		prefix + keyRefreshToken: s.RefreshToken,
		prefix + keyClockDrift:   strconv.FormatInt(int64(s.ClockDrift/time.Second), 10),
	}
}

// readSession reads what items wrote. It is nil when nothing or only part of a session is stored, or what is no token.
func readSession(items map[string]string, prefix string) *Session {
	id, err := ParseToken(items[prefix+keyIDToken])
	if err != nil {
		return nil
	}
	access, err := ParseToken(items[prefix+keyAccessToken])
	if err != nil {
		return nil
	}
	s := &Session{IDToken: id, AccessToken: access, RefreshToken: items[prefix+keyRefreshToken]}
	if drift, err := strconv.ParseInt(items[prefix+keyClockDrift], 10, 32); err == nil {
		s.ClockDrift = time.Duration(drift) * time.Second
	}
	return s
}
