package verify_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/client/verify"
)

// signedText signs a header and a payload as they are, by the key that the verifier trusts.
func signedText(t testing.TB, header, payload string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + payload
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, rsaKey(), crypto.SHA256, sum[:])
	must(t, err)
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestHeadersAreObeyedOrRefused(t *testing.T) {
	t.Parallel()
	claims, err := json.Marshal(access())
	must(t, err)
	payload := base64.RawURLEncoding.EncodeToString(claims)
	tests := map[string]struct {
		token string
		want  error // nil for acceptance
	}{
		"the usual one":                     {signedText(t, `{"alg":"RS256","kid":"one="}`, payload), nil},
		"with a type":                       {signedText(t, `{"alg":"RS256","kid":"one=","typ":"JWT"}`, payload), nil},
		"with a member nobody knows":        {signedText(t, `{"alg":"RS256","kid":"one=","x-team":"blue"}`, payload), nil},
		"with such a member that counts":    {signedText(t, `{"alg":"RS256","kid":"one=","crit":["x-team"],"x-team":"blue"}`, payload), verify.ErrInvalid},
		"with an expiry that counts":        {signedText(t, `{"alg":"RS256","kid":"one=","crit":["exp"],"exp":1}`, payload), verify.ErrInvalid},
		"with a list of nothing":            {signedText(t, `{"alg":"RS256","kid":"one=","crit":[]}`, payload), nil},
		"with a list that is none":          {signedText(t, `{"alg":"RS256","kid":"one=","crit":"exp"}`, payload), verify.ErrInvalid},
		"with a payload that is not base64": {signedText(t, `{"alg":"RS256","kid":"one=","crit":["b64"],"b64":false}`, strings.ReplaceAll(string(claims), ".", "")), verify.ErrInvalid},
		"with base64 that does not count":   {signedText(t, `{"alg":"RS256","kid":"one=","crit":["b64"],"b64":false}`, payload), verify.ErrInvalid},
		"with a key of its own":             {signedText(t, `{"alg":"RS256","kid":"two=","jku":"http://127.0.0.1:1/","jwk":`+publicJWK(t)+`}`, payload), verify.ErrKey},
		"with two algorithms":               {signedText(t, `{"alg":"none","alg":"RS256","kid":"one="}`, payload), verify.ErrInvalid},
		"with an algorithm in another case": {signedText(t, `{"Alg":"RS256","alg":"none","kid":"one="}`, payload), verify.ErrInvalid},
		"with a kid that is a number":       {signedText(t, `{"alg":"RS256","kid":1}`, payload), verify.ErrInvalid},
		"with a claim twice, the last wrong": {signedText(t, `{"alg":"RS256","kid":"one="}`,
			base64.RawURLEncoding.EncodeToString([]byte(strings.TrimSuffix(string(claims), "}")+`,"client_id":"other"}`))), verify.ErrInvalid},
		"with a claim twice, the first wrong": {signedText(t, `{"alg":"RS256","kid":"one="}`,
			base64.RawURLEncoding.EncodeToString([]byte(`{"client_id":"other",`+strings.TrimPrefix(string(claims), "{")))), verify.ErrInvalid},
	}
	v := verifier(t, offline(t))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token, err := v.Verify(t.Context(), tt.token)
			if !errors.Is(err, tt.want) || (token == nil) != (tt.want != nil) {
				t.Errorf("got %v, %v, want %v", token, err, tt.want)
			}
		})
	}
}

func publicJWK(t testing.TB) string {
	t.Helper()
	var set struct{ Keys []json.RawMessage }
	must(t, json.Unmarshal(keySet(t, map[string]any{"two=": rsaKey().Public()}), &set))
	return string(set.Keys[0])
}
