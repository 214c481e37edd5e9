//go:build libcrypto && linux

package libcrypto

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// pkcs1Padding is RSA_PKCS1_PADDING.
const pkcs1Padding = 1

// Key is an RSA key inside the library. It is a crypto.Signer. The library wipes and frees its copy when the collector finds the Key
// unused.
type Key struct {
	library *Library
	pkey    uintptr // an EVP_PKEY
	public  *rsa.PublicKey
}

// NewKey hands a key to the library.
func (l *Library) NewKey(private *rsa.PrivateKey) (crypto.Signer, error) {
	der := x509.MarshalPKCS1PrivateKey(private)
	defer clear(der)
	k := &Key{library: l, public: &private.PublicKey}
	err := l.run(func() error {
		var pin runtime.Pinner // the BIO points into der until it is freed
		defer pin.Unpin()
		pin.Pin(&der[0])
		bio, _, _ := purego.SyscallN(l.bioNewMemBuf, uintptr(unsafe.Pointer(&der[0])), uintptr(len(der)))
		if bio == 0 {
			return l.failed("BIO_new_mem_buf")
		}
		defer purego.SyscallN(l.bioFree, bio)
		if k.pkey, _, _ = purego.SyscallN(l.d2iPrivateKeyBio, bio, 0); k.pkey == 0 {
			return l.failed("d2i_PrivateKey_bio")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.live.Add(1)
	runtime.AddCleanup(k, l.free, k.pkey)
	return k, nil
}

func (l *Library) free(pkey uintptr) {
	purego.SyscallN(l.evpPkeyFree, pkey)
	l.live.Add(-1)
}

// Public returns the *rsa.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Sign makes an RSASSA-PKCS1-v1_5 signature of a digest, by SHA-256 or SHA-512. The library draws its randomness for blinding by itself.
func (k *Key) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) (signature []byte, err error) {
	l := k.library
	var hash uintptr
	switch opts.HashFunc() {
	case crypto.SHA256:
		hash = l.evpSHA256
	case crypto.SHA512:
		hash = l.evpSHA512
	default:
		return nil, fmt.Errorf("no signatures with %v", opts.HashFunc())
	}
	if len(digest) != opts.HashFunc().Size() {
		return nil, errors.New("the digest is not as long as those of its hash")
	}
	signature = make([]byte, k.public.Size())
	err = l.run(func() error { return l.sign(k.pkey, hash, digest, signature) })
	runtime.KeepAlive(k)
	if err != nil {
		return nil, err
	}
	return signature, nil
}

// sign fills the signature.
func (l *Library) sign(pkey, hash uintptr, digest, signature []byte) error {
	ctx, _, _ := purego.SyscallN(l.evpPkeyCtxNew, pkey, 0)
	if ctx == 0 {
		return l.failed("EVP_PKEY_CTX_new")
	}
	defer purego.SyscallN(l.evpPkeyCtxFree, ctx)
	if !ok(purego.SyscallN(l.evpPkeySignInit, ctx)) {
		return l.failed("EVP_PKEY_sign_init")
	}
	if !ok(purego.SyscallN(l.evpPkeyCtxSetRSAPadding, ctx, pkcs1Padding)) {
		return l.failed("EVP_PKEY_CTX_set_rsa_padding")
	}
	md, _, _ := purego.SyscallN(hash)
	if !ok(purego.SyscallN(l.evpPkeyCtxSetSignatureMD, ctx, md)) {
		return l.failed("EVP_PKEY_CTX_set_signature_md")
	}
	size := uintptr(len(signature))
	if !ok(purego.SyscallN(l.evpPkeySign, ctx, uintptr(unsafe.Pointer(&signature[0])), uintptr(unsafe.Pointer(&size)),
		uintptr(unsafe.Pointer(&digest[0])), uintptr(len(digest)))) {
		return l.failed("EVP_PKEY_sign")
	}
	if size != uintptr(len(signature)) {
		return fmt.Errorf("EVP_PKEY_sign made %d bytes, want %d", size, len(signature))
	}
	return nil
}

// ok reads the int that most functions return, which is 1 for success. Only its 32 bits are defined.
func ok(result, _, _ uintptr) bool { return int32(result) == 1 }
