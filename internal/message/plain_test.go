package message

import (
	"testing"
	"unicode/utf8"
)

func TestPlainTextReadsLikeThePage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, html, want string }{
		{"text without markup stays", "Your code is 123456", "Your code is 123456"},
		{"entities become characters", "a &amp; b &lt;c&gt; &eacute;", "a & b <c> é"},
		{"paragraphs and breaks begin new lines", "<p>One</p><p>Two<br/>Three</p>", "One\nTwo\nThree"},
		{"a link shows where it goes", `Go <a class=x href="https://x/?a=1&amp;b=2">there</a>.`, "Go there (https://x/?a=1&b=2)."},
		{"what is not shown is left out", "<head><title>t</title></head><style>p{}</style><!-- c --><p>Hi</p><script>x</script>", "Hi"},
		{"white space collapses, blank lines do not pile up", "a  \t b\n\n\n\n\nc  ", "a b\n\nc"},
		{"a lone bracket is text", "1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"an unclosed tag or comment ends nothing badly", "a <b", "a <b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := plainText(c.html); got != c.want {
				t.Errorf("plainText(%q) = %q, want %q", c.html, got, c.want)
			}
		})
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add(`<a href='x'>y</a><br><!-- `)
	f.Fuzz(func(t *testing.T, body string) {
		if got := plainText(body); utf8.ValidString(body) && !utf8.ValidString(got) {
			t.Errorf("plainText(%q) = %q is not UTF-8", body, got)
		}
	})
}
