package client

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Token is an ID or access token. Its claims are decoded but not verified: the program got them from the service itself. Whoever receives
// tokens from others verifies them (package verify). It prints as "[hidden]".
type Token struct {
	hide
	jwt    string
	claims json.RawMessage
	times  tokenTimes
}

type tokenTimes struct {
	Expires  float64 `json:"exp"`
	IssuedAt float64 `json:"iat"`
}

var errToken = errors.New("not a JSON web token")

// ParseToken decodes a JWT. It does not verify the signature.
func ParseToken(jwt string) (Token, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return Token{}, errToken
	}
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Token{}, errToken
	}
	t := Token{jwt: jwt, claims: claims}
	if err := json.Unmarshal(claims, &t.times); err != nil || !bytes.HasPrefix(bytes.TrimSpace(claims), []byte("{")) {
		return Token{}, errToken
	}
	return t, nil
}

// JWT returns the token as it travels.
func (t Token) JWT() string { return t.jwt }

// Expires returns the claim exp; the zero time stands for none.
func (t Token) Expires() time.Time { return epoch(t.times.Expires) }

// IssuedAt returns the claim iat; the zero time stands for none.
func (t Token) IssuedAt() time.Time { return epoch(t.times.IssuedAt) }

func epoch(seconds float64) time.Time {
	if seconds <= 0 || seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0)
}

// Claims returns all claims, decoded from JSON as encoding/json does. Numbers are float64.
func (t Token) Claims() map[string]any {
	claims := map[string]any{}
	_ = t.Decode(&claims) // ParseToken has read them once
	return claims
}

// Decode decodes the claims into a struct with JSON tags.
func (t Token) Decode(claims any) error {
	if t.claims == nil {
		return errToken
	}
	return json.Unmarshal(t.claims, claims)
}

// claim returns a claim that is a string, or "".
func (t Token) claim(name string) string {
	s, _ := t.Claims()[name].(string)
	return s
}
