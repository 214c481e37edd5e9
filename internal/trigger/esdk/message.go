// Package esdk seals short texts as messages of the AWS Encryption SDK, so that a custom sender written for AWS can open them.
//
// The idea of that format is an envelope: a fresh data key encrypts the text, a key service wraps the data key under the
// operator's key, and the message carries both, with a context that is authenticated throughout and a signature over all of it.
// Only one shape of message is made here, the one that the service makes: format version 1, algorithm suite 0x0378, one wrapped
// key, one frame. Layout and derivations follow the published specification of the format (AWS Encryption SDK developer
// guide, "Message format reference").
//
// Start with Encrypt. Decrypt is its inverse, for tests and for development; KMS and LocalKeys are the key services.
package esdk

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// The constants of the one shape of message.
const (
	formatVersion = 0x01
	messageType   = 0x80   // customer authenticated encrypted data
	suite         = 0x0378 // AES-256-GCM, HKDF-SHA384, ECDSA P-384, no key commitment
	provider      = "aws-kms"
	framed        = 0x02
	frameLength   = 4096
	lastFrame     = 0xFFFFFFFF
	publicKeyName = "aws-crypto-public-key"

	idSize  = 16
	keySize = 32
	ivSize  = 12
	tagSize = 16
)

// MaxText is the longest text that can be sealed, in bytes: one frame.
const MaxText = frameLength

// DataKey is a key made by a key service.
type DataKey struct {
	Plain  []byte // 32 bytes
	Sealed []byte // the same, wrapped under the operator's key
	KeyARN string // of the key that wrapped it
}

// KeyService makes data keys under an operator's key.
type KeyService interface {
	// GenerateDataKey returns a new data key of 32 bytes, wrapped under the key with the ARN and bound to the context.
	GenerateDataKey(ctx context.Context, keyARN string, encContext map[string]string) (DataKey, error)
}

// Encrypt seals the text under a new data key of the key service. The context is not secret: it is readable in the message, and the
// key service must be given it again to unwrap the data key.
func Encrypt(ctx context.Context, keys KeyService, keyARN string, encContext map[string]string, text []byte) ([]byte, error) {
	if len(text) > MaxText {
		return nil, fmt.Errorf("a text of %d bytes is too long to be sealed", len(text))
	}
	signer, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	encContext = maps.Clone(encContext)
	if encContext == nil {
		encContext = map[string]string{}
	}
	if encContext[publicKeyName], err = compressed(&signer.PublicKey); err != nil {
		return nil, err
	}
	key, err := keys.GenerateDataKey(ctx, keyARN, encContext)
	if err != nil {
		return nil, fmt.Errorf("make data key: %w", err)
	}
	id := make([]byte, idSize)
	rand.Read(id)
	aead, err := messageCipher(key.Plain, id)
	if err != nil {
		return nil, err
	}
	m, err := appendHeader(nil, id, encContext, key)
	if err != nil {
		return nil, err
	}
	zero := make([]byte, ivSize)
	tag := aead.Seal(nil, zero, nil, m)
	m = append(append(m, zero...), tag...)

	iv := frameIV(1)
	m = binary.BigEndian.AppendUint32(m, lastFrame)
	m = binary.BigEndian.AppendUint32(m, 1)
	m = append(m, iv...)
	m = binary.BigEndian.AppendUint32(m, uint32(len(text)))
	m = aead.Seal(m, iv, text, frameContext(id, 1, len(text)))

	digest := sha512.Sum384(m)
	signature, err := ecdsa.SignASN1(rand.Reader, signer, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	return appendShort(m, signature)
}

// compressed writes a public key as SEC 1 §2.3.3 does with compression, in base64: 68 characters.
func compressed(key *ecdsa.PublicKey) (string, error) {
	point, err := key.Bytes() // 4 | x | y
	if err != nil {
		return "", fmt.Errorf("encode signing key: %w", err)
	}
	size := len(point) / 2
	point[0] = 2 | point[len(point)-1]&1 // the parity of y
	return base64.StdEncoding.EncodeToString(point[:1+size]), nil
}

// appendHeader writes everything before the header's own tag.
func appendHeader(m, id []byte, encContext map[string]string, key DataKey) ([]byte, error) {
	m = append(m, formatVersion, messageType)
	m = binary.BigEndian.AppendUint16(m, suite)
	m = append(m, id...)
	pairs := binary.BigEndian.AppendUint16(nil, uint16(len(encContext)))
	var err error
	for _, name := range slices.Sorted(maps.Keys(encContext)) {
		for _, part := range []string{name, encContext[name]} {
			if pairs, err = appendShort(pairs, []byte(part)); err != nil {
				return nil, err
			}
		}
	}
	if m, err = appendShort(m, pairs); err != nil {
		return nil, err
	}
	m = binary.BigEndian.AppendUint16(m, 1)
	for _, part := range [][]byte{[]byte(provider), []byte(key.KeyARN), key.Sealed} {
		if m, err = appendShort(m, part); err != nil {
			return nil, err
		}
	}
	m = append(m, framed, 0, 0, 0, 0, ivSize)
	return binary.BigEndian.AppendUint32(m, frameLength), nil
}

// appendShort appends a value behind its length in two bytes.
func appendShort(m, value []byte) ([]byte, error) {
	if len(value) > 0xFFFF {
		return nil, errors.New("a part of the message is longer than its format allows")
	}
	return append(binary.BigEndian.AppendUint16(m, uint16(len(value))), value...), nil
}

// messageCipher derives the key of one message from its data key.
func messageCipher(dataKey, id []byte) (cipher.AEAD, error) {
	if len(dataKey) != keySize {
		return nil, fmt.Errorf("data key has %d bytes, want %d", len(dataKey), keySize)
	}
	info := append(binary.BigEndian.AppendUint16(nil, suite), id...)
	key, err := hkdf.Key(sha512.New384, dataKey, nil, string(info), keySize)
	if err != nil {
		return nil, fmt.Errorf("derive message key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block) // its nonces are fixed by the format; the key serves one message only
}

// frameIV is the sequence number of the frame.
func frameIV(sequence uint32) []byte {
	return binary.BigEndian.AppendUint32(make([]byte, ivSize-4), sequence)
}

// frameContext is what the tag of the last frame covers beside the text.
func frameContext(id []byte, sequence uint32, length int) []byte {
	c := append(bytes.Clone(id), "AWSKMSEncryptionClient Final Frame"...)
	c = binary.BigEndian.AppendUint32(c, sequence)
	return binary.BigEndian.AppendUint64(c, uint64(length))
}
