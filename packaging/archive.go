package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"time"
)

// entry is a file or, where the name ends in a slash, a folder.
type entry struct {
	name    string
	mode    int64
	owner   int // user and group; 0 for root
	content []byte
}

// archive packs the binary with the documents that belong to it: tar.gz, and zip for Windows.
func (r *release) archive(p platform, binary string, docs documents, out string) error {
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	name := "cenote_" + r.version + "_" + p.os + "_" + p.arch
	entries := []entry{{name: name + "/" + filepath.Base(binary), mode: 0o755, content: program}}
	for _, doc := range []string{"CHANGELOG.md", "LICENSE", "README.md", "THIRD-PARTY-LICENSES"} {
		entries = append(entries, entry{name: name + "/" + doc, mode: 0o644, content: docs[doc]})
	}
	if p.os == "windows" {
		content, err := zipOf(entries, r.time)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(out, name+".zip"), content, 0o644)
	}
	for _, doc := range []string{"cenote.1", "cenote.yaml.5", "cenote.bash", "_cenote", "cenote.fish"} {
		folder := "completions"
		if filepath.Ext(doc) == ".1" || filepath.Ext(doc) == ".5" {
			folder = "man"
		}
		entries = append(entries, entry{name: name + "/" + folder + "/" + doc, mode: 0o644, content: docs[doc]})
	}
	plain, err := tarOf(entries, r.time)
	if err != nil {
		return err
	}
	packed, err := gzipped(plain)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, name+".tar.gz"), packed, 0o644)
}

// tarOf packs entries, all of one time.
func tarOf(entries []entry, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, Size: int64(len(e.content)), ModTime: at, Format: tar.FormatPAX, Typeflag: tar.TypeReg}
		if e.name[len(e.name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.content); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// gzipped compresses, without a name or a time.
func gzipped(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func zipOf(entries []entry, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: at}
		h.SetMode(os.FileMode(e.mode))
		f, err := w.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(f, bytes.NewReader(e.content)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
