package srp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// vectors is testdata/srp.json: whole exchanges with fixed secrets. Numbers are hexadecimal; long ones stand as the SHA-256 of their text.
type vectors struct {
	A           string `json:"a"`
	B           string `json:"b"`
	SecretBlock string `json:"secretBlock"`
	Timestamp   string `json:"timestamp"`
	PublicAHash string `json:"sha256 of A"`
	Exchanges   []struct {
		Name      string `json:"name"`
		Scope     string `json:"scope"`
		ID        string `json:"id"`
		Password  string `json:"password"`
		Salt      string `json:"salt"`
		VHash     string `json:"sha256 of v"`
		BHash     string `json:"sha256 of B"`
		Signature string `json:"signature"`
	} `json:"exchanges"`
}

func hashOfHex(n *big.Int) string {
	sum := sha256.Sum256([]byte(n.Text(16)))
	return hex.EncodeToString(sum[:])
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWholeExchangesMatchTheVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/srp.json")
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	e := newEphemeral(unhex(t, all.A))
	a, _ := new(big.Int).SetString(e.A(), 16)
	if got := hashOfHex(a); got != all.PublicAHash {
		t.Errorf("A hashes to %s, want %s", got, all.PublicAHash)
	}
	for _, tt := range all.Exchanges {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			salt, err := srpgroup.ParseHex(tt.Salt, maxDigits)
			if err != nil {
				t.Fatal(err)
			}
			secret := newDeviceSecret(tt.Scope, tt.ID, tt.Password, salt.Bytes())
			raw, err := base64.StdEncoding.DecodeString(secret.Verifier)
			if err != nil {
				t.Fatal(err)
			}
			v := new(big.Int).SetBytes(raw)
			if got := hashOfHex(v); got != tt.VHash {
				t.Errorf("v hashes to %s, want %s", got, tt.VHash)
			}
			k := new(big.Int).SetBytes(multiplier.Bytes(modulus))
			b := new(big.Int).Exp(big.NewInt(2), new(big.Int).SetBytes(unhex(t, all.B)), prime)
			b.Add(b, k.Mul(k, v)).Mod(b, prime)
			if got := hashOfHex(b); got != tt.BHash {
				t.Fatalf("B hashes to %s, want %s", got, tt.BHash)
			}
			got, err := e.Proof(tt.Scope, tt.ID, tt.Password, tt.Salt, b.Text(16), unhex(t, all.SecretBlock), all.Timestamp)
			if err != nil || got != tt.Signature {
				t.Errorf("signature %q, error %v, want %q", got, err, tt.Signature)
			}
		})
	}
}

func TestProofRefusesAHostileServer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ salt, b string }{
		"B is 0":                    {"1", "0"},
		"B is N":                    {"1", prime.Text(16)},
		"B is 2N":                   {"1", new(big.Int).Lsh(prime, 1).Text(16)},
		"B is not a number":         {"1", "xyz"},
		"B is negative":             {"1", "-2"},
		"B is empty":                {"1", ""},
		"B is one digit too long":   {"1", strings.Repeat("f", maxDigits+1)},
		"B is a megabyte":           {"1", strings.Repeat("f", 1<<20)},
		"no salt":                   {"", "2"},
		"a negative salt":           {"-1", "2"},
		"a salt that is a megabyte": {strings.Repeat("f", 1<<20), "2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			claim, err := NewEphemeral().Proof("Abc123XyZ", "ann", "P@ssw0rd!", tt.salt, tt.b, nil, "")
			if !errors.Is(err, ErrServerValues) || claim != "" {
				t.Errorf("got the claim %q and %v, want ErrServerValues", claim, err)
			}
		})
	}
}

func TestTimestampsAreNotPadded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 5, 11, 8, 7, 0, time.FixedZone("CEST", 2*60*60))
	if got, want := FormatTimestamp(at), "Sat Sep 5 09:08:07 UTC 2026"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretHash(t *testing.T) {
	t.Parallel()
	got := SecretHash("exampleclientsecret0123456789", "alice", "1example23456789abcdefghij")
	if want := "URyZJQNlGxbvZBY2Xdn6mxArlk2cxh0lGOE20Tp7g/0="; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	for _, secret := range []any{NewEphemeral(), NewDeviceSecret("-g", "us-east-1_k")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			if got := fmt.Sprintf(verb, secret); got != hidden {
				t.Errorf("%s of %T prints %s", verb, secret, got)
			}
		}
		if v, ok := secret.(slog.LogValuer); !ok || v.LogValue().String() != hidden {
			t.Errorf("%T shows itself in a log", secret)
		}
	}
}

// FuzzProof lets the server's part of the exchange be anything: it is refused or it is signed, within a bounded time.
func FuzzProof(f *testing.F) {
	f.Add("1", "2", []byte{1})
	f.Add("0", prime.Text(16), []byte{})
	f.Add("-1", "0x2", []byte(nil))
	e := NewEphemeral()
	f.Fuzz(func(t *testing.T, salt, b string, block []byte) {
		claim, err := e.Proof("Abc123XyZ", "ann", "P@ssw0rd!", salt, b, block, "Sat Sep 5 09:08:07 UTC 2026")
		if raw, decode := base64.StdEncoding.DecodeString(claim); err == nil && (decode != nil || len(raw) != sha256.Size) {
			t.Errorf("the claim %q is no signature", claim)
		}
		if err != nil && !errors.Is(err, ErrServerValues) {
			t.Errorf("got %v", err)
		}
	})
}

// TestJavaScriptComputesTheSame compares with testdata/identity_js.json, which test/sdk/js/srp_vectors.mjs makes by amazon-cognito-identity-js:
// names and passwords in many scripts, salts and keys of every length.
func TestJavaScriptComputesTheSame(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/identity_js.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Secret     string // a
		Public     string // A
		Scope      string
		ID         string
		Password   string
		Salt       string
		B          string
		Block      []byte
		Timestamp  string
		Signature  string
		DeviceSalt string
		Verifier   string // the SHA-256 of its base64
	}
	if err := json.Unmarshal(text, &all); err != nil || len(all) != 40 {
		t.Fatalf("%d vectors, error %v", len(all), err)
	}
	for i, tt := range all {
		e := newEphemeral(unhex(t, tt.Secret))
		if e.A() != tt.Public {
			t.Errorf("%d: A is %s, want %s", i, e.A(), tt.Public)
		}
		got, err := e.Proof(tt.Scope, tt.ID, tt.Password, tt.Salt, tt.B, tt.Block, tt.Timestamp)
		if err != nil || got != tt.Signature {
			t.Errorf("%d: signature %q, error %v, want %q", i, got, err, tt.Signature)
		}
		salt, err := srpgroup.ParseHex(tt.Salt, maxDigits)
		if err != nil {
			t.Fatal(err)
		}
		device := newDeviceSecret(tt.Scope, tt.ID, tt.Password, salt.Bytes())
		sum := sha256.Sum256([]byte(device.Verifier))
		if device.Salt != tt.DeviceSalt || hex.EncodeToString(sum[:]) != tt.Verifier {
			t.Errorf("%d: the device has the salt %s and another verifier", i, device.Salt)
		}
	}
}
