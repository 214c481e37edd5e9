package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// imageUser is who the server runs as in a container: a number that no user of the host has.
const imageUser = 65532

// Media types of the OCI image specification.
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// descriptor points to a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// layout is an OCI image layout under way: blobs by their digest.
type layout struct{ blobs map[string][]byte }

func (l *layout) add(mediaType string, content []byte) descriptor {
	sum := sha256.Sum256(content)
	name := hex.EncodeToString(sum[:])
	l.blobs[name] = content
	return descriptor{MediaType: mediaType, Digest: "sha256:" + name, Size: len(content)}
}

func (l *layout) addJSON(mediaType string, v any) (descriptor, error) {
	content, err := json.Marshal(v) // maps are sorted
	return l.add(mediaType, content), err
}

// image writes one image for all architectures as an archive of an OCI layout. Its files are the binary, the certificates of public
// authorities, the licences, and the empty folders that the server needs.
func (r *release) image(targets []platform, binaries map[platform]string, docs documents, to string) error {
	l := &layout{blobs: map[string][]byte{}}
	var manifests []descriptor
	for _, p := range targets {
		program, err := os.ReadFile(binaries[p])
		if err != nil {
			return err
		}
		d, err := r.imageFor(l, p, program, docs)
		if err != nil {
			return err
		}
		manifests = append(manifests, d)
	}
	index, err := l.addJSON(indexType, map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": manifests})
	if err != nil {
		return err
	}
	index.Annotations = map[string]string{"org.opencontainers.image.ref.name": r.tag(), "io.containerd.image.name": "cenote:" + r.tag()}
	top, err := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{index}})
	if err != nil {
		return err
	}
	entries := []entry{
		{name: "oci-layout", mode: 0o644, content: []byte(`{"imageLayoutVersion":"1.0.0"}`)},
		{name: "index.json", mode: 0o644, content: top},
		{name: "blobs/", mode: 0o755},
		{name: "blobs/sha256/", mode: 0o755},
	}
	for name, content := range l.blobs {
		entries = append(entries, entry{name: "blobs/sha256/" + name, mode: 0o644, content: content})
	}
	slices.SortStableFunc(entries[4:], func(a, b entry) int { return strings.Compare(a.name, b.name) })
	archive, err := tarOf(entries, r.time)
	if err != nil {
		return err
	}
	return os.WriteFile(to, archive, 0o644)
}

// tag is the version in the letters that a tag may have.
func (r *release) tag() string { return strings.ReplaceAll(r.version, "+", "-") }

// imageFor adds the image for one architecture.
func (r *release) imageFor(l *layout, p platform, program []byte, docs documents) (descriptor, error) {
	plain, err := tarOf(imageFiles(program, docs), r.time)
	if err != nil {
		return descriptor{}, err
	}
	packed, err := gzipped(plain)
	if err != nil {
		return descriptor{}, err
	}
	layer := l.add(layerType, packed)
	unpacked := sha256.Sum256(plain)
	created := r.time.Format("2006-01-02T15:04:05Z")
	config, err := l.addJSON(configType, map[string]any{
		"created": created, "architecture": p.arch, "os": p.os,
		"config": map[string]any{
			"User":         "65532:65532",
			"ExposedPorts": map[string]any{"4310/tcp": struct{}{}},
			"Env":          []string{"PATH=/usr/bin", "CENOTE_LISTEN=:4310", "CENOTE_DATA_DIR=/var/lib/cenote"},
			"Entrypoint":   []string{"/usr/bin/cenote"},
			"Cmd":          []string{"serve"},
			"WorkingDir":   "/var/lib/cenote",
			"Volumes":      map[string]any{"/var/lib/cenote": struct{}{}},
			"StopSignal":   "SIGTERM",
			// Docker's own extension, which others ignore; times are in nanoseconds.
			"Healthcheck": map[string]any{"Test": []string{"CMD", "/usr/bin/cenote", "health"}, "Interval": 10e9, "Timeout": 6e9, "StartPeriod": 30e9, "Retries": 3},
			"Labels": map[string]string{
				"org.opencontainers.image.title":    "cenote",
				"org.opencontainers.image.version":  r.version,
				"org.opencontainers.image.licenses": "Apache-2.0",
				"org.opencontainers.image.source":   "https://" + project,
				"org.opencontainers.image.created":  created,
			},
		},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(unpacked[:])}},
		"history": []any{map[string]string{"created": created, "created_by": "make dist"}},
	})
	if err != nil {
		return descriptor{}, err
	}
	manifest, err := l.addJSON(manifestType, map[string]any{"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": []descriptor{layer}})
	manifest.Platform = map[string]string{"os": p.os, "architecture": p.arch}
	return manifest, err
}

// imageFiles are the files of the image. /tmp is there for whoever mounts something on it.
func imageFiles(program []byte, docs documents) []entry {
	files := []entry{
		{name: "etc/passwd", mode: 0o644, content: []byte("root:x:0:0:root:/:/sbin/nologin\ncenote:x:65532:65532:cenote:/var/lib/cenote:/sbin/nologin\n")},
		{name: "etc/group", mode: 0o644, content: []byte("root:x:0:\ncenote:x:65532:\n")},
		{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, content: authorities()},
		{name: "tmp/", mode: 0o1777},
		{name: "usr/bin/cenote", mode: 0o755, content: program},
		{name: "usr/share/doc/cenote/LICENSE", mode: 0o644, content: docs["LICENSE"]},
		{name: "usr/share/doc/cenote/THIRD-PARTY-LICENSES", mode: 0o644, content: docs["THIRD-PARTY-LICENSES"]},
		{name: "var/lib/cenote/", mode: 0o700, owner: imageUser},
	}
	folders := map[string]bool{}
	var all []entry
	for _, f := range files {
		var above []entry
		for dir := path.Dir(strings.TrimSuffix(f.name, "/")); dir != "." && !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
			above = append(above, entry{name: dir + "/", mode: 0o755})
		}
		slices.Reverse(above)
		all = append(append(all, above...), f)
	}
	return all
}

// authorities are the certificate authorities that Mozilla trusts without reservation, in PEM.
func authorities() []byte {
	var b []byte
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate})...)
		}
	}
	return b
}
