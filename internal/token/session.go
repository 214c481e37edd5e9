package token

import (
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"strings"

	"github.com/cenote-id/cenote/internal/user"
)

// SessionID returns the id of the session that a sign-in began: 28 lower-case letters and digits, beginning with tkn. It follows from the
// origin_jti, so that every token of the session names it, and tells nothing about it.
func SessionID(originJTI string) string {
	sum := sha256.Sum256([]byte("session " + originJTI))
	return "tkn" + sessionDigits(sum[:16])
}

// NewBrowserSessionID returns an id for the session of a browser, of the same form, beginning with sso. It tells nothing about the cookie.
func NewBrowserSessionID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // which never fails
	return "sso" + sessionDigits(random)
}

// sessionDigits writes 128 bits as 25 digits of base 36.
func sessionDigits(number []byte) string {
	text := new(big.Int).SetBytes(number).Text(36)
	return strings.Repeat("0", 25-len(text)) + text
}

// SessionAlive reports whether the user has not been signed out everywhere since the session began.
func SessionAlive(u *user.User, s user.Session) bool { return !signedOut(u, s.OriginJTI, s.Created) }
