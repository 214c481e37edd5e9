package esdk

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/seal"
)

// LocalKeys is a key service for development: one secret in a file stands for every KMS key. It is also an http.Handler that
// speaks as much of the KMS API as the Encryption SDKs need, so that a custom sender opens its code without a change when its KMS
// client is pointed there: AWS_ENDPOINT_URL_KMS does that for every AWS SDK.
type LocalKeys struct {
	master *seal.Master
}

// NewLocalKeys makes keys that end with the process.
func NewLocalKeys() (*LocalKeys, error) {
	secret := make([]byte, seal.KeySize)
	rand.Read(secret)
	master, err := seal.NewMaster(secret)
	return &LocalKeys{master: master}, err
}

// OpenLocalKeys reads the secret, 32 bytes in base64, from the file, and makes the file when there is none.
func OpenLocalKeys(path string) (*LocalKeys, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("local key file: %w", err)
	}
	secret, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("local key file %s is not base64", path)
	}
	master, err := seal.NewMaster(secret)
	if err != nil {
		return nil, fmt.Errorf("local key file %s: %w", path, err)
	}
	return &LocalKeys{master: master}, nil
}

func makeSecret(path string) ([]byte, error) {
	secret := make([]byte, seal.KeySize)
	rand.Read(secret)
	text := []byte(base64.StdEncoding.EncodeToString(secret) + "\n")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(text); err != nil {
		_ = file.Close()
		return nil, err
	}
	return text, file.Close()
}

// ErrWrapped means that a wrapped data key was made elsewhere, was changed, or is bound to another context.
var ErrWrapped = errors.New("the wrapped key cannot be opened")

// GenerateDataKey implements KeyService. The wrapped form is the ARN behind its length, and the sealed key.
func (k *LocalKeys) GenerateDataKey(_ context.Context, keyARN string, encContext map[string]string) (DataKey, error) {
	if keyARN == "" || len(keyARN) > 2048 {
		return DataKey{}, errors.New("not the ARN of a key")
	}
	plain := make([]byte, keySize)
	rand.Read(plain)
	sealed := binary.BigEndian.AppendUint16(nil, uint16(len(keyARN)))
	sealed = append(sealed, keyARN...)
	sealed = append(sealed, k.master.Seal(plain, binding(keyARN, encContext)...)...)
	return DataKey{Plain: plain, Sealed: sealed, KeyARN: keyARN}, nil
}

// Unwrap implements Unwrapper.
func (k *LocalKeys) Unwrap(_ context.Context, sealed []byte, encContext map[string]string) ([]byte, error) {
	plain, _, err := k.unwrap(sealed, encContext)
	return plain, err
}

func (k *LocalKeys) unwrap(sealed []byte, encContext map[string]string) (plain []byte, keyARN string, err error) {
	r := &reader{rest: sealed}
	keyARN = string(r.short())
	if r.flaw {
		return nil, "", ErrWrapped
	}
	plain, err = k.master.Open(r.rest, binding(keyARN, encContext)...)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrWrapped, err)
	}
	return plain, keyARN, nil
}

// binding is what a wrapped key is bound to.
func binding(keyARN string, encContext map[string]string) []string {
	parts := []string{"kms data key", keyARN}
	for _, name := range slices.Sorted(maps.Keys(encContext)) {
		parts = append(parts, name, encContext[name])
	}
	return parts
}
