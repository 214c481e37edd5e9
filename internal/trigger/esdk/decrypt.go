package esdk

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrMessage means that a message was not made by Encrypt, or was changed since.
var ErrMessage = errors.New("not a message of the expected form")

// Unwrapper opens what a KeyService wrapped.
type Unwrapper interface {
	// Unwrap returns the data key in its plain form. The context must be the one it was made with.
	Unwrap(ctx context.Context, sealed []byte, encContext map[string]string) ([]byte, error)
}

// Decrypt opens a message of Encrypt and returns the text with the context it was sealed with, after everything in it has been
// verified. It is for tests and development: it knows no other shape of message.
func Decrypt(ctx context.Context, keys Unwrapper, message []byte) (text []byte, encContext map[string]string, err error) {
	r := &reader{rest: message}
	r.expect(formatVersion, messageType, suite>>8, suite&0xFF)
	id := r.take(idSize)
	encContext = r.pairs()
	r.expect(0, 1)
	if string(r.short()) != provider {
		r.flaw = true
	}
	r.short() // the key's ARN; the wrapped key knows it
	sealed := r.short()
	r.expect(framed, 0, 0, 0, 0, ivSize)
	r.expect(binary.BigEndian.AppendUint32(nil, frameLength)...)
	header := message[:len(message)-len(r.rest)]
	r.expect(make([]byte, ivSize)...)
	headerTag := r.take(tagSize)
	r.expect(0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 1)
	r.expect(frameIV(1)...)
	length := r.uint(4)
	body := r.take(length + tagSize)
	signed := message[:len(message)-len(r.rest)]
	signature := r.short()
	if r.flaw || len(r.rest) > 0 || length > frameLength {
		return nil, nil, ErrMessage
	}

	digest := sha512.Sum384(signed)
	if signer := publicKey(encContext[publicKeyName]); signer == nil || !ecdsa.VerifyASN1(signer, digest[:], signature) {
		return nil, nil, fmt.Errorf("%w: wrong signature", ErrMessage)
	}
	dataKey, err := keys.Unwrap(ctx, sealed, encContext)
	if err != nil {
		return nil, nil, fmt.Errorf("unwrap data key: %w", err)
	}
	aead, err := messageCipher(dataKey, id)
	if err != nil {
		return nil, nil, err
	}
	if _, err := aead.Open(nil, make([]byte, ivSize), headerTag, header); err != nil {
		return nil, nil, fmt.Errorf("%w: wrong header tag", ErrMessage)
	}
	text, err = aead.Open(nil, frameIV(1), body, frameContext(id, 1, length))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: wrong frame tag", ErrMessage)
	}
	return text, encContext, nil
}

// publicKey reads a compressed point of P-384 in base64; nil when it is none.
func publicKey(text string) *ecdsa.PublicKey {
	point, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	x, y := elliptic.UnmarshalCompressed(elliptic.P384(), point)
	if x == nil {
		return nil
	}
	full := make([]byte, 1+2*p384Size)
	full[0] = 4
	x.FillBytes(full[1 : 1+p384Size])
	y.FillBytes(full[1+p384Size:])
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), full)
	if err != nil {
		return nil
	}
	return key
}

// p384Size is the length of a coordinate in bytes.
const p384Size = 48

// reader takes a message apart. After a flaw it only yields nothing.
type reader struct {
	rest []byte
	flaw bool
}

func (r *reader) take(n int) []byte {
	if r.flaw || n > len(r.rest) {
		r.flaw = true
		return nil
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) uint(size int) int {
	n := 0
	for _, b := range r.take(size) {
		n = n<<8 | int(b)
	}
	return n
}

func (r *reader) short() []byte { return r.take(r.uint(2)) }

func (r *reader) expect(want ...byte) {
	if !bytes.Equal(r.take(len(want)), want) {
		r.flaw = true
	}
}

// pairs reads the context, whose names must be sorted and different.
func (r *reader) pairs() map[string]string {
	section := &reader{rest: r.short(), flaw: r.flaw}
	found := map[string]string{}
	var names []string
	for range section.uint(2) {
		name := string(section.short())
		found[name] = string(section.short())
		names = append(names, name)
		if section.flaw {
			break
		}
	}
	if section.flaw || len(section.rest) > 0 || !slices.IsSorted(names) || len(found) != len(names) {
		r.flaw = true
	}
	return found
}
