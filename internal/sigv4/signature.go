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

// signsAlike reports whether the secret gives the client's signature of the request.
func signsAlike(r *http.Request, bodyLength int, payload string, a *authorization, secret string) bool {
	key := signingKey(secret, a)
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

// signingKey derives the key of a credential scope. It is not kept: that would have to follow every change of an access key, and
// to forget the regions that strangers make up.
func signingKey(secret string, a *authorization) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.date, a.region, a.service, a.terminator} {
		key = mac(key, part)
	}
	return key
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum(nil)
}
