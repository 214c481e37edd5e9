package token

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// Signer is the seam behind which RSA signatures are made: most of a sign-in's time is spent here, so a faster implementation belongs here
// and nowhere else. A nil Signer uses crypto/rsa.
//
// A library signs instead until it fails once. The first signature of each key is checked with crypto/rsa, so that a library which signs
// wrongly never issues a token; for later ones libcrypto itself checks the result against the public key.
type Signer struct {
	library Library
	log     *slog.Logger
	failed  atomic.Bool
	keys    sync.Map // weak.Pointer[rsa.PrivateKey] -> *heldKey
}

// Library makes signatures faster than crypto/rsa: package libcrypto.
type Library interface {
	NewKey(*rsa.PrivateKey) (crypto.Signer, error)
	String() string
}

// goSigner names the implementation that every build has.
const goSigner = "crypto/rsa"

// heldKey is a key that the library holds, from its first signature until the collector frees the key that it was made of.
type heldKey struct {
	first  sync.Once
	signer crypto.Signer // nil when the first signature failed
}

// NewSigner returns a signer that uses the library.
func NewSigner(l Library, log *slog.Logger) *Signer { return &Signer{library: l, log: log} }

// String names the implementation that signs now.
func (s *Signer) String() string {
	if !s.usesLibrary() {
		return goSigner
	}
	return s.library.String()
}

func (s *Signer) usesLibrary() bool { return s != nil && !s.failed.Load() }

// Implementations returns the names of all that may sign: the one of String is among them.
func (s *Signer) Implementations() []string {
	if s == nil {
		return []string{goSigner}
	}
	return []string{s.library.String(), goSigner}
}

// Check makes a signature with a new key and returns what is wrong with the library.
func (s *Signer) Check() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	digest := sha256.Sum256(nil)
	_, err = s.byLibrary(key, crypto.SHA256, digest[:])
	return err
}

// sign makes an RSASSA-PKCS1-v1_5 signature of the digest.
func (s *Signer) sign(key *rsa.PrivateKey, hash crypto.Hash, digest []byte) ([]byte, error) {
	if s.usesLibrary() {
		signature, err := s.byLibrary(key, hash, digest)
		if err == nil {
			return signature, nil
		}
		if s.failed.CompareAndSwap(false, true) {
			s.log.Error("crypto/rsa signs from now on, at several times the cost: a signature of the library failed", "library", s.library.String(), "error", err)
		}
	}
	return rsa.SignPKCS1v15(rand.Reader, key, hash, digest)
}

// byLibrary signs with the library's copy of the key. It makes the copy when the key signs for the first time.
func (s *Signer) byLibrary(key *rsa.PrivateKey, hash crypto.Hash, digest []byte) (signature []byte, err error) {
	held := s.hold(key)
	held.first.Do(func() {
		var signer crypto.Signer
		if signer, err = s.library.NewKey(key); err != nil {
			return
		}
		if signature, err = signer.Sign(nil, digest, hash); err != nil {
			return
		}
		if err = rsa.VerifyPKCS1v15(&key.PublicKey, hash, digest, signature); err != nil {
			err = fmt.Errorf("check the first signature of a key: %w", err)
			return
		}
		held.signer = signer
	})
	switch {
	case err != nil || signature != nil:
		return signature, err
	case held.signer == nil:
		return nil, errors.New("the first signature of the key failed")
	}
	return held.signer.Sign(nil, digest, hash)
}

// hold returns what the library holds of the key. The weak pointer ends it with the key: keys come and go with the pools that are cached.
func (s *Signer) hold(key *rsa.PrivateKey) *heldKey {
	at := weak.Make(key)
	if known, ok := s.keys.Load(at); ok {
		return known.(*heldKey)
	}
	known, loaded := s.keys.LoadOrStore(at, &heldKey{})
	if !loaded {
		runtime.AddCleanup(key, func(at weak.Pointer[rsa.PrivateKey]) { s.keys.Delete(at) }, at)
	}
	return known.(*heldKey)
}
