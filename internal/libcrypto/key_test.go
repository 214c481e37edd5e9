//go:build libcrypto && linux

package libcrypto_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/libcrypto"
)

func open(t testing.TB) *libcrypto.Library {
	t.Helper()
	l, err := libcrypto.Open(libcrypto.Name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func newKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func handOver(t testing.TB, l *libcrypto.Library, k *rsa.PrivateKey) crypto.Signer {
	t.Helper()
	signer, err := l.NewKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// TestSignaturesAreThoseOfGo holds because RSASSA-PKCS1-v1_5 is deterministic.
func TestSignaturesAreThoseOfGo(t *testing.T) {
	t.Parallel()
	l := open(t)
	for _, bits := range []int{1024, 2048, 2056, 3072, 4096} {
		private := newKey(t, bits)
		signer := handOver(t, l, private)
		for range 10 {
			message := make([]byte, 100)
			rand.Read(message)
			for _, hash := range []crypto.Hash{crypto.SHA256, crypto.SHA512} {
				h := hash.New()
				h.Write(message)
				digest := h.Sum(nil)
				want, err := rsa.SignPKCS1v15(rand.Reader, private, hash, digest)
				if err != nil {
					t.Fatal(err)
				}
				got, err := signer.Sign(nil, digest, hash)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d bits, %v: got %x, error %v, want %x", bits, hash, got, err, want)
				}
			}
		}
	}
}

func TestManySignAtOnce(t *testing.T) {
	t.Parallel()
	l := open(t)
	var wg sync.WaitGroup
	for range 4 {
		private := newKey(t, 2048)
		signer := handOver(t, l, private)
		for g := range 25 {
			wg.Go(func() {
				digest := sha256.Sum256([]byte{byte(g)})
				for range 10 {
					signature, err := signer.Sign(nil, digest[:], crypto.SHA256)
					if err == nil {
						err = rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, digest[:], signature)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	wg.Wait()
}

func TestKeysAreFreed(t *testing.T) {
	t.Parallel()
	l, private := open(t), newKey(t, 1024)
	kept := handOver(t, l, private)
	for range 500 {
		handOver(t, l, private)
	}
	for deadline := time.Now().Add(time.Minute); l.Keys() > 1 && time.Now().Before(deadline); {
		runtime.GC()
		runtime.Gosched()
	}
	if l.Keys() != 1 {
		t.Errorf("the library holds %d keys, want the one in use", l.Keys())
	}
	digest := sha256.Sum256(nil)
	if _, err := kept.Sign(nil, digest[:], crypto.SHA256); err != nil {
		t.Error(err)
	}
}

// TestAnErrorIsToldAndForgotten makes calls fail and sees that the next ones, on any thread, do not find their errors.
func TestAnErrorIsToldAndForgotten(t *testing.T) {
	t.Parallel()
	l, private := open(t), newKey(t, 2048)
	unfit := *private
	unfit.Primes = []*big.Int{big.NewInt(3), big.NewInt(5)} // crypto/x509 encodes what it is given
	unfit.Precomputed = rsa.PrecomputedValues{}
	digest := sha256.Sum256(nil)
	good := handOver(t, l, private)
	for range 50 {
		if bad, err := l.NewKey(&unfit); err == nil {
			if signature, err := bad.Sign(nil, digest[:], crypto.SHA256); err == nil && rsa.VerifyPKCS1v15(&private.PublicKey, crypto.SHA256, digest[:], signature) == nil {
				t.Fatal("a key with other primes signs")
			}
		} else if !strings.Contains(err.Error(), "d2i_PrivateKey_bio failed: ") {
			t.Fatalf("got %v", err)
		}
		if _, err := good.Sign(nil, digest[:], crypto.SHA256); err != nil {
			t.Fatal(err)
		}
	}
	long := sha512.Sum512(nil)
	if _, err := good.Sign(nil, long[:], crypto.SHA256); err == nil {
		t.Error("a digest of another length was signed")
	}
	if _, err := good.Sign(nil, digest[:20], crypto.SHA1); err == nil {
		t.Error("SHA-1 was signed")
	}
	small := handOver(t, l, newKey(t, 1024))
	if got, err := small.Sign(nil, long[:], crypto.SHA512); err != nil || len(got) != 128 {
		t.Errorf("a small key: %d bytes, error %v", len(got), err)
	}
}

func TestOpenRefusesWhatIsNotTheLibrary(t *testing.T) {
	t.Parallel()
	text := filepath.Join(t.TempDir(), "libcrypto.so.3")
	if err := os.WriteFile(text, []byte("not a library"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ library, want string }{
		"none of this name": {"libcrypto-of-nowhere.so.3", "load libcrypto-of-nowhere.so.3: "},
		"another library":   {"libm.so.6", "load libm.so.6: it has no function "},
		"no library at all": {text, "load " + text + ": "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := libcrypto.Open(tc.library); err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	private := newKey(b, 2048)
	digest := sha256.Sum256([]byte("a token"))
	for name, signer := range map[string]crypto.Signer{"libcrypto": handOver(b, open(b), private), "Go": private} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
