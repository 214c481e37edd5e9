package pages

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/wire"
)

// Texts are an operator's own texts: by the scope that they hold for (a pool's id, a slash and a client's id, the pool's id alone, or nothing),
// by the tag of the language, and by the key of the text.
type Texts map[string]map[string]map[string]string

// maxTexts is the size of the largest file of texts that is read, in bytes.
const maxTexts = 1 << 20

// LoadTexts reads a folder of texts: <language>.json for all pools, <pool id>/<language>.json for one, and
// <pool id>/<client id>/<language>.json for one client. Each file is an object of texts by the keys of the catalogues (locales). A file, a key or a
// placeholder that nothing would use is an error, which names it.
func LoadTexts(folder string) (Texts, error) {
	all := Texts{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch hidden := strings.HasPrefix(entry.Name(), ".") && path != folder; {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case hidden || entry.IsDir(): // Kubernetes keeps a ConfigMap's files in hidden folders, with links to them
			return nil
		}
		inside, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		scope, name := filepath.Split(filepath.ToSlash(inside))
		scope = strings.TrimSuffix(scope, "/")
		tag, isJSON := strings.CutSuffix(name, ".json")
		if !isJSON || !slices.Contains(tags, tag) || strings.Count(scope, "/") > 1 {
			return fmt.Errorf("%s: a file of texts is named <language>.json, in the folder, in <pool id>/ or in <pool id>/<client id>/; the languages are %s",
				path, strings.Join(tags, ", "))
		}
		texts, err := readTexts(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if all[scope] == nil {
			all[scope] = map[string]map[string]string{}
		}
		all[scope][tag] = texts
		return nil
	})
	return all, err
}

// readTexts reads and checks one file.
func readTexts(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.Size() > maxTexts:
		return nil, fmt.Errorf("has more than %d bytes", maxTexts)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var texts map[string]string
	if err := errors.Join(wire.CheckExact(content), wire.Unmarshal(content, &texts)); err != nil {
		return nil, errors.New("is no JSON object of texts by their keys")
	}
	for key, text := range texts {
		if err := checkText(key, text); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// checkText refuses a text that no page would show as it is meant.
func checkText(key, text string) error {
	model, known := languages()["en"].texts[key]
	if !known {
		_, known = languages()["de"].texts[key] // the words of faults
	}
	switch {
	case !known && !strings.HasPrefix(key, "attribute.custom:"):
		return fmt.Errorf("there is no text %q", key)
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("the text %q is empty", key)
	}
	has := placeholders.FindAllString(model, -1)
	for _, name := range placeholders.FindAllString(text, -1) {
		if !slices.Contains(has, name) {
			return fmt.Errorf("the text %q has no placeholder %s", key, name)
		}
	}
	if strings.ContainsAny(placeholders.ReplaceAllString(text, ""), "{}") {
		return fmt.Errorf("the text %q has a brace that belongs to no placeholder", key)
	}
	return nil
}

var placeholders = regexp.MustCompile(`\{[a-z]+\}`)

// with returns the language with the texts for a client of a pool; the most special ones come first.
func (l language) with(t Texts, poolID, clientID string) language {
	for _, scope := range []string{poolID + "/" + clientID, poolID, ""} {
		if own := t[scope][l.Tag]; own != nil {
			l.own = append(l.own, own)
		}
	}
	return l
}

// find returns the text with the key, and whether there is one.
func (l language) find(key string) (string, bool) {
	for _, own := range l.own {
		if text, ok := own[key]; ok {
			return text, true
		}
	}
	text, ok := l.texts[key]
	return text, ok
}
