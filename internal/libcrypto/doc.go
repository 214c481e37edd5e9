// Package libcrypto makes RSA signatures and modular powers with the system's OpenSSL 3, in about a quarter of the time of crypto/rsa and
// three quarters of that of math/big.
//
// The one idea: the program loads the library while it runs (github.com/ebitengine/purego calls C without cgo), so that it also starts
// where there is none. That needs a dynamic linker, so it is only in builds with the tag libcrypto, for Linux with glibc; in every other
// build Open fails and nothing of this is in the program. Start with Open.
//
// Nothing that the library keeps points into Go's memory, and it owns what it is given: keys are copied, wiped and freed by it.
package libcrypto

// Name is the library as the system's linker knows it.
const Name = "libcrypto.so.3"
