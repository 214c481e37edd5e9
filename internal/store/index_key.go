package store

import (
	"crypto/sha256"
	"encoding/hex"
	"unicode/utf8"
)

// longestKey is how many bytes of a text an index keeps. PostgreSQL takes 2,704 for a whole index row, but an attribute may have
// 2,048 characters of up to 4 bytes.
const longestKey = 1024

// indexKey returns the form of a text in an index: the text, or of a longer one the beginning and a hash of the whole. So equal
// texts have equal keys, different texts have different keys (the keys of long texts are longer than all others), and keys sort
// and begin as the texts do as far as they are kept.
func indexKey(text string) string {
	if len(text) <= longestKey {
		return text
	}
	n := longestKey
	for !utf8.RuneStart(text[n]) {
		n--
	}
	sum := sha256.Sum256([]byte(text))
	return text[:n] + hex.EncodeToString(sum[:])
}
