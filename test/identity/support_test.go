package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"os"
	"testing"
)

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	return key
}

func writeFile(path, content string) error { return os.WriteFile(path, []byte(content), 0o600) }
