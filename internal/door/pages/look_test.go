package pages

import (
	"slices"
	"testing"
)

func TestProvidersComeInTheOrderOfTheStyle(t *testing.T) {
	t.Parallel()
	l := look{Order: []string{"Gone", "Google", "Acme"}}
	if got, want := l.Ordered([]string{"Acme", "Beta", "Alpha", "Google"}), []string{"Google", "Acme", "Beta", "Alpha"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
