// Package seal keeps secrets unreadable at rest.
//
// The one idea is a two-step envelope. A Master key, which lives outside the database, wraps one data Key for each pool;
// the data key seals that pool's secrets (password verifiers, TOTP seeds, client secrets, signing keys). To change the
// master key, only the wrapped data keys are sealed again (Rewrap). Secrets of the server itself, such as access keys, are
// sealed by the Master directly.
//
// Every sealed value is bound to the place it belongs to: the context strings (pool, table, row, column) are authenticated
// with it, so that a value copied to another row does not open there. Start with Key.Seal.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// The envelope is
//
//	version (1 byte) | key id (8) | salt (16) | nonce (12) | ciphertext | tag (16)
//
// The bytes before the nonce and the context are its additional data. Each value is encrypted under a key of its own,
// derived from the salt. So the number of values that one Key may seal has no limit that matters, while plain AES-GCM with
// random nonces ends at 2^32 (NIST SP 800-38D §8.3): a busy pool seals more sign-in states than that.
const (
	version    = 1
	idSize     = 8
	saltSize   = 16
	headerSize = 1 + idSize + saltSize

	// KeySize is the length in bytes of a master key and of what Derive returns.
	KeySize = 32

	// Overhead is how many bytes a sealed value is longer than the plain one.
	Overhead = headerSize + 12 + 16
)

var (
	// ErrWrongKey means that the value was sealed under another key.
	ErrWrongKey = errors.New("sealed under another key")

	// ErrDamaged means that the value was changed or cut, or belongs to another context.
	ErrDamaged = errors.New("sealed value is damaged or belongs elsewhere")
)

// keyID names a key in the envelopes that it made. It is a one-way image of the key and not secret.
type keyID [idSize]byte

// secret is 32 uniformly random bytes from which every key in use is derived; it never encrypts anything itself.
type secret [KeySize]byte

// newSecret draws a secret.
func newSecret() secret {
	var s secret
	rand.Read(s[:])
	return s
}

// expand derives n bytes for one purpose. The parts of the purpose are length-prefixed; the secret is uniform, so HKDF
// needs no extract step (RFC 5869 §3.3).
func (s secret) expand(n int, purpose ...string) []byte {
	out, err := hkdf.Expand(sha256.New, s[:], string(appendContext(nil, purpose)), n)
	if err != nil {
		panic(err) // n is above 255 hash lengths: not with the constants of this package
	}
	return out
}

func (s secret) id() keyID { return keyID(s.expand(idSize, "cenote key id")) }

// aead returns the cipher for the value with the given salt.
func (s secret) aead(salt []byte) cipher.AEAD {
	block, err := aes.NewCipher(s.expand(KeySize, "cenote seal", string(salt)))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // the block has 16 bytes
	}
	return a
}

func (s secret) seal(id keyID, plain []byte, context []string) []byte {
	out := make([]byte, headerSize, len(plain)+Overhead)
	out[0] = version
	copy(out[1:], id[:])
	salt := out[1+idSize : headerSize]
	rand.Read(salt)
	return s.aead(salt).Seal(out, nil, plain, appendContext(bytes.Clone(out), context))
}

func (s secret) open(sealed []byte, context []string) ([]byte, error) {
	header, body := sealed[:headerSize], sealed[headerSize:]
	plain, err := s.aead(header[1+idSize:]).Open(nil, nil, body, appendContext(bytes.Clone(header), context))
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// sealedBy reads which key made the envelope.
func sealedBy(sealed []byte) (keyID, error) {
	if len(sealed) < Overhead {
		return keyID{}, ErrDamaged
	}
	if sealed[0] != version {
		return keyID{}, fmt.Errorf("%w: envelope version %d is not known", ErrDamaged, sealed[0])
	}
	return keyID(sealed[1:]), nil
}

// appendContext appends each string behind its length, so that no two lists of strings have the same encoding.
func appendContext(b []byte, context []string) []byte {
	for _, c := range context {
		b = binary.BigEndian.AppendUint32(b, uint32(len(c)))
		b = append(b, c...)
	}
	return b
}
