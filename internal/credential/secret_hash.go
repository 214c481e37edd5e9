package credential

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// SecretHash returns SECRET_HASH: the base64 of HMAC-SHA256 over username and client id, under the client's secret.
func SecretHash(secret, username, clientID string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(username))
	mac.Write([]byte(clientID))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SecretHashMatches reports whether the caller's hash is the right one, in constant time. Without a secret nothing is right.
func SecretHashMatches(secret, username, clientID, given string) bool {
	want := SecretHash(secret, username, clientID)
	return subtle.ConstantTimeCompare([]byte(want), []byte(given)) == 1 && secret != ""
}
