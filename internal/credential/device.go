package credential

import (
	"encoding/base64"
	"errors"
	"math/big"
)

// maxDeviceSalt is the longest salt of a device that is kept; what a Verifier can hold.
const maxDeviceSalt = 255

// ErrDeviceVerifier means that a device's salt or verifier cannot be read, or that the verifier proves nothing.
var ErrDeviceVerifier = errors.New("malformed device verifier")

// ParseDeviceVerifier reads the verifier that a device made of its own password: salt and verifier are big-endian integers in base64,
// with or without leading zero bytes. The error is ErrDeviceVerifier.
func ParseDeviceVerifier(salt, verifier string) (Verifier, error) {
	s, err := parseBase64Integer(salt, maxDeviceSalt)
	if err != nil {
		return Verifier{}, err
	}
	n, err := parseBase64Integer(verifier, groupBytes)
	if err != nil {
		return Verifier{}, err
	}
	v := Verifier{Salt: s, V: new(big.Int).SetBytes(n).FillBytes(make([]byte, groupBytes))}
	if !v.sound() {
		return Verifier{}, ErrDeviceVerifier
	}
	return v, nil
}

// parseBase64Integer returns the bytes of a positive integer without leading zeros, at most limit of them.
func parseBase64Integer(text string, limit int) ([]byte, error) {
	if len(text) > base64.StdEncoding.EncodedLen(limit+16) { // some leading zeros
		return nil, ErrDeviceVerifier
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrDeviceVerifier
	}
	b := new(big.Int).SetBytes(raw).Bytes()
	if len(b) == 0 || len(b) > limit {
		return nil, ErrDeviceVerifier
	}
	return b, nil
}
