package credential

import (
	"strings"
	"unicode/utf8"
)

// MaskEmail returns an address as delivery details show it: the first letters of its two parts, and three stars behind each
// whatever their length. "tom@example.com" is "t***@e***".
func MaskEmail(address string) string {
	// The last @ separates: a quoted local part may hold others.
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return firstLetter(address) + "***"
	}
	return firstLetter(address[:at]) + "***@" + firstLetter(address[at+1:]) + "***"
}

// MaskPhone returns a phone number in E.164 form as delivery details show it: a plus sign, a star for each digit that is hidden, and the last four.
// "+12345671234" is "+*******1234". A number of four digits or fewer is hidden whole.
func MaskPhone(number string) string {
	digits := strings.TrimPrefix(number, "+")
	shown := max(len(digits)-4, 0)
	if shown == 0 {
		shown = len(digits)
	}
	return "+" + strings.Repeat("*", shown) + digits[shown:]
}

func firstLetter(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}
