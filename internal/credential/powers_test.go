package credential

import (
	"bytes"
	"errors"
	"log/slog"
	"math/big"
	"strings"
	"testing"
)

// library computes by the function for exponents of either kind, and counts.
type library struct {
	calls int
	exp   func(call int, base, exponent []byte) ([]byte, error)
}

func (l *library) Exp(base, exponent []byte) ([]byte, error) {
	l.calls++
	return l.exp(l.calls, base, exponent)
}

func (l *library) PublicExp(base, exponent []byte) ([]byte, error) { return l.Exp(base, exponent) }

func right(_ int, base, exponent []byte) ([]byte, error) {
	return bigExp(new(big.Int).SetBytes(base), exponent).Bytes(), nil
}

func TestALibraryOfPowersIsReplacedWhenItFails(t *testing.T) {
	t.Parallel()
	base, exponent := big.NewInt(7), bytes.Repeat([]byte{0xa5}, exponentBytes)
	want := bigExp(base, exponent)
	for name, tc := range map[string]struct {
		exp   func(call int, base, exponent []byte) ([]byte, error)
		calls int    // of four, of which the first and the third have public exponents
		said  string // empty: nothing
	}{
		"it is right":              {right, 4, ""},
		"its first power is wrong": {func(int, []byte, []byte) ([]byte, error) { return []byte{1}, nil }, 1, "the power is wrong"},
		"the first of a secret exponent is wrong": {func(call int, base, exponent []byte) ([]byte, error) {
			if call == 2 {
				return []byte{1}, nil
			}
			return right(call, base, exponent)
		}, 2, "the power is wrong"},
		"it fails later": {func(call int, base, exponent []byte) ([]byte, error) {
			if call == 3 {
				return nil, errors.New("no room")
			}
			return right(call, base, exponent)
		}, 3, "no room"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			l := &library{exp: tc.exp}
			p := NewPowers(l, slog.New(slog.NewTextHandler(&log, nil)))
			for i := range 4 {
				exp := p.secretExp
				if i%2 == 0 {
					exp = p.publicExp
				}
				if got := exp(base, exponent); got.Cmp(want) != 0 {
					t.Errorf("got %x, want %x", got, want)
				}
			}
			lines := 0
			if tc.said != "" {
				lines = 1
			}
			if l.calls != tc.calls || strings.Count(log.String(), "\n") != lines || !strings.Contains(log.String(), tc.said) {
				t.Errorf("%d calls, the log says %q; want %d calls and %q", l.calls, log.String(), tc.calls, tc.said)
			}
		})
	}
}
