// Command packaging makes everything that is released of cenote: archives of the static binary, deb and rpm packages, a container image, the
// licences of what is linked, a bill of materials and checksums. "make dist" runs it.
//
// The same sources and toolchain give the same bytes: all times are that of the commit, nothing names the machine, and lists are sorted.
// Start with run.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// platforms are what binaries are made for.
var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
}

type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

func main() {
	out := flag.String("out", "dist", "folder to write to; what is in it is removed")
	only := flag.String("only", "", "comma-separated platforms, such as linux/amd64; empty for all")
	version := flag.String("version", "", "version to build; empty to take it from CHANGELOG.md")
	nfpm := flag.String("nfpm", ".bin/nfpm", "the nfpm program, which writes deb and rpm")
	licences := flag.Bool("licences", false, "write "+licencesFile+" instead")
	flag.Parse()
	ctx := context.Background()
	var err error
	if *licences {
		err = listLicences(ctx)
	} else {
		err = run(ctx, *out, *only, *version, *nfpm)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// run makes a release in the folder out. It expects to be started in the root of the repository.
func run(ctx context.Context, out, only, version, nfpm string) error {
	r, err := newRelease(ctx, version)
	if err != nil {
		return err
	}
	targets := slices.Clone(platforms)
	if only != "" {
		wanted := strings.Split(only, ",")
		targets = slices.DeleteFunc(targets, func(p platform) bool { return !slices.Contains(wanted, p.String()) })
		if len(targets) != len(wanted) {
			return fmt.Errorf("--only=%s names a platform that is not built", only)
		}
	}
	if nfpm, err = filepath.Abs(nfpm); err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "cenote-dist-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // a folder for temporary files
	return r.make(ctx, targets, work, out, nfpm)
}

// make builds into work and writes what is released to out.
func (r *release) make(ctx context.Context, targets []platform, work, out, nfpm string) error {
	static, packaged, all := map[platform]string{}, map[platform]string{}, []string{}
	for _, p := range targets {
		binary, err := r.build(ctx, p, "", work)
		if err != nil {
			return err
		}
		static[p], all = binary, append(all, binary)
		if p.os != "linux" {
			continue
		}
		if binary, err = r.build(ctx, p, libcrypto, work); err != nil {
			return err
		}
		packaged[p], all = binary, append(all, binary)
	}
	linked, err := modulesOf(all)
	if err != nil {
		return err
	}
	if err := readAll(ctx, linked); err != nil {
		return err
	}
	docs, err := r.documents(ctx, linked)
	if err != nil {
		return err
	}
	var images []platform
	for _, p := range targets {
		if err := r.archive(p, static[p], docs, out); err != nil {
			return err
		}
		if p.os != "linux" {
			continue
		}
		images = append(images, p)
		if err := r.packages(ctx, p, packaged[p], docs, filepath.Join(work, p.arch), out, nfpm); err != nil {
			return err
		}
	}
	if images != nil {
		if err := r.image(images, static, docs, filepath.Join(out, "cenote_"+r.version+"_oci.tar")); err != nil {
			return err
		}
	}
	if err := r.billOfMaterials(linked, filepath.Join(out, "cenote_"+r.version+".cdx.json")); err != nil {
		return err
	}
	return writeSums(out)
}

// writeSums writes SHA256SUMS, which sha256sum -c reads.
func writeSums(out string) error {
	entries, err := os.ReadDir(out) // sorted
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, e := range entries {
		content, err := os.ReadFile(filepath.Join(out, e.Name()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		b.WriteString(hex.EncodeToString(sum[:]) + "  " + e.Name() + "\n")
	}
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte(b.String()), 0o644)
}

// command runs a program and returns what it printed; an error tells what it complained about.
func command(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(name), strings.Join(args, " "), err, printed, said.String())
	}
	return printed, nil
}
