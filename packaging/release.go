package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// release is what is being made.
type release struct {
	version string    // without a "v"
	commit  string    // empty where the sources have no repository; it is a part of versions between releases
	time    time.Time // of the commit, for all files
}

const project = "github.com/cenote-id/cenote"

// newRelease takes the version from the changelog unless it is given, and the time from SOURCE_DATE_EPOCH, the commit, or the changelog.
func newRelease(ctx context.Context, version string) (*release, error) {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	newest, day, unreleased, err := readChangelog(string(text))
	if err != nil {
		return nil, err
	}
	r := &release{version: version, time: day}
	if printed, err := command(ctx, "", nil, "git", "log", "-1", "--format=%ct %H"); err == nil {
		seconds, commit, _ := strings.Cut(strings.TrimSpace(string(printed)), " ")
		n, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("time of the commit: %w", err)
		}
		r.time, r.commit = time.Unix(n, 0).UTC(), commit
	}
	if epoch := os.Getenv("SOURCE_DATE_EPOCH"); epoch != "" {
		n, err := strconv.ParseInt(epoch, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("SOURCE_DATE_EPOCH: %w", err)
		}
		r.time = time.Unix(n, 0).UTC()
	}
	if r.version == "" {
		r.version = newest
		if unreleased {
			r.version += "+" + r.time.Format("20060102150405")
			if r.commit != "" {
				r.version += "." + r.commit[:12]
			}
		}
	}
	return r, nil
}

var (
	releaseHeading = regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$`)
	changeEntry    = regexp.MustCompile(`(?m)^- `)
)

// readChangelog returns the newest release and its day, and whether there are changes after it.
func readChangelog(text string) (newest string, day time.Time, unreleased bool, err error) {
	at := releaseHeading.FindStringSubmatchIndex(text)
	if at == nil {
		return "", time.Time{}, false, fmt.Errorf("CHANGELOG.md has no release")
	}
	day, err = time.Parse(time.DateOnly, text[at[4]:at[5]])
	return text[at[2]:at[3]], day, changeEntry.MatchString(text[:at[0]]), err
}

// libcrypto is the build tag of binaries that sign with the system's OpenSSL; they need glibc. Without a tag the binary is static.
const libcrypto = "libcrypto"

// build compiles the binary for a platform and returns its path.
func (r *release) build(ctx context.Context, p platform, tag, work string) (string, error) {
	binary := filepath.Join(work, p.os+"_"+p.arch+tag, "cenote")
	if p.os == "windows" {
		binary += ".exe"
	}
	env := []string{"GOOS=" + p.os, "GOARCH=" + p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT="}
	_, err := command(ctx, "", env, "go", "build", "-trimpath", "-buildvcs=false", "-tags", tag,
		"-ldflags", "-s -w -buildid= -X "+project+"/internal/cli.stamped=v"+r.version, "-o", binary, "./cmd/cenote")
	return binary, err
}

// documents are the files that go with the binary, by name.
type documents map[string][]byte

// documents makes them: the licences, the manual, the completions.
func (r *release) documents(ctx context.Context, linked []module) (documents, error) {
	docs := documents{}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		docs[name] = content
	}
	docs["THIRD-PARTY-LICENSES"] = licenceTexts(linked)
	for name, args := range map[string]string{
		"cenote.1": "man cenote", "cenote.yaml.5": "man cenote.yaml",
		"cenote.bash": "completion bash", "_cenote": "completion zsh", "cenote.fish": "completion fish",
	} {
		// The binaries may be for other machines; the sources are for this one too.
		args := append([]string{"run", "./cmd/cenote"}, strings.Fields(args)...)
		content, err := command(ctx, "", []string{"GOOS=", "GOARCH=", "CGO_ENABLED=0"}, "go", args...)
		if err != nil {
			return nil, err
		}
		docs[name] = content
	}
	return docs, nil
}
