package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/seal"
)

var place = []string{"us-east-1_Abc123XyZ", "users", "alice", "verifier"}

func newMaster(t testing.TB, keys ...[]byte) *seal.Master {
	t.Helper()
	m, err := seal.NewMaster(keys...)
	if err != nil {
		t.Fatalf("NewMaster: %v", err)
	}
	return m
}

func newKey(t testing.TB) *seal.Key {
	t.Helper()
	k, _, err := newMaster(t, masterKey('m')).NewKey()
	if err != nil {
		t.Fatalf("NewKey: %v", err)
	}
	return k
}

func masterKey(fill byte) []byte { return bytes.Repeat([]byte{fill}, seal.KeySize) }

func TestOpenReturnsWhatWasSealed(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	for _, size := range []int{0, 1, 15, 16, 17, 400, 1 << 16} {
		plain := bytes.Repeat([]byte{0xa5}, size)
		sealed := k.Seal(plain, place...)
		if len(sealed) != size+seal.Overhead {
			t.Errorf("sealed %d bytes into %d, want %d", size, len(sealed), size+seal.Overhead)
		}
		got, err := k.Open(sealed, place...)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("Open of %d bytes: got %d bytes, error %v", size, len(got), err)
		}
	}
}

func TestSealIsDifferentEachTime(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	if bytes.Equal(k.Seal([]byte("x"), place...), k.Seal([]byte("x"), place...)) {
		t.Error("two seals of one value are equal")
	}
}

func TestOpenRefusesAnotherContext(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	sealed := k.Seal([]byte("secret"), "pool", "ab", "c")
	tests := map[string][]string{
		"another pool":                            {"poo1", "ab", "c"},
		"the same letters divided differently":    {"pool", "a", "bc"},
		"the same letters joined":                 {"pool", "abc"},
		"one string less":                         {"pool", "ab"},
		"one empty string more":                   {"pool", "ab", "c", ""},
		"another order":                           {"ab", "pool", "c"},
		"no context":                              nil,
		"a string that imitates a length prefix":  {"pool\x00\x00\x00\x02ab", "c"},
		"a string that imitates all that follows": {"pool\x00\x00\x00\x02ab\x00\x00\x00\x01c"},
	}
	for name, context := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := k.Open(sealed, context...); !errors.Is(err, seal.ErrDamaged) {
				t.Errorf("got %q, error %v, want ErrDamaged", got, err)
			}
		})
	}
}

func TestOpenRefusesEveryChangedByteAndEveryCut(t *testing.T) {
	t.Parallel()
	k := newKey(t)
	sealed := k.Seal([]byte("secret"), place...)
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 0x80
		if _, err := k.Open(changed, place...); err == nil {
			t.Errorf("opened with byte %d changed", i)
		}
		if _, err := k.Open(sealed[:i], place...); err == nil {
			t.Errorf("opened when cut to %d bytes", i)
		}
	}
	if _, err := k.Open(append(bytes.Clone(sealed), 0), place...); err == nil {
		t.Error("opened with a byte appended")
	}
}

func TestOpenTellsAnotherKey(t *testing.T) {
	t.Parallel()
	if _, err := newKey(t).Open(newKey(t).Seal([]byte("x"), place...), place...); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("got %v, want ErrWrongKey", err)
	}
}

func TestDeriveDependsOnKeyAndPurpose(t *testing.T) {
	t.Parallel()
	m := newMaster(t, masterKey('m'))
	k, wrapped, err := m.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.OpenKey(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	codes := k.Derive("codes")
	if len(codes) != seal.KeySize {
		t.Errorf("got %d bytes, want %d", len(codes), seal.KeySize)
	}
	if diff := cmp.Diff(codes, again.Derive("codes")); diff != "" {
		t.Errorf("the reopened key derives other bytes:\n%s", diff)
	}
	if bytes.Equal(codes, k.Derive("phantoms")) || bytes.Equal(codes, newKey(t).Derive("codes")) {
		t.Error("another purpose or another key derives the same bytes")
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	t.Parallel()
	k, m := newKey(t), newMaster(t, masterKey('m'))
	for _, v := range []any{k, *k, m, *m} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); got != "[hidden]" {
				t.Errorf("%T by %s prints %q", v, verb, got)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		if !strings.Contains(log.String(), `"v":"[hidden]"`) {
			t.Errorf("%T logs %s", v, log.String())
		}
		if b, err := json.Marshal(v); err != nil || string(b) != "{}" {
			t.Errorf("%T encodes as %s, error %v", v, b, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	k := newKey(f)
	m := newMaster(f, masterKey('m'))
	sealed := k.Seal([]byte("secret"), place...)
	f.Add(sealed)
	f.Add(sealed[:len(sealed)-1])
	f.Add(m.NewCheck())
	f.Add([]byte{})
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, b []byte) {
		if plain, err := k.Open(b, place...); err == nil && !bytes.Equal(b, sealed) {
			t.Errorf("opened a forged value: %q", plain)
		}
		if _, err := m.OpenKey(b); err == nil {
			t.Error("opened a forged data key")
		}
		if _, err := m.Open(b, place...); err == nil {
			t.Error("opened a forged server secret")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	k, plain := newKey(b), make([]byte, 400)
	for b.Loop() {
		k.Seal(plain, place...)
	}
}

func BenchmarkOpen(b *testing.B) {
	k := newKey(b)
	sealed := k.Seal(make([]byte, 400), place...)
	for b.Loop() {
		if _, err := k.Open(sealed, place...); err != nil {
			b.Fatal(err)
		}
	}
}
