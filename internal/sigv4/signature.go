package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// usualLength is room for a canonical request, in bytes.
const usualLength = 1024

// signsAlike reports whether the key of the credential scope gives the client's signature of the request.
func signsAlike(r *http.Request, bodyLength int, payload string, a *authorization, key []byte) bool {
	for _, p := range signedPaths(r.URL) {
		request, ok := appendCanonical(make([]byte, 0, usualLength), r, p, bodyLength, payload, a)
		want := signature(key, sha256.Sum256(request), a)
		if hmac.Equal([]byte(want), []byte(a.signature)) && ok {
			return true
		}
	}
	return false
}

// signature returns the signature of a canonical request with the digest, in hexadecimal.
func signature(key []byte, digest [sha256.Size]byte, a *authorization) string {
	return hex.EncodeToString(mac(key, strings.Join([]string{algorithm, a.rawTime, a.scope(), hex.EncodeToString(digest[:])}, "\n")))
}

// signingKey derives the key of a credential scope.
func signingKey(s signed) []byte {
	key := []byte("AWS4" + s.secret)
	for _, part := range []string{s.date, s.region, s.service, s.terminator} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}
