package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// styleHash names the page's own style, the only one that a browser may apply (Content Security Policy, hash-source).
var styleHash = hashOf(between(noticeHTML, "<style>", "</style>"))

func hashOf(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// between returns what stands between two marks, or panics: the page is part of the program.
func between(text, from, to string) string {
	_, rest, ok := strings.Cut(text, from)
	style, _, closed := strings.Cut(rest, to)
	if !ok || !closed {
		panic("pages: the page has no style")
	}
	return style
}
