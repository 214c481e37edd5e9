package token

import (
	"crypto/rsa"
	"crypto/sha256"
	"sync"
)

// maxVerified bounds the tokens that are remembered; when there are more, all are forgotten.
const maxVerified = 1024

// verified remembers which access tokens had a good signature, by their digest: the limits and the operation look at the token of the same
// request, and applications send a token many times before it expires. It saves the parsing and the public-key operation, and no decision:
// key, issuer, expiry, revocation and user are checked each time. The zero value is empty.
type verified struct {
	mu     sync.Mutex
	tokens map[[sha256.Size]byte]*signed
}

// signed is a token whose signature was found good. It is shared, so never change it.
type signed struct {
	keyID  string
	key    rsa.PublicKey // that the signature was checked with
	claims accessClaims
}

// find returns what is known of the token; nil when that is nothing.
func (v *verified) find(digest [sha256.Size]byte) *signed {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tokens[digest]
}

func (v *verified) add(digest [sha256.Size]byte, s *signed) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tokens == nil || len(v.tokens) >= maxVerified {
		v.tokens = make(map[[sha256.Size]byte]*signed)
	}
	v.tokens[digest] = s
}
