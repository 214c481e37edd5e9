package message

import (
	"strings"
	"unicode/utf8"
)

// Mask returns the form of a destination that may be shown to a caller and in logs: `a***@e***` for an e-mail address
// (always three stars) and `+*******1234` for a phone number (one star for each hidden digit, the last four kept).
func Mask(m Medium, to string) string {
	if m == SMS {
		return maskPhone(to)
	}
	return maskEmail(to)
}

func maskEmail(to string) string {
	// The last @ separates: a quoted local part may hold others.
	at := strings.LastIndexByte(to, '@')
	if at < 0 {
		return firstRune(to) + "***"
	}
	return firstRune(to[:at]) + "***@" + firstRune(to[at+1:]) + "***"
}

func maskPhone(to string) string {
	digits, plus := strings.CutPrefix(to, "+")
	kept := max(0, len(digits)-4)
	if kept == 0 { // too short to keep four and hide any
		kept = len(digits)
	}
	masked := strings.Repeat("*", kept) + digits[kept:]
	if plus {
		return "+" + masked
	}
	return masked
}

func firstRune(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}
