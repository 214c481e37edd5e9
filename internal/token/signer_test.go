package token

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// library is a Library whose signatures are those of crypto/rsa, until it is told to fail.
type library struct {
	noKey  error        // NewKey returns it
	wrong  bool         // signatures are of another digest
	broken atomic.Bool  // signatures fail
	keys   atomic.Int32 // that NewKey made
	signed atomic.Int32
}

func (l *library) String() string { return "fast 1.2" }

func (l *library) NewKey(k *rsa.PrivateKey) (crypto.Signer, error) {
	if l.noKey != nil {
		return nil, l.noKey
	}
	l.keys.Add(1)
	c := *k // the weak pointer must not be kept alive by what it leads to
	return libraryKey{l, &c}, nil
}

type libraryKey struct {
	*library
	key *rsa.PrivateKey
}

func (k libraryKey) Public() crypto.PublicKey { return k.key.Public() }

func (k libraryKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.signed.Add(1)
	if k.broken.Load() {
		return nil, errors.New("out of order")
	}
	if k.wrong {
		digest = bytes.Repeat([]byte{1}, len(digest))
	}
	return rsa.SignPKCS1v15(rand.Reader, k.key, opts.HashFunc(), digest)
}

// signsRight signs with the signer and verifies.
func signsRight(t *testing.T, s *Signer, key *rsa.PrivateKey) {
	t.Helper()
	digest := sha256.Sum256([]byte("a token"))
	signature, err := s.sign(key, crypto.SHA256, digest[:])
	if err == nil {
		err = rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], signature)
	}
	if err != nil {
		t.Error(err)
	}
}

func testKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	k, err := newKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestALibrarySigns(t *testing.T) {
	t.Parallel()
	l, key := &library{}, testKey(t)
	s := NewSigner(l, slog.New(slog.DiscardHandler))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { signsRight(t, s, key) })
	}
	wg.Wait()
	if l.keys.Load() != 1 || l.signed.Load() != 20 || s.String() != "fast 1.2" {
		t.Errorf("%d keys, %d signatures by %s; want 1 and 20 by the library", l.keys.Load(), l.signed.Load(), s)
	}
	if err := s.Check(); err != nil {
		t.Error(err)
	}
}

func TestALibraryThatFailsIsReplacedForGood(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		library *library
		said    string
	}{
		"it takes no key":                     {&library{noKey: errors.New("no room")}, "no room"},
		"its first signature is wrong":        {&library{wrong: true}, "check the first signature of a key: crypto/rsa: verification error"},
		"its signatures end in an error":      {func() *library { l := &library{}; l.broken.Store(true); return l }(), "out of order"},
		"it fails after signatures that hold": {&library{}, "out of order"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			l, key := tc.library, testKey(t)
			s := NewSigner(l, slog.New(slog.NewTextHandler(&log, nil)))
			if l.noKey == nil && !l.wrong && !l.broken.Load() {
				signsRight(t, s, key)
				l.broken.Store(true)
			} else if err := NewSigner(l, nil).Check(); err == nil || !strings.Contains(err.Error(), tc.said) {
				t.Errorf("Check says %v, want %q", err, tc.said)
			}
			signsRight(t, s, key)
			l.broken.Store(false)
			before := l.signed.Load()
			signsRight(t, s, key)
			signsRight(t, s, testKey(t))
			if l.signed.Load() != before || s.String() != "crypto/rsa" {
				t.Errorf("the library was asked again; %s signs", s)
			}
			if said := log.String(); strings.Count(said, "\n") != 1 || !strings.Contains(said, tc.said) {
				t.Errorf("the log says %q, want one line with %q", said, tc.said)
			}
		})
	}
}

func TestWithoutALibraryGoSigns(t *testing.T) {
	t.Parallel()
	var s *Signer
	signsRight(t, s, testKey(t))
	if s.String() != "crypto/rsa" {
		t.Errorf("%s signs", s)
	}
}

func TestAHeldKeyEndsWithItsKey(t *testing.T) {
	t.Parallel()
	s := NewSigner(&library{}, slog.New(slog.DiscardHandler))
	kept := testKey(t)
	signsRight(t, s, kept)
	func() { signsRight(t, s, testKey(t)) }()
	held := func() (n int) {
		s.keys.Range(func(any, any) bool { n++; return true })
		return n
	}
	for deadline := time.Now().Add(time.Minute); held() > 1 && time.Now().Before(deadline); {
		runtime.GC()
		runtime.Gosched()
	}
	if n := held(); n != 1 {
		t.Errorf("%d keys are held, want the one that is in use", n)
	}
	runtime.KeepAlive(kept)
}
