package token

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// newOriginJTI returns a UUID (version 8: free form, RFC 9562 section 5.8) that carries how often the user had been signed out
// everywhere when the sign-in began. The count is hidden under the random tail, so that it does not show at a glance; it is no
// secret. A token whose count is not the user's present one has been revoked, whatever any clock says: the service itself
// compares times and revokes tokens that were issued just after a sign-out.
func newOriginJTI(signOuts uint32) string {
	id := uuid.New()
	binary.BigEndian.PutUint32(id[:4], signOuts^binary.BigEndian.Uint32(id[12:]))
	id[6] = id[6]&0x0f | 0x80
	return id.String()
}

// signOutsOf returns the count that an origin_jti carries, and whether the text is one of ours.
func signOutsOf(originJTI string) (uint32, bool) {
	id, err := uuid.Parse(originJTI)
	if err != nil || id.Version() != 8 {
		return 0, false
	}
	return binary.BigEndian.Uint32(id[:4]) ^ binary.BigEndian.Uint32(id[12:]), true
}
