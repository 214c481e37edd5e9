package token

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
)

// TestARememberedTokenIsCheckedAgain verifies a token, and then again when it is no longer good for one of many reasons.
func TestARememberedTokenIsCheckedAgain(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(f *fixture)
		want   error
	}{
		"nothing has changed":       {func(*fixture) {}, nil},
		"it has expired":            {func(f *fixture) { f.now = f.now.Add(time.Hour) }, errExpired},
		"the server's name changed": {func(f *fixture) { f.issuer.PublicURL = "https://other.example.com" }, errInvalidAccess},
		"its key was retired":       {func(f *fixture) { f.key(pool.SignsAccess).Retires = f.now }, errUnverified},
		"its key is gone":           {func(f *fixture) { f.grant.Pool.Keys = nil }, errUnverified},
		"its key signs ID tokens":   {func(f *fixture) { f.key(pool.SignsAccess).Use = pool.SignsID }, errUnverified},
		"another key has its id":    {func(f *fixture) { f.key(pool.SignsAccess).Private = f.key(pool.SignsID).Private }, errUnverified},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			tokens, err := f.issuer.Issue(f.grant)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.verify(tokens.Access); err != nil {
				t.Fatal(err)
			}
			if f.issuer.verified.find(sha256.Sum256([]byte(tokens.Access))) == nil {
				t.Fatal("the token is not remembered")
			}
			tc.change(f)
			if _, err := f.verify(tokens.Access); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestATokenWithABadSignatureIsNotRemembered(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	tokens, err := f.issuer.Issue(f.grant)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.verify(tokens.Access); err != nil {
		t.Fatal(err)
	}
	forged := tokens.Access[:strings.LastIndexByte(tokens.Access, '.')+1] + tokens.ID[strings.LastIndexByte(tokens.ID, '.')+1:]
	for range 2 {
		if _, err := f.verify(forged); err == nil || !strings.HasPrefix(err.Error(), errUnverified.Error()) {
			t.Errorf("got %v, want %v", err, errUnverified)
		}
	}
}

func TestRememberedTokensAreBounded(t *testing.T) {
	t.Parallel()
	var v verified
	var digest [sha256.Size]byte
	for i := range uint64(3 * maxVerified) {
		binary.BigEndian.PutUint64(digest[:], i)
		v.add(digest, &signed{})
		if len(v.tokens) > maxVerified || v.find(digest) == nil {
			t.Fatalf("after %d tokens %d are remembered", i+1, len(v.tokens))
		}
	}
}

// key returns the fixture's key for the use.
func (f *fixture) key(use pool.KeyUse) *pool.SigningKey {
	for i := range f.grant.Pool.Keys {
		if k := &f.grant.Pool.Keys[i]; k.Use == use {
			return k
		}
	}
	return nil
}

// verify parses and verifies an access token.
func (f *fixture) verify(raw string) (*Access, error) {
	parsed, err := f.issuer.ParseAccess(raw)
	if err != nil {
		return nil, err
	}
	return f.issuer.Verify(parsed, f.grant.Pool)
}
