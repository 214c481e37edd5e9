package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files, given as names and contents.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		path := filepath.Join(root, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestTheTextOfAClientComesBeforeThatOfItsPool(t *testing.T) {
	t.Parallel()
	texts, err := LoadTexts(folder(t,
		"en.json", `{"next":"all","back":"all","code.title":"all","account.known":"{name} is here"}`,
		"p1/en.json", `{"next":"pool","back":"pool"}`,
		"p1/c1/en.json", `{"next":"client"}`,
		".data/xx.json", `x`, ".hidden", `x`,
		"p1/de.json", `{"fault.NotAuthorizedException":"Nein","attribute.custom:team":"Mannschaft"}`,
	))
	if err != nil {
		t.Fatal(err)
	}
	en := languages()["en"]
	for _, c := range []struct{ pool, client, key, want string }{
		{"p1", "c1", "next", "client"},
		{"p1", "c1", "back", "pool"},
		{"p1", "c1", "code.title", "all"},
		{"p1", "c1", "code.label", "Code"},
		{"p1", "c2", "next", "pool"},
		{"p2", "c1", "next", "all"},
	} {
		if got := en.with(texts, c.pool, c.client).text(c.key); got != c.want {
			t.Errorf("%s of %s in %s: %q, want %q", c.key, c.client, c.pool, got, c.want)
		}
	}
	if got := en.with(texts, "p1", "c1").text("account.known", "name", "Ann"); got != "Ann is here" {
		t.Errorf("the placeholder became %q", got)
	}
	if got, _ := languages()["de"].with(texts, "p1", "c1").find("attribute.custom:team"); got != "Mannschaft" {
		t.Errorf("the attribute is called %q", got)
	}
}

func TestTextsThatNoPageWouldShowAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, content, want string }{
		"an unknown key":         {"en.json", `{"sign_in.titel":"x"}`, `there is no text "sign_in.titel"`},
		"an unknown placeholder": {"en.json", `{"account.known":"{user}"}`, `the text "account.known" has no placeholder {user}`},
		"a broken placeholder":   {"en.json", `{"account.known":"{name"}`, "brace"},
		"an empty text":          {"en.json", `{"next":" "}`, `the text "next" is empty`},
		"another language":       {"tlh.json", `{}`, "named <language>.json"},
		"another file":           {"readme.txt", `x`, "named <language>.json"},
		"a folder too deep":      {"a/b/c/en.json", `{}`, "named <language>.json"},
		"no object":              {"en.json", `["next"]`, "is no JSON object"},
		"a key twice":            {"en.json", `{"next":"a","next":"b"}`, "is no JSON object"},
		"no JSON":                {"en.json", `{"next":`, "is no JSON object"},
		"a text that is none":    {"en.json", `{"next":1}`, "is no JSON object"},
		"too much":               {"en.json", strings.Repeat(" ", maxTexts+1), "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := LoadTexts(folder(t, c.file, c.content))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), filepath.FromSlash(c.file)) {
				t.Errorf("got %v, want %q of %s", err, c.want, c.file)
			}
		})
	}
	if _, err := LoadTexts(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that does not exist is taken")
	}
}
