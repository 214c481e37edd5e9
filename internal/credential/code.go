package credential

import (
	"crypto/hmac"
	"crypto/sha256"
)

// NewCode draws a one-time code of so many decimal digits; every code, leading zeros included, is equally likely.
func NewCode(digits int) string { return randomText(digits, "0123456789") }

// HashCode returns what is stored of a code: HMAC-SHA256 under the key, bound to the context (pool, user, purpose). Codes are short
// enough to be tried out, so the key must be one that the database does not hold.
func HashCode(key []byte, code string, context ...string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(lengthPrefixed(append(context[:len(context):len(context)], code)...))
	return mac.Sum(nil)
}

// CodeMatches reports whether the hash is that of the code in this context under one of the keys, in constant time.
func CodeMatches(keys [][]byte, hash []byte, code string, context ...string) bool {
	matches := false
	for _, key := range keys {
		matches = hmac.Equal(hash, HashCode(key, code, context...)) || matches
	}
	return matches
}
