package credential

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMatches(t *testing.T) {
	t.Parallel()
	v := NewVerifier(scope, "alice", "P@ssw0rd!")
	tests := map[string]struct {
		scope, id, password string
		want                bool
	}{
		"the password":   {scope, "alice", "P@ssw0rd!", true},
		"another case":   {scope, "alice", "p@ssw0rd!", false},
		"a space behind": {scope, "alice", "P@ssw0rd! ", false},
		"nothing":        {scope, "alice", "", false},
		"another pool":   {"Abc123XyY", "alice", "P@ssw0rd!", false},
		"another user":   {scope, "bob", "P@ssw0rd!", false},
		"a password far longer than any policy's": {scope, "alice", strings.Repeat("x", 1<<16), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := v.Matches(tt.scope, tt.id, tt.password); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestMatchesAVStoredWithoutLeadingZeros(t *testing.T) {
	t.Parallel()
	for i := range 3000 { // one V in 256 begins with a zero byte
		v := newVerifier([]byte{byte(i), byte(i >> 8)}, scope, "alice", "P@ssw0rd!")
		if v.V[0] != 0 {
			continue
		}
		v.V = bytes.TrimLeft(v.V, "\x00")
		if !v.Matches(scope, "alice", "P@ssw0rd!") {
			t.Error("the password does not match")
		}
		return
	}
	t.Fatal("no V with a leading zero byte among 3000")
}

func TestVerifiersOfOnePasswordDiffer(t *testing.T) {
	t.Parallel()
	a, b := NewVerifier(scope, "alice", "P@ssw0rd!"), NewVerifier(scope, "alice", "P@ssw0rd!")
	if len(a.Salt) != 16 || bytes.Equal(a.Salt, b.Salt) || bytes.Equal(a.V, b.V) {
		t.Errorf("salts %x and %x", a.Salt, b.Salt)
	}
}

func TestParseVerifier(t *testing.T) {
	t.Parallel()
	v := NewVerifier(scope, "alice", "P@ssw0rd!")
	got, err := ParseVerifier(v.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Salt, v.Salt) || !bytes.Equal(got.V, v.V) {
		t.Errorf("got salt %x, V %x, want %x, %x", got.Salt, got.V, v.Salt, v.V)
	}
	for name, b := range map[string][]byte{
		"nothing":          {},
		"no salt":          append([]byte{0}, v.V...),
		"a salt that ends": {16, 1, 2, 3},
		"no V":             v.Bytes()[:17],
		"a V above N":      append([]byte{1, 7}, bytes.Repeat([]byte{0xff}, groupBytes)...),
	} {
		if _, err := ParseVerifier(b); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestSecretsPrintHidden(t *testing.T) {
	t.Parallel()
	v := NewVerifier(scope, "alice", "P@ssw0rd!")
	a, err := ParseA("2")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := NewChallenge(v, a)
	for _, secret := range []any{v, &v, c, *c} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if got := fmt.Sprintf(verb, secret); got != "[hidden]" {
				t.Errorf("%T by %s prints %q", secret, verb, got)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", secret)
		if !strings.Contains(log.String(), "v=[hidden]") {
			t.Errorf("%T logs %s", secret, log.String())
		}
	}
}

func TestPhantoms(t *testing.T) {
	t.Parallel()
	key, otherKey := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	v := PhantomVerifier(key, "us-east-1_Abc123XyZ", "nobody")

	if len(v.Salt) != saltBytes || len(v.V) != groupBytes || !v.sound() {
		t.Errorf("a phantom has a salt of %d and a V of %d bytes, sound %v", len(v.Salt), len(v.V), v.sound())
	}
	if diff := cmp.Diff(v.Bytes(), PhantomVerifier(key, "us-east-1_Abc123XyZ", "nobody").Bytes()); diff != "" {
		t.Errorf("it differs the second time:\n%s", diff)
	}
	for name, other := range map[string]Verifier{
		"another user":                         PhantomVerifier(key, "us-east-1_Abc123XyZ", "nobody2"),
		"another pool":                         PhantomVerifier(key, "us-east-1_Abc123XyY", "nobody"),
		"another key":                          PhantomVerifier(otherKey, "us-east-1_Abc123XyZ", "nobody"),
		"the same letters divided differently": PhantomVerifier(key, "us-east-1_Abc123XyZn", "obody"),
	} {
		if bytes.Equal(other.Salt, v.Salt) || bytes.Equal(other.V, v.V) {
			t.Errorf("%s has the same phantom", name)
		}
	}
	if big.Jacobi(new(big.Int).SetBytes(v.V), prime) != -1 || big.Jacobi(big.NewInt(2), prime) != 1 {
		t.Error("some password could match")
	}
	if v.Matches(scope, "nobody", "") || signIn(t, v, "P@ssw0rd!") {
		t.Error("a phantom signed in")
	}
}

func TestPhantomID(t *testing.T) {
	t.Parallel()
	const scope, hint = "us-east-1_Abc123XyZ", uint64(0xabcdef012345)
	key, otherKey := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	seed := PhantomSeed(key, scope, "nobody")
	id := PhantomID(key, scope, seed, hint)
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("%q is not a UUID of version 4", id)
	}
	if other := PhantomSeed(key, scope, "nobody2"); seed != PhantomSeed(key, scope, "nobody") || seed == other {
		t.Error("the seed does not depend on the name alone")
	}
	if gotSeed, gotHint, ok := OpenPhantomID(key, scope, id); !ok || gotSeed != seed || gotHint != hint {
		t.Errorf("the id carries %x and %x, %v", gotSeed, gotHint, ok)
	}
	for name, opened := range map[string]func() ([6]byte, uint64, bool){
		"another key":  func() ([6]byte, uint64, bool) { return OpenPhantomID(otherKey, scope, id) },
		"another pool": func() ([6]byte, uint64, bool) { return OpenPhantomID(key, "us-east-1_Abc123XyY", id) },
		"another id":   func() ([6]byte, uint64, bool) { return OpenPhantomID(key, scope, id[:30]+"000000") },
		"capital form": func() ([6]byte, uint64, bool) { return OpenPhantomID(key, scope, strings.ToUpper(id)) },
		"no id":        func() ([6]byte, uint64, bool) { return OpenPhantomID(key, scope, "nobody") },
		"a random UUID": func() ([6]byte, uint64, bool) {
			return OpenPhantomID(key, scope, "f47ac10b-58cc-4372-a567-0e02b2c3d479")
		},
		"another prefix": func() ([6]byte, uint64, bool) { return OpenPhantomID(key, scope, "00000000"+id[8:]) },
	} {
		if _, _, ok := opened(); ok {
			t.Errorf("%s opens the id", name)
		}
	}
}

func BenchmarkMatches(b *testing.B) {
	v := NewVerifier(scope, "alice", "P@ssw0rd!")
	for b.Loop() {
		if !v.Matches(scope, "alice", "P@ssw0rd!") {
			b.Fatal("the password does not match")
		}
	}
}

func BenchmarkPhantomMatches(b *testing.B) {
	key := make([]byte, 32)
	for b.Loop() {
		if PhantomVerifier(key, scope, "nobody").Matches(scope, "nobody", "P@ssw0rd!") {
			b.Fatal("a phantom matched")
		}
	}
}
