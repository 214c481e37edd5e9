package credential

import (
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
)

func TestADeviceVerifierIsReadAsAnInteger(t *testing.T) {
	t.Parallel()
	b64 := func(b ...byte) string { return base64.StdEncoding.EncodeToString(b) }
	const group, key, secret = "-v7w9UcY6", "us-west-2_a1b2c3d4-5678-40ab-8def-0123456789ab", "device-secret-password"
	made := NewVerifier(group, key, secret)
	last := new(big.Int).Sub(prime, big.NewInt(1)).Bytes()
	for name, c := range map[string]struct {
		salt, verifier string
		ok             bool
	}{
		"as clients write it, with a zero byte before the top bit": {b64(append([]byte{0}, made.Salt...)...), b64(append([]byte{0}, made.V...)...), true},
		"without a zero byte":                      {b64(made.Salt...), b64(made.V...), true},
		"an empty salt is refused":                 {"", b64(made.V...), false},
		"a salt of zero is refused":                {b64(0, 0), b64(made.V...), false},
		"a verifier of zero is refused":            {b64(made.Salt...), b64(0), false},
		"a verifier of one is refused":             {b64(made.Salt...), b64(1), false},
		"a verifier of N-1 is refused":             {b64(made.Salt...), b64(last...), false},
		"a verifier of N is refused":               {b64(made.Salt...), b64(prime.Bytes()...), false},
		"a verifier longer than N is refused":      {b64(made.Salt...), b64(append([]byte{1}, made.V...)...), false},
		"text that is not base64 is refused":       {"!", b64(made.V...), false},
		"a salt longer than is kept is refused":    {b64([]byte(strings.Repeat("s", 256))...), b64(made.V...), false},
		"a text without end is refused unread":     {b64(made.Salt...), strings.Repeat("A", 1<<20), false},
		"a longest salt is kept":                   {b64([]byte(strings.Repeat("s", 255))...), b64(made.V...), true},
		"the alphabet of addresses is no base64":   {b64(made.Salt...), "__" + b64(made.V...), false},
		"a line break within is ignored":           {b64(made.Salt...) + "\n", b64(made.V...), true},
		"a verifier with spaces within is refused": {b64(made.Salt...), " " + b64(made.V...), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := ParseDeviceVerifier(c.salt, c.verifier)
			if ok := err == nil; ok != c.ok || !ok && !errors.Is(err, ErrDeviceVerifier) {
				t.Fatalf("read %v (%v), want %v", ok, err, c.ok)
			}
			if c.ok && strings.HasPrefix(name, "with") && !v.Matches(group, key, secret) {
				t.Error("the verifier does not match its password")
			}
		})
	}
	v, err := ParseDeviceVerifier(b64(append([]byte{0}, made.Salt...)...), b64(append([]byte{0}, made.V...)...))
	if err != nil || !v.Matches(group, key, secret) || v.Matches(group, key, "another") {
		t.Errorf("a verifier as clients write it does not serve: %v", err)
	}
}
