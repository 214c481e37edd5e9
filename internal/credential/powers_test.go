package credential

import (
	"bytes"
	"errors"
	"log/slog"
	"math/big"
	"strings"
	"testing"
)

func TestALibraryOfPowersIsReplacedWhenItFails(t *testing.T) {
	t.Parallel()
	base, exponent := big.NewInt(7), bytes.Repeat([]byte{0xa5}, exponentBytes)
	want := bigExp(base, exponent)
	right := func(b, e []byte) ([]byte, error) { return bigExp(new(big.Int).SetBytes(b), e).Bytes(), nil }
	for name, tc := range map[string]struct {
		library func(call int) Exp
		calls   int    // of three
		said    string // empty: nothing
	}{
		"it is right":              {func(int) Exp { return right }, 3, ""},
		"its first power is wrong": {func(int) Exp { return func(_, _ []byte) ([]byte, error) { return []byte{1}, nil } }, 1, "the power is wrong"},
		"it fails later": {func(call int) Exp {
			if call == 1 {
				return right
			}
			return func(_, _ []byte) ([]byte, error) { return nil, errors.New("no room") }
		}, 2, "no room"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			calls := 0
			p := NewPowers(func(b, e []byte) ([]byte, error) { calls++; return tc.library(calls)(b, e) }, slog.New(slog.NewTextHandler(&log, nil)))
			for range 3 {
				if got := p.exp(base, exponent); got.Cmp(want) != 0 {
					t.Errorf("got %x, want %x", got, want)
				}
			}
			lines := 0
			if tc.said != "" {
				lines = 1
			}
			if calls != tc.calls || strings.Count(log.String(), "\n") != lines || !strings.Contains(log.String(), tc.said) {
				t.Errorf("%d calls, the log says %q; want %d calls and %q", calls, log.String(), tc.calls, tc.said)
			}
		})
	}
}
