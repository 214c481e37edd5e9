package message

import "github.com/cenote-id/cenote/internal/credential"

// Mask returns the form of a destination that may be shown to a caller and in logs.
func Mask(m Medium, to string) string {
	if m == SMS {
		return credential.MaskPhone(to)
	}
	return credential.MaskEmail(to)
}
