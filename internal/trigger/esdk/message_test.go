package esdk

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const keyARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

var poolContext = map[string]string{"userpool-id": "eu-west-1_AbCdEfGhI"}

func newKeys(t *testing.T) *LocalKeys {
	t.Helper()
	keys, err := OpenLocalKeys(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func sealCode(t *testing.T, keys KeyService, text string) []byte {
	t.Helper()
	m, err := Encrypt(t.Context(), keys, keyARN, poolContext, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestLayout compares the bytes of a message with those of a captured one, part by part.
func TestLayout(t *testing.T) {
	t.Parallel()
	m := sealCode(t, newKeys(t), "123456")
	if text := base64.StdEncoding.EncodeToString(m); !strings.HasPrefix(text, "AYADe") {
		t.Errorf("begins with %.5s, want AYADe", text)
	}
	at := 0
	next := func(n int) []byte { at += n; return m[at-n : at] }
	short := func() []byte { return next(int(binary.BigEndian.Uint16(next(2)))) }
	same := func(what string, got, want []byte) {
		t.Helper()
		if !bytes.Equal(got, want) {
			t.Errorf("%s is %x, want %x", what, got, want)
		}
	}
	same("version, type and suite", next(4), []byte{1, 0x80, 0x03, 0x78})
	next(16)
	before := at
	same("length of the context", next(2), binary.BigEndian.AppendUint16(nil, uint16(2+2+21+2+68+2+11+2+19)))
	same("number of pairs", next(2), []byte{0, 2})
	same("first name", short(), []byte("aws-crypto-public-key"))
	point, err := base64.StdEncoding.DecodeString(string(short()))
	if err != nil || len(point) != 49 || point[0]&^1 != 2 {
		t.Errorf("public key is %x (%v), want a compressed point of 49 bytes", point, err)
	}
	same("second name", short(), []byte("userpool-id"))
	same("second value", short(), []byte("eu-west-1_AbCdEfGhI"))
	if got := int(binary.BigEndian.Uint16(m[before:])); at-before-2 != got {
		t.Errorf("context has %d bytes, says %d", at-before-2, got)
	}
	same("number of keys", next(2), []byte{0, 1})
	same("provider", short(), []byte("aws-kms"))
	same("provider info", short(), []byte(keyARN))
	short()
	same("content type, reserved, IV length, frame length", next(10), []byte{2, 0, 0, 0, 0, 12, 0, 0, 0x10, 0})
	same("header IV", next(12), make([]byte, 12))
	next(16)
	same("marker and sequence number of the last frame", next(8), []byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1})
	same("frame IV", next(12), []byte{11: 1})
	same("content length", next(4), []byte{0, 0, 0, 6})
	next(6 + 16)
	if signature := short(); len(signature) < 90 || len(signature) > 104 || signature[0] != 0x30 {
		t.Errorf("signature is %x, want DER of P-384", signature)
	}
	if at != len(m) {
		t.Errorf("%d bytes follow", len(m)-at)
	}
}

func TestDecrypt(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	for _, text := range []string{"123456", "", "Tempor4ry&lt;!", strings.Repeat("x", MaxText)} {
		got, encContext, err := Decrypt(t.Context(), keys, sealCode(t, keys, text))
		if err != nil || string(got) != text {
			t.Errorf("got %q (%v), want %q", got, err, text)
		}
		delete(encContext, publicKeyName)
		if diff := cmp.Diff(poolContext, encContext); diff != "" {
			t.Errorf("context (-want +got):\n%s", diff)
		}
	}
	if _, err := Encrypt(t.Context(), keys, keyARN, nil, make([]byte, MaxText+1)); err == nil {
		t.Error("a text of more than one frame was sealed")
	}
}

func TestDecryptRefusesChanges(t *testing.T) {
	t.Parallel()
	keys := newKeys(t)
	m := sealCode(t, keys, "123456")
	for i := 0; i < len(m); i += 3 { // a signature is checked for each; the step keeps the test short
		changed := bytes.Clone(m)
		changed[i] ^= 1
		if text, _, err := Decrypt(t.Context(), keys, changed); err == nil {
			t.Fatalf("byte %d changed, and it opens as %q", i, text)
		}
		if text, _, err := Decrypt(t.Context(), keys, m[:i]); err == nil {
			t.Fatalf("cut at %d, and it opens as %q", i, text)
		}
	}
	if _, _, err := Decrypt(t.Context(), keys, append(m, 0)); !errors.Is(err, ErrMessage) {
		t.Errorf("with a byte more: %v, want ErrMessage", err)
	}
	if _, _, err := Decrypt(t.Context(), newKeys(t), m); !errors.Is(err, ErrWrapped) {
		t.Errorf("with another key: %v, want ErrWrapped", err)
	}
}

func FuzzDecrypt(f *testing.F) {
	keys, err := OpenLocalKeys(filepath.Join(f.TempDir(), "key"))
	if err != nil {
		f.Fatal(err)
	}
	m, err := Encrypt(f.Context(), keys, keyARN, poolContext, []byte("123456"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(m)
	f.Fuzz(func(t *testing.T, message []byte) {
		if text, _, err := Decrypt(t.Context(), keys, message); err == nil && string(text) != "123456" {
			t.Errorf("a forged message opens as %q", text)
		}
	})
}
