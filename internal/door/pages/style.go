package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// The page's own style and script, the only ones that a browser may apply, by their hashes (Content Security Policy, hash-source).
var (
	styleHash  = hashOf(between(noticeHTML, "<style>", "</style>"))
	scriptHash = hashOf(between(noticeHTML, "<script>", "</script>"))
)

func hashOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// between returns what stands between two marks, or panics: the page is part of the program.
func between(text, from, to string) string {
	_, rest, ok := strings.Cut(text, from)
	content, _, closed := strings.Cut(rest, to)
	if !ok || !closed {
		panic("pages: the page has no " + from)
	}
	return content
}
