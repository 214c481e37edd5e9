package token

import (
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// ID is what an ID token of ours says, after its signature has been verified.
type ID struct {
	Subject, ClientID string
	OriginJTI         string // empty when the client's tokens cannot be revoked
	IssuedAt          time.Time
	Claims            map[string]any // as wire.UnmarshalExact reads them
}

// EndedFor reports whether the user was signed out everywhere since the token was issued.
func (t *ID) EndedFor(u *user.User) bool { return signedOut(u, t.OriginJTI, t.IssuedAt) }

// VerifyID verifies an ID token of the pool, shown as a login of an identity pool. The texts are the service's there.
func (i *Issuer) VerifyID(raw string, p *pool.Pool) (*ID, error) {
	refuse := func(text string) error { return fault.New(fault.NotAuthorized, "Invalid login token. "+text) }
	jws, err := jose.ParseSignedCompact(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, refuse("Not a valid OpenId Connect identity token.")
	}
	var claims map[string]any
	var c struct {
		Subject   string `json:"sub"`
		Audience  string `json:"aud"`
		Issuer    string `json:"iss"`
		Use       string `json:"token_use"`
		OriginJTI string `json:"origin_jti"`
		IssuedAt  int64  `json:"iat"`
		Expires   int64  `json:"exp"`
	}
	payload := jws.UnsafePayloadWithoutVerification()
	if wire.UnmarshalExact(payload, &claims) != nil || wire.Unmarshal(payload, &c) != nil {
		return nil, refuse("Not a valid OpenId Connect identity token.")
	}
	now := i.Now()
	switch {
	case c.Audience == "" || c.Use != "id":
		return nil, refuse("Missing a required claim: aud")
	case c.Issuer != i.URL(p):
		return nil, refuse("Issuer doesn't match providerName")
	}
	key := p.Keys.Verifying(jws.Signatures[0].Header.KeyID, now)
	if key == nil || key.Use != pool.SignsID {
		return nil, refuse("Couldn't verify signed token.")
	}
	if _, err := jws.Verify(key.Private.Public()); err != nil {
		return nil, refuse("Couldn't verify signed token.")
	}
	if now.Unix() >= c.Expires {
		return nil, refuse(fmt.Sprintf("Token expired: %d >= %d", now.Unix(), c.Expires))
	}
	return &ID{Subject: c.Subject, ClientID: c.Audience, OriginJTI: c.OriginJTI, IssuedAt: time.Unix(c.IssuedAt, 0), Claims: claims}, nil
}
