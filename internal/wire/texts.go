package wire

import (
	"strings"
	"unicode/utf8"
)

// UnmarshalTexts reads a JSON object whose values are all strings, in the compact form that Encode writes. It is Unmarshal into a map at a
// quarter of its price: such objects are read once for each user on a page. The strings are parts of the text. Whatever is not that plain
// is left to Unmarshal.
func UnmarshalTexts(text string) (map[string]string, error) {
	if m, ok := plainTexts(text); ok {
		return m, nil
	}
	m := make(map[string]string)
	return m, Unmarshal([]byte(text), &m)
}

// plainTexts reads an object without escapes and blanks between its members.
func plainTexts(s string) (map[string]string, bool) {
	if !utf8.ValidString(s) || strings.IndexByte(s, '\\') >= 0 || len(s) < 2 || s[0] != '{' || s[len(s)-1] != '}' {
		return nil, false
	}
	m := make(map[string]string)
	for rest := s[1 : len(s)-1]; rest != ""; {
		key, after, ok := plainText(rest)
		if !ok || after == "" || after[0] != ':' {
			return nil, false
		}
		value, after, ok := plainText(after[1:])
		if _, twice := m[key]; !ok || twice {
			return nil, false
		}
		m[key] = value
		if rest = after; rest == "" {
			break
		}
		if rest[0] != ',' || len(rest) == 1 {
			return nil, false
		}
		rest = rest[1:]
	}
	return m, true
}

// plainText cuts a string off the front.
func plainText(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", "", false
	}
	text = s[1 : 1+end]
	for i := range len(text) {
		if text[i] < ' ' {
			return "", "", false
		}
	}
	return text, s[2+end:], true
}
