package main

import (
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
)

// module is a module that is linked, or the standard library.
type module struct {
	path, version, dir string
	testOnly           bool          // not linked into the binary
	files              []licenceFile // in its root
}

type licenceFile struct {
	name string
	text []byte
	id   string // SPDX identifiers, joined by " AND "; empty for a notice; or unknown
}

const standardLibrary = "std"

// unknown is a text that neither the classifier nor people know.
const unknown = "unknown"

// accepted are the licences that a linked module may have: they allow distribution as part of cenote and ask for no more than their text.
var accepted = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "blessing"}

// acceptedInTests are those that a module may have besides which only tests and tools use: it is not distributed.
var acceptedInTests = []string{"MPL-2.0", "MIT-0"}

// reviewed are licence files that the classifier does not know and people have read, by the SHA-256 of their text: a changed file has to be
// read again. Where there is no licence, the file is a notice.
var reviewed = map[string]string{
	"f597097efe3d97021f89170746bd3a0fb9a8b6fb26b82043ed68a4e0283bee6c": "BSD-2-Clause AND BSD-3-Clause AND MIT", // modernc.org/libc: Go, musl, go-netdb
	"5ae5bee3072a841376451b48d8cfcec7188e10543926d5870828d36c8a750dc5": "",                                      // modernc.org/memory: where a picture is from
	"b4366b9c27a9364633e015011a231913ed19bf1228f335bf617e50a6f7b168a6": "",                                      // modernc.org/sqlite: the licences of its dependencies, each listed here itself
	"8438c9c89b849131ead81d5435cb97fcf052df5b0b286dda8a2d4c29e6cb3fd0": "blessing",                              // modernc.org/sqlite: the public domain dedication of SQLite
	"00c31061d11a7d289e3f5ac49f58b0d5cffdd9d1d24a9ee4c9848354356386bc": "",                                      // aws-lambda-go: which file is under which licence
}

// modulesOf returns the modules that the binaries are made of, without the project itself, sorted by path.
func modulesOf(binaries []string) ([]module, error) {
	found := map[string]module{}
	for _, binary := range binaries {
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		found[standardLibrary] = module{path: standardLibrary, version: info.GoVersion}
		for _, dep := range info.Deps {
			if dep.Replace != nil {
				dep = dep.Replace
			}
			found[dep.Path] = module{path: dep.Path, version: dep.Version}
		}
	}
	return sorted(found), nil
}

func sorted(found map[string]module) []module {
	return slices.SortedFunc(maps.Values(found), func(a, b module) int { return strings.Compare(a.path, b.path) })
}

// locate finds the folders of modules.
func locate(ctx context.Context, modules []module) error {
	args := []string{"mod", "download", "-json"}
	for _, m := range modules {
		if m.path != standardLibrary {
			args = append(args, m.path+"@"+m.version)
		}
	}
	printed, err := command(ctx, "", nil, "go", args...)
	if err != nil {
		return err
	}
	dirs := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(printed))); ; {
		var m struct{ Path, Dir string }
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		dirs[m.Path] = m.Dir
	}
	root, err := command(ctx, "", nil, "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	dirs[standardLibrary] = strings.TrimSpace(string(root))
	for i := range modules {
		if modules[i].dir = dirs[modules[i].path]; modules[i].dir == "" {
			return fmt.Errorf("the sources of %s cannot be found", modules[i].path)
		}
	}
	return nil
}

// readAll finds modules and reads their licences.
func readAll(ctx context.Context, modules []module) error {
	if err := locate(ctx, modules); err != nil {
		return err
	}
	for i := range modules {
		if err := modules[i].readLicences(); err != nil {
			return err
		}
	}
	return nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([-.].*)?$`)

// readLicences reads the licence files in the root of a module.
func (m *module) readLicences() error {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() || !licenceName.MatchString(e.Name()) || filepath.Ext(e.Name()) == ".go" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.dir, e.Name()))
		if err != nil {
			return err
		}
		m.files = append(m.files, licenceFile{name: e.Name(), text: text, id: identify(text)})
	}
	return nil
}

// identify returns the licences that a text consists of; unknown if less than four fifths of it are known licences.
func identify(text []byte) string {
	sum := sha256.Sum256(text)
	if id, ok := reviewed[hex.EncodeToString(sum[:])]; ok {
		return id
	}
	coverage := licensecheck.Scan(text)
	if coverage.Percent < 80 {
		return unknown
	}
	ids := map[string]bool{}
	for _, match := range coverage.Match {
		ids[match.ID] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " AND ")
}

// licence returns the licence of a module, or why it cannot be accepted.
func (m *module) licence() (string, error) {
	ids := map[string]bool{}
	for _, f := range m.files {
		notice := strings.HasPrefix(strings.ToLower(f.name), "notice")
		if f.id == unknown && !notice {
			return "", fmt.Errorf("%s %s: read %s and, if it can be accepted, add it to the table of reviewed files", m.path, m.version, f.name)
		}
		if f.id != unknown && f.id != "" {
			for id := range strings.SplitSeq(f.id, " AND ") {
				ids[id] = true
			}
		}
	}
	if len(ids) == 0 {
		return "", fmt.Errorf("%s %s has no licence", m.path, m.version)
	}
	all := slices.Sorted(maps.Keys(ids))
	for _, id := range all {
		if !slices.Contains(accepted, id) && !(m.testOnly && slices.Contains(acceptedInTests, id)) {
			return "", fmt.Errorf("%s %s: %s is not one of the accepted licences", m.path, m.version, id)
		}
	}
	return strings.Join(all, " AND "), nil
}
