package message

import (
	"html"
	"regexp"
	"strings"
	"sync"
)

// plainTags find the parts of HTML that plain text has in another form.
type plainTags struct {
	unseen  *regexp.Regexp // what a reader of HTML never sees: comments and the content of some elements
	anchor  *regexp.Regexp // a link with its address and its text
	lineEnd *regexp.Regexp // the tags at which a browser begins a new line
	tag     *regexp.Regexp
	spaces  *regexp.Regexp
	gaps    *regexp.Regexp
}

var plain = sync.OnceValue(func() *plainTags {
	return &plainTags{
		unseen:  regexp.MustCompile(`(?is)<!--.*?(?:-->|$)|<(?:head|style|script|title)\b.*?(?:</(?:head|style|script|title)\s*>|$)`),
		anchor:  regexp.MustCompile(`(?is)<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')[^>]*>(.*?)</a\s*>`),
		lineEnd: regexp.MustCompile(`(?i)<(?:br|hr)\b[^>]*>|</(?:p|div|h[1-6]|li|tr|table|ul|ol|blockquote)\s*>`),
		tag:     regexp.MustCompile(`(?s)</?[a-zA-Z!][^>]*>`),
		spaces:  regexp.MustCompile(`[ \t\r\f\v]+`),
		gaps:    regexp.MustCompile(`\n{3,}`),
	}
})

// plainText derives the text/plain alternative of an HTML body, for readers without HTML. It needs no parser: nobody
// trusts the result to be safe HTML, and a body that it renders badly is still there as HTML.
func plainText(body string) string {
	p := plain()
	s := p.unseen.ReplaceAllString(body, "")
	s = p.anchor.ReplaceAllString(s, "$3 ($1$2)")
	s = p.lineEnd.ReplaceAllString(s, "\n")
	s = p.tag.ReplaceAllString(s, "")
	s = html.UnescapeString(s)
	lines := strings.Split(p.spaces.ReplaceAllString(s, " "), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(p.gaps.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
