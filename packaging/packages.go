package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// packages writes the deb and the rpm. The folder work is laid out as packaging/linux/nfpm.yaml wants it.
func (r *release) packages(ctx context.Context, p platform, binary string, docs documents, work, out, nfpm string) error {
	if err := os.CopyFS(work, os.DirFS("packaging/linux")); err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	files := map[string][]byte{"cenote": program, "copyright": []byte(copyright + string(docs["LICENSE"]))}
	for _, name := range []string{"THIRD-PARTY-LICENSES", "cenote.bash", "_cenote", "cenote.fish"} {
		files[name] = docs[name]
	}
	for _, name := range []string{"cenote.1", "cenote.yaml.5"} {
		if files[name+".gz"], err = gzipped(docs[name]); err != nil {
			return err
		}
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(work, name), content, 0o644); err != nil {
			return err
		}
	}
	err = filepath.WalkDir(work, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(name, r.time, r.time)
	})
	if err != nil {
		return err
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	env := []string{"VERSION=" + r.version, "ARCH=" + p.arch, "SOURCE_DATE_EPOCH=" + strconv.FormatInt(r.time.Unix(), 10)}
	for _, packager := range []string{"deb", "rpm"} {
		if _, err := command(ctx, work, env, nfpm, "package", "--config", "nfpm.yaml", "--packager", packager, "--target", out); err != nil {
			return fmt.Errorf("%s for %s: %w", packager, p, err)
		}
	}
	return nil
}

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: cenote
Source: https://github.com/cenote-id/cenote
Comment: The licences of the linked libraries are in THIRD-PARTY-LICENSES.

Files: *
Copyright: The cenote authors
License: Apache-2.0

`
