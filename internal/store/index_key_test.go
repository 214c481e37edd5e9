package store

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestIndexKeyKeepsShortTextAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "日本", strings.Repeat("a", longestKey), strings.Repeat("😀", longestKey/4)} {
		if got := indexKey(text); got != text {
			t.Errorf("indexKey(%.20q...) = %.20q..., want it unchanged", text, got)
		}
	}
}

func FuzzIndexKey(f *testing.F) {
	f.Add("", "a")
	f.Add(strings.Repeat("a", longestKey), "b")
	f.Add(strings.Repeat("日", 400), "1")
	f.Fuzz(func(t *testing.T, text, more string) {
		if !utf8.ValidString(text) || !utf8.ValidString(more) {
			t.Skip()
		}
		for _, grown := range []string{text, strings.Repeat(text, 50)} {
			a, b := indexKey(grown), indexKey(grown+more)
			if (a == b) != (more == "") {
				t.Errorf("keys of %q and the same with %q are %q and %q", grown, more, a, b)
			}
			if !utf8.ValidString(a) || len(a) > longestKey+64 {
				t.Errorf("key %q has %d bytes", a, len(a))
			}
			if len(grown) <= longestKey-utf8.UTFMax && !strings.HasPrefix(b, grown) {
				t.Errorf("the key of %q does not begin with it", grown)
			}
		}
	})
}
