package credential

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

// vectors is srp.json of the client: whole exchanges with fixed secrets of 1024 bits, longer than those drawn here. Numbers are hexadecimal;
// long ones stand as the SHA-256 of their hexadecimal text.
type vectors struct {
	A           string `json:"a"`
	B           string `json:"b"`
	SecretBlock string `json:"secretBlock"`
	Timestamp   string `json:"timestamp"`
	PublicAHash string `json:"sha256 of A"`
	PublicA     string `json:"A prefix"`
	K           string `json:"k"`
	Exchanges   []struct {
		Name       string `json:"name"`
		Scope      string `json:"scope"`
		ID         string `json:"id"`
		Password   string `json:"password"`
		Salt       string `json:"salt"`
		X          string `json:"x"`
		VHash      string `json:"sha256 of v"`
		PublicB    string `json:"B prefix"`
		BHash      string `json:"sha256 of B"`
		U          string `json:"u"`
		SHash      string `json:"sha256 of S"`
		SessionKey string `json:"K"`
		Signature  string `json:"signature"`
	} `json:"exchanges"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	text, err := os.ReadFile("../../client/srp/testdata/srp.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Exchanges) == 0 {
		t.Fatal("no vectors")
	}
	return v
}

func number(t *testing.T, text string) *big.Int {
	t.Helper()
	n, err := srpgroup.ParseHex(text, maxKeyDigits)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return n
}

func hashOfHex(n []byte) string {
	sum := sha256.Sum256([]byte(new(big.Int).SetBytes(n).Text(16)))
	return hex.EncodeToString(sum[:])
}

func TestVectors(t *testing.T) {
	t.Parallel()
	all := readVectors(t)
	b := number(t, all.B)
	publicA := new(big.Int).Exp(big.NewInt(2), number(t, all.A), prime)
	secretBlock := number(t, "1"+all.SecretBlock).Bytes()[1:] // the 1 keeps its leading zero byte

	if got := multiplier.Text(16); got != all.K {
		t.Errorf("k: got %s, want %s", got, all.K)
	}
	if got := publicA.Text(16); got[:32] != all.PublicA || len(got) != 768 || hashOfHex(publicA.Bytes()) != all.PublicAHash {
		t.Errorf("A: got %s", got)
	}
	for _, tt := range all.Exchanges {
		t.Run(tt.Name, func(t *testing.T) {
			t.Parallel()
			salt := number(t, tt.Salt).Bytes()
			v := newVerifier(salt, tt.Scope, tt.ID, tt.Password)
			x := privateKey(salt, tt.Scope, tt.ID, tt.Password)
			gb := new(big.Int).Exp(big.NewInt(2), b, prime)
			publicB := publicB(v, gb.Bytes())
			u := scramble(publicA.Bytes(), publicB.Bytes())
			s := (*Powers)(nil).serverSecret(v.V, u, publicA.Bytes(), b.Bytes())
			k := sessionKey(s, u)
			proof := signature(k, tt.Scope, tt.ID, secretBlock, all.Timestamp)

			type exchange struct{ Salt, X, V, B, PublicB, U, S, K, Signature string }
			got := exchange{
				v.SaltHex(), hex.EncodeToString(x[:]), hashOfHex(v.V), hashOfHex(publicB.Bytes()), publicB.Text(16)[:32],
				hex.EncodeToString(u), hashOfHex(s), hex.EncodeToString(k), base64.StdEncoding.EncodeToString(proof),
			}
			want := exchange{tt.Salt, tt.X, tt.VHash, tt.BHash, tt.PublicB, tt.U, tt.SHash, tt.SessionKey, tt.Signature}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("server (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want string }{
		"zero is one zero byte":                      {"", "00"},
		"zero bytes are zero":                        {"0000", "00"},
		"a small number stays":                       {"14", "14"},
		"a top bit gets a zero byte":                 {"ec", "00ec"},
		"a leading zero goes":                        {"00000123", "0123"},
		"an odd digit count with a top bit in sight": {"0923", "0923"},
		"a needed zero byte stays":                   {"00ff", "00ff"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := hex.DecodeString(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(srpgroup.Pad(in)); got != tt.want {
				t.Errorf("pad(%s) = %s, want %s", tt.in, got, tt.want)
			}
		})
	}
	if got := srpgroup.Pad(prime.Bytes()); len(got) != groupBytes+1 || got[0] != 0 {
		t.Errorf("pad(N) has %d bytes", len(got))
	}
}
