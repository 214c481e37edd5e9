package federate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
)

func TestAKeyOfAppleInAllItsForms(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for name, text := range map[string]string{
		"as Apple gives it":  file,
		"with Windows' ends": strings.ReplaceAll(file, "\n", "\r\n"),
		"in one line":        strings.ReplaceAll(file, "\n", ""),
		"with blanks":        strings.ReplaceAll(file, "\n", " "),
		"of an environment":  strings.ReplaceAll(file, "\n", `\n`),
		"the key alone":      base64.StdEncoding.EncodeToString(der),
	} {
		if got, err := appleKey(text); err != nil || !got.Equal(key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if der, err = x509.MarshalPKCS8PrivateKey(other); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"none": "", "text": "key", "another kind": base64.StdEncoding.EncodeToString(der), "half of one": file[:120]} {
		if got, err := appleKey(text); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}
