package audit

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // as in breached.go
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hashed returns the line of a password in the form of the published lists.
func hashed(password string) string {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see the import
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

func writeList(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAListIsSearched(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 10, 1000} {
		for name, ending := range map[string]func(i int) string{
			"counts and CRLF":          func(i int) string { return fmt.Sprintf(":%d\r\n", i*i*i) },
			"bare hashes":              func(int) string { return "\n" },
			"lower case and long ends": func(i int) string { return ":" + strings.Repeat("9", i%40) + "\n" },
		} {
			for _, closed := range []bool{true, false} {
				t.Run(fmt.Sprintf("%d lines with %s, closed %v", size, name, closed), func(t *testing.T) {
					t.Parallel()
					var lines []string
					for i := range size {
						lines = append(lines, hashed(fmt.Sprint("password", i)))
					}
					slices.Sort(lines)
					var text strings.Builder
					for i, l := range lines {
						if strings.HasPrefix(name, "lower") {
							l = strings.ToLower(l)
						}
						text.WriteString(l + ending(i))
					}
					whole := text.String()
					if !closed {
						whole = strings.TrimRight(whole, "\r\n")
					}
					b, err := OpenBreached(writeList(t, whole))
					if err != nil {
						t.Fatal(err)
					}
					defer b.Close()
					for i := range size {
						if found, err := b.Has(fmt.Sprint("password", i)); err != nil || !found {
							t.Fatalf("password %d is not found: %v", i, err)
						}
					}
					for i := range 200 {
						if found, err := b.Has(fmt.Sprint("another", i)); err != nil || found {
							t.Fatalf("another password is found: %v", err)
						}
					}
				})
			}
		}
	}
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	a, b := hashed("a"), hashed("b")
	if a > b {
		a, b = b, a
	}
	for name, text := range map[string]string{
		"an empty file":           "",
		"passwords":               strings.Repeat("password\nletmein\n", 100),
		"hashes out of order":     b + "\n" + a + "\n",
		"hashes of another kind":  strings.Repeat("0", 64) + "\n",
		"shorter hashes":          strings.Repeat(strings.Repeat("0", 32)+"\n", 9),
		"one very long line":      strings.Repeat("0", 4096),
		"binary":                  string(bytes.Repeat([]byte{0, 255, 10}, 100)),
		"hashes without any line": strings.Repeat(a, 50),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if b, err := OpenBreached(writeList(t, text)); err == nil {
				b.Close()
				t.Error("it is taken for a list")
			}
		})
	}
	if _, err := OpenBreached(t.TempDir()); err == nil {
		t.Error("a folder is taken for a list")
	}
	if _, err := OpenBreached(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing file is taken for a list")
	}
}

func FuzzBreached(f *testing.F) {
	f.Add([]byte(hashed("a")+":1\n"), "a")
	f.Add([]byte("\n\n\n"), "")
	f.Add([]byte(hashed("a")), "b")
	f.Fuzz(func(t *testing.T, text []byte, password string) {
		b, err := OpenBreached(writeList(t, string(text)))
		if err != nil {
			return
		}
		defer b.Close()
		found, err := b.Has(password) // it ends, whatever the file holds
		if found && !bytes.Contains(bytes.ToUpper(text), []byte(hashed(password))) {
			t.Errorf("found in %q (%v)", text, err)
		}
	})
}

func BenchmarkHas(b *testing.B) {
	var lines []string
	for i := range 200_000 {
		lines = append(lines, hashed(fmt.Sprint(i))+":1\r\n")
	}
	slices.Sort(lines)
	list, err := OpenBreached(writeList(b, strings.Join(lines, "")))
	if err != nil {
		b.Fatal(err)
	}
	defer list.Close()
	for b.Loop() {
		if _, err := list.Has("not there"); err != nil {
			b.Fatal(err)
		}
	}
}
