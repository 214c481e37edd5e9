//go:build libcrypto && linux

package libcrypto

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Linked says whether this build can use the library.
const Linked = true

// oldest is the first version with this interface: OpenSSL 3.0.0, as OpenSSL_version_num writes it.
const oldest = 0x30000000

// Library is an open libcrypto. It stays open until the process ends. Its methods may be called at the same time.
type Library struct {
	version string
	slots   chan struct{} // one for each goroutine that may be inside the library
	live    atomic.Int64
	functions
}

// functions are addresses in the library.
type functions struct {
	errGetError, errErrorStringN, errClearError       uintptr
	bioNewMemBuf, bioFree, d2iPrivateKeyBio           uintptr
	evpPkeyFree, evpPkeyCtxNew, evpPkeyCtxFree        uintptr
	evpPkeySignInit, evpPkeySign                      uintptr
	evpPkeyCtxSetRSAPadding, evpPkeyCtxSetSignatureMD uintptr
	evpSHA256, evpSHA512                              uintptr
	bnBin2bn, bnBn2binpad                             uintptr
	bnClearFree, bnCtxNew, bnCtxFree                  uintptr
	bnMontCtxNew, bnMontCtxSet, bnMontCtxFree         uintptr
	bnModExpMontConsttime, bnModExpMont               uintptr
}

// Open loads the library of this name, which the system looks for as it does for every program: Name, or a path. It fails when there is
// none, when it is older than OpenSSL 3, and when it lacks a function.
func Open(name string) (*Library, error) {
	handle, err := purego.Dlopen(name, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", name, err)
	}
	l := &Library{slots: make(chan struct{}, runtime.GOMAXPROCS(0))}
	if err := l.bind(handle); err != nil {
		return nil, errors.Join(fmt.Errorf("load %s: %w", name, err), purego.Dlclose(handle))
	}
	return l, nil
}

func (l *Library) bind(handle uintptr) error {
	var version uintptr
	for name, at := range map[string]*uintptr{
		"OpenSSL_version_num": &version,
		"ERR_get_error":       &l.errGetError, "ERR_error_string_n": &l.errErrorStringN, "ERR_clear_error": &l.errClearError,
		"BIO_new_mem_buf": &l.bioNewMemBuf, "BIO_free": &l.bioFree, "d2i_PrivateKey_bio": &l.d2iPrivateKeyBio,
		"EVP_PKEY_free": &l.evpPkeyFree, "EVP_PKEY_CTX_new": &l.evpPkeyCtxNew, "EVP_PKEY_CTX_free": &l.evpPkeyCtxFree,
		"EVP_PKEY_sign_init": &l.evpPkeySignInit, "EVP_PKEY_sign": &l.evpPkeySign,
		"EVP_PKEY_CTX_set_rsa_padding": &l.evpPkeyCtxSetRSAPadding, "EVP_PKEY_CTX_set_signature_md": &l.evpPkeyCtxSetSignatureMD,
		"EVP_sha256": &l.evpSHA256, "EVP_sha512": &l.evpSHA512,
		"BN_bin2bn": &l.bnBin2bn, "BN_bn2binpad": &l.bnBn2binpad,
		"BN_clear_free": &l.bnClearFree, "BN_CTX_new": &l.bnCtxNew, "BN_CTX_free": &l.bnCtxFree,
		"BN_MONT_CTX_new": &l.bnMontCtxNew, "BN_MONT_CTX_set": &l.bnMontCtxSet, "BN_MONT_CTX_free": &l.bnMontCtxFree,
		"BN_mod_exp_mont_consttime": &l.bnModExpMontConsttime, "BN_mod_exp_mont": &l.bnModExpMont,
	} {
		address, err := purego.Dlsym(handle, name)
		if err != nil {
			return fmt.Errorf("it has no function %s", name)
		}
		*at = address
	}
	n, _, _ := purego.SyscallN(version)
	l.version = fmt.Sprintf("%d.%d.%d", n>>28&0xf, n>>20&0xff, n>>4&0xffff)
	if n < oldest {
		return fmt.Errorf("it is OpenSSL %s, and 3.0 is the first one that can be used", l.version)
	}
	return nil
}

// String names the library and its version: "libcrypto 3.0.19".
func (l *Library) String() string { return "libcrypto " + l.version }

// Keys returns how many keys the library holds at the moment.
func (l *Library) Keys() int { return int(l.live.Load()) }

// run runs what calls into the library: on one thread, because the library keeps its errors by thread, and on no more threads than there
// are processors, because a goroutine inside the library occupies one. It leaves no error behind on the thread.
func (l *Library) run(call func() error) error {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := call()
	if err != nil {
		purego.SyscallN(l.errClearError)
	}
	return err
}

// failed is the error of a function: the library's own words for it.
func (l *Library) failed(function string) error {
	code, _, _ := purego.SyscallN(l.errGetError)
	if code == 0 {
		return fmt.Errorf("%s failed", function)
	}
	var text [256]byte
	purego.SyscallN(l.errErrorStringN, code, uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
	said, _, _ := strings.Cut(string(text[:]), "\x00")
	return fmt.Errorf("%s failed: %s", function, said)
}
