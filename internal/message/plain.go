package message

import (
	"html"
	"regexp"
	"strings"
)

var (
	// unseen is what a reader of HTML never sees: comments and the content of these elements.
	unseen = regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<(?:head|style|script|title)\b.*?(?:</(?:head|style|script|title)\s*>|$)`)
	// anchor finds a link with its address and its text.
	anchor = regexp.MustCompile(`(?is)<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>(.*?)</a\s*>`)
	// lineEnd finds the tags at which a browser begins a new line.
	lineEnd = regexp.MustCompile(`(?i)<(?:br|hr)\b[^>]*>|</(?:p|div|h[1-6]|li|tr|table|ul|ol|blockquote)\s*>`)
	tag     = regexp.MustCompile(`(?s)</?[a-zA-Z!][^>]*>`)
	spaces  = regexp.MustCompile(`[ \t\r\f\v]+`)
	gaps    = regexp.MustCompile(`\n{3,}`)
)

// plainText derives the text/plain alternative of an HTML body, for readers without HTML. It needs no parser: nobody
// trusts the result to be safe HTML, and a body that it renders badly is still there as HTML.
func plainText(body string) string {
	s := unseen.ReplaceAllString(body, "")
	s = anchor.ReplaceAllString(s, "$3 ($1$2)")
	s = lineEnd.ReplaceAllString(s, "\n")
	s = tag.ReplaceAllString(s, "")
	s = html.UnescapeString(s)
	lines := strings.Split(spaces.ReplaceAllString(s, " "), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(gaps.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
