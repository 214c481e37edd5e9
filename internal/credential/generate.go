package credential

import (
	"crypto/rand"
	"math/big"
	"strings"
)

// The letters of generated passwords. Absent are what people mistake for one another (0 O o, 1 l I) and the symbols that break a
// template, a page or a shell line on the way. All symbols are among those that a password policy counts.
const (
	uppers  = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowers  = "abcdefghijkmnpqrstuvwxyz"
	numbers = "23456789"
	symbols = "!@$%*-_+=?"
)

// shortestPassword keeps generated passwords above 64 bits under the loosest policy.
const shortestPassword = 12

// GeneratePassword draws a temporary password that meets a policy: at least minLength characters (and never fewer than 12), with
// each class that is asked for. It begins and ends with a letter or a number, so that a double click or the end of a
// sentence does not cut it.
func GeneratePassword(minLength int, upper, lower, number, symbol bool) string {
	plain := uppers + lowers + numbers
	inner := plain
	if symbol {
		inner += symbols
	}
	for { // drawing again, instead of mending, keeps all passwords that qualify equally likely
		p := randomText(1, plain) + randomText(max(minLength, shortestPassword)-2, inner) + randomText(1, plain)
		if (!upper || strings.ContainsAny(p, uppers)) && (!lower || strings.ContainsAny(p, lowers)) &&
			(!number || strings.ContainsAny(p, numbers)) && (!symbol || strings.ContainsAny(p, symbols)) {
			return p
		}
	}
}

// randomText draws n characters of the alphabet.
func randomText(n int, alphabet string) string {
	size := big.NewInt(int64(len(alphabet)))
	b := make([]byte, n)
	for i := range b {
		j, err := rand.Int(rand.Reader, size)
		if err != nil {
			panic(err) // crypto/rand does not fail
		}
		b[i] = alphabet[j.Int64()]
	}
	return string(b)
}
