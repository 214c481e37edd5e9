package pages

import "testing"

func TestTheEnglishOfRefusalsIsTheServices(t *testing.T) {
	t.Parallel()
	for words, key := range refusals {
		if got := languages()["en"].text(key); got != words {
			t.Errorf("%s: %q, want %q", key, got, words)
		}
	}
}
