package store

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// A document that is written by hand neither seals its secrets nor keeps what a newer node has stored.
func TestDocumentsAreEncodedInOnePlace(t *testing.T) {
	t.Parallel()
	// These hold what is sealed as a whole, what is written once, and plain maps.
	others := []string{"user_row.go", "users.go", "events.go", "clients.go", "passkeys.go", "provider_visits.go", "identity_keys.go", "document.go"}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	byHand := regexp.MustCompile(`\b(wire\.(Encode|Unmarshal|EncodeStored|DecodeStored)|json\.(Marshal|Unmarshal))\(`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`_test\.go$`).MatchString(file) || slices.Contains(others, file) {
			continue
		}
		if use := byHand.Find(source); use != nil {
			t.Errorf("%s uses %s): encode and decode documents by documentOf", file, use)
		}
	}
}

func TestNoLimitIsABareParameter(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	bare := regexp.MustCompile("limit (` *[+] *`)?[$]")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`_test\.go$`).MatchString(file) && bare.Match(source) {
			t.Errorf("%s: SQLite plans this anew for each run: write limit cast($n as bigint)", file)
		}
	}
}
