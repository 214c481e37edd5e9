package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// imageConfig is what the test reads of an image's configuration.
type imageConfig struct {
	Architecture, OS string
	Config           struct {
		User, WorkingDir     string
		Env, Entrypoint, Cmd []string
		Healthcheck          struct{ Test []string }
		Volumes              map[string]struct{}
	}
	RootFS struct {
		DiffIDs []string `json:"diff_ids"`
	}
}

// readLayout reads an archive and checks that each blob is what its name says.
func readLayout(t *testing.T, name string) map[string][]byte {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		files[h.Name] = content
		sum := sha256.Sum256(content)
		if digest, ok := strings.CutPrefix(h.Name, "blobs/sha256/"); ok && digest != "" && digest != hex.EncodeToString(sum[:]) {
			t.Errorf("%s has other bytes than its name says", h.Name)
		}
	}
}

// follow decodes the blob that a descriptor points to, and checks its size.
func follow(t *testing.T, files map[string][]byte, d descriptor, v any) []byte {
	t.Helper()
	content := files["blobs/sha256/"+strings.TrimPrefix(d.Digest, "sha256:")]
	if len(content) != d.Size {
		t.Fatalf("%s has %d bytes, not %d", d.Digest, len(content), d.Size)
	}
	if v != nil {
		must(t, json.Unmarshal(content, v))
	}
	return content
}

// theImage returns the configuration and the files of the image for this machine, as a tar.
func theImage(t *testing.T) (config imageConfig, layer []byte) {
	t.Helper()
	m := theRelease(t)
	files := readLayout(t, filepath.Join(m.dir, "cenote_"+m.version+"_oci.tar"))
	var top, index struct{ Manifests []descriptor }
	must(t, json.Unmarshal(files["index.json"], &top))
	follow(t, files, top.Manifests[0], &index)
	at := slices.IndexFunc(index.Manifests, func(d descriptor) bool { return d.Platform["architecture"] == runtime.GOARCH })
	if at < 0 {
		t.Fatalf("there is no image for this machine: %+v", index)
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	follow(t, files, index.Manifests[at], &manifest)
	follow(t, files, manifest.Config, &config)
	if len(manifest.Layers) != 1 || len(config.RootFS.DiffIDs) != 1 {
		t.Fatalf("layers: %+v %+v", manifest.Layers, config.RootFS)
	}
	unpack, err := gzip.NewReader(bytes.NewReader(follow(t, files, manifest.Layers[0], nil)))
	must(t, err)
	layer, err = io.ReadAll(unpack)
	must(t, err)
	if sum := sha256.Sum256(layer); config.RootFS.DiffIDs[0] != "sha256:"+hex.EncodeToString(sum[:]) {
		t.Error("the layer is not the one that the configuration names")
	}
	return config, layer
}

// TestTheImageServesWithoutRightsOnAReadOnlyRoot unpacks the image and runs it as an engine would: its user, its environment, its command,
// nothing writable but its volume.
func TestTheImageServesWithoutRightsOnAReadOnlyRoot(t *testing.T) {
	config, layer := theImage(t)
	s := newSandbox(t, `mount -t tmpfs tmpfs "$1"
mkdir "$1/root"
mount --bind "$1/root" "$1/root"`)
	untar := s.command(t, "tar", "--numeric-owner", "-xpf", "-", "-C", s.root)
	untar.Stdin = bytes.NewReader(layer)
	if said, err := untar.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v %s", err, said)
	}
	c := config.Config
	if c.User != "65532:65532" || config.Architecture != runtime.GOARCH || config.OS != "linux" {
		t.Errorf("the image says %+v", config)
	}
	var writable string
	for volume := range c.Volumes {
		writable = volume
	}
	port := freePort(t)
	env := append(slices.Clone(c.Env), "CENOTE_LISTEN=127.0.0.1:"+port, "CENOTE_SHUTDOWN_DELAY=0s")
	stop := s.start(t, service{user: c.User, directory: c.WorkingDir, env: env, command: append(slices.Clone(c.Entrypoint), c.Cmd...), writable: writable})
	health := append([]string{"env", "CENOTE_LISTEN=:" + port, "chroot", "--userspec=" + c.User, s.root}, c.Healthcheck.Test[1:]...)
	awaitCommand(t, stop, func() ([]byte, error) { return s.command(t, health...).CombinedOutput() })
	if said, err := s.command(t, "stat", "-c", "%u", s.root+writable+"/cenote.db").CombinedOutput(); err != nil || strings.TrimSpace(string(said)) != "65532" {
		t.Errorf("the database: %s %v", said, err)
	}
	if log := stop(); !strings.Contains(log, `"msg":"serving"`) {
		t.Errorf("the log is\n%s", log)
	}
	if said, err := s.command(t, health...).CombinedOutput(); err == nil {
		t.Errorf("the health check succeeds without a server: %s", said)
	}
	authorities, err := s.command(t, "grep", "-c", "BEGIN CERTIFICATE", s.root+"/etc/ssl/certs/ca-certificates.crt").Output()
	if err != nil || len(strings.TrimSpace(string(authorities))) < 3 {
		t.Errorf("the image has %s certificate authorities: %v", authorities, err)
	}
}
