package pages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPasswordsAreMaskedAndMayBePasted(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, input := range regexp.MustCompile(`<input[^>]*name="(?:new_|previous_)?password"[^>]*>`).FindAllString(string(text), -1) {
			n++
			if !strings.Contains(input, `type="password"`) || !strings.Contains(input, `autocomplete="`) {
				t.Errorf("%s: %s", file, input)
			}
		}
		if strings.Contains(string(text), "onpaste") {
			t.Errorf("%s hinders pasting", file)
		}
	}
	if n < 3 {
		t.Errorf("only %d inputs of passwords were found", n)
	}
}

func TestEveryTemplateParses(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".html")
		if name != "layout" && !strings.HasPrefix(name, "part_") && templates()[name] == nil {
			t.Errorf("there is no page %q", name)
		}
	}
}

// Words that stand in a template itself are in no catalogue.
func TestTemplatesHaveNoWordsOfTheirOwn(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("templates/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	actions := regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	programs := regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>`)
	spoken := regexp.MustCompile(`(?:aria-label|alt|title|placeholder)="([^"]*)"`)
	tags := regexp.MustCompile(`(?s)<[^>]*>`)
	letters := regexp.MustCompile(`\pL{2,}`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plain := programs.ReplaceAllString(actions.ReplaceAllString(string(text), ""), "")
		words := letters.FindAllString(tags.ReplaceAllString(plain, ""), -1)
		for _, attribute := range spoken.FindAllStringSubmatch(plain, -1) {
			words = append(words, letters.FindAllString(attribute[1], -1)...)
		}
		if len(words) > 0 {
			t.Errorf("%s says %q", file, words)
		}
	}
}
