package srpgroup_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/srpgroup"
)

func TestTheGroup(t *testing.T) {
	t.Parallel()
	n := srpgroup.Prime()
	half := new(big.Int).Rsh(n, 1)
	if n.BitLen() != 8*srpgroup.Bytes || !n.ProbablyPrime(0) || !half.ProbablyPrime(0) || big.Jacobi(big.NewInt(2), n) != 1 {
		t.Error("N is no safe prime of 3072 bits whose squares 2 generates")
	}
	n.SetInt64(0)
	if srpgroup.Prime().Sign() == 0 {
		t.Error("a caller can change N")
	}
}

func TestPad(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "00", "0000": "00", "14": "14", "ec": "00ec", "00000123": "0123", "0923": "0923", "00ff": "00ff"} {
		n, err := hex.DecodeString(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(srpgroup.Pad(bytes.Clone(n))); got != want {
			t.Errorf("Pad(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestParseHex(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"0": 0, "f": 15, "F": 15, "0f": 15, "00000f": 15, "123": 0x123} {
		if got, err := srpgroup.ParseHex(in, 6); err != nil || got.Int64() != want {
			t.Errorf("ParseHex(%q) = %v, %v, want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "-1", "+1", "0x1", " 1", "1 ", "1_0", "g", "\u0661", strings.Repeat("0", 7)} {
		if got, err := srpgroup.ParseHex(in, 6); !errors.Is(err, srpgroup.ErrNotHex) {
			t.Errorf("ParseHex(%q) = %v, %v", in, got, err)
		}
	}
}
