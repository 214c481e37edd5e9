package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Token is a token that was verified.
type Token struct {
	Issuer   string
	Subject  string // sub: the id of the user
	Use      Use    // "" for issuers that are no user pools
	ClientID string // client_id of an access token, else aud if it is a single one
	Username string // username of an access token, cognito:username of an ID token
	Audience []string
	Scopes   []string
	Groups   []string // cognito:groups
	Expires  time.Time
	IssuedAt time.Time
	AuthTime time.Time // when the user signed in
	KeyID    string

	claims []byte
}

// Decode decodes all claims into a struct with JSON tags, or into a map.
func (t *Token) Decode(claims any) error { return json.Unmarshal(t.claims, claims) }

// claims are those that are looked at and are not in a Token.
type claims struct {
	clientID  string
	notBefore *float64
}

// parseClaims reads what is looked at. Names are compared exactly, which the decoder of a struct would not do.
func parseClaims(payload []byte) (*claims, *Token, error) {
	all, err := object(payload)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the claims are %w", ErrMalformed, err)
	}
	var c claims
	var scope, cognitoUsername string
	var expires, issuedAt, authTime *float64
	t := &Token{claims: payload}
	for name, to := range map[string]any{
		"iss": &t.Issuer, "sub": &t.Subject, "token_use": &t.Use, "client_id": &c.clientID, "username": &t.Username, "cognito:username": &cognitoUsername,
		"scope": &scope, "cognito:groups": &t.Groups, "exp": &expires, "nbf": &c.notBefore, "iat": &issuedAt, "auth_time": &authTime,
	} {
		if raw, ok := all[name]; ok && json.Unmarshal(raw, to) != nil {
			return nil, nil, fmt.Errorf("%w: the claim %s has another type", ErrMalformed, name)
		}
	}
	if raw, ok := all["aud"]; ok {
		var one string
		if json.Unmarshal(raw, &one) == nil {
			t.Audience = []string{one}
		} else if json.Unmarshal(raw, &t.Audience) != nil {
			return nil, nil, fmt.Errorf("%w: the claim aud has another type", ErrMalformed)
		}
	}
	if expires == nil {
		return nil, nil, fmt.Errorf("%w: there is no exp", ErrMalformed)
	}
	t.Scopes, t.Expires, t.IssuedAt, t.AuthTime = strings.Fields(scope), epoch(expires), epoch(issuedAt), epoch(authTime)
	if t.Username == "" {
		t.Username = cognitoUsername
	}
	if t.ClientID = c.clientID; t.ClientID == "" && len(t.Audience) == 1 {
		t.ClientID = t.Audience[0]
	}
	return &c, t, nil
}

var (
	errNoObject = errors.New("no object")
	errTwice    = errors.New("an object with a name twice")
)

// object reads a JSON object. A name that is there twice would mean one thing here and another to a program that takes the first.
func object(text []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil, errNoObject
	}
	all := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		key, ok := name.(string)
		var value json.RawMessage
		if err != nil || !ok || d.Decode(&value) != nil {
			return nil, errNoObject
		}
		if _, there := all[key]; there {
			return nil, errTwice
		}
		all[key] = value
	}
	if _, err := d.Token(); err != nil { // the end of the object
		return nil, errNoObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return all, nil
}

// epoch reads seconds since 1970. What no clock shows is the zero time.
func epoch(seconds *float64) time.Time {
	if seconds == nil || *seconds < 1 || *seconds > 1<<40 {
		return time.Time{}
	}
	return time.Unix(int64(*seconds), 0)
}
