package token

import (
	"crypto/sha256"
	"math/big"
	"strings"

	"github.com/cenote-id/cenote/internal/user"
)

// SessionID returns the id of the session that a sign-in began: 28 lower-case letters and digits, beginning with tkn. It follows from the
// origin_jti, so that every token of the session names it, and tells nothing about it.
func SessionID(originJTI string) string {
	const digits = 25 // of base 36: 129 bits
	sum := sha256.Sum256([]byte("session " + originJTI))
	text := new(big.Int).SetBytes(sum[:16]).Text(36)
	return "tkn" + strings.Repeat("0", digits-len(text)) + text
}

// SessionAlive reports whether the user has not been signed out everywhere since the session began.
func SessionAlive(u *user.User, s user.Session) bool { return !signedOut(u, s.OriginJTI, s.Created) }
