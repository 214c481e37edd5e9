package standin

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"sync"
	"time"
)

// signingKey is a key of the provider. It signs ID tokens, assertions and what else the provider says.
type signingKey struct {
	id          string
	private     *rsa.PrivateKey
	certificate []byte // DER
}

// keys are the keys that the provider has signed with, the present one last. The first is made when it is needed.
type keys struct {
	mu  sync.Mutex
	all []signingKey
}

// present returns the key that signs.
func (k *keys) present() signingKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.all) == 0 {
		k.rotate()
	}
	return k.all[len(k.all)-1]
}

// first returns the oldest key, which is retired as soon as there is another.
func (k *keys) first() signingKey {
	k.present()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.all[0]
}

func (k *keys) rotate() {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // there is no randomness
	}
	k.all = append(k.all, signingKey{fmt.Sprintf("stand-in-%d", len(k.all)), private, certify(private)})
}

func (p *Provider) rotateKeys(w http.ResponseWriter, _ *http.Request) {
	p.keys.present()
	p.keys.mu.Lock()
	defer p.keys.mu.Unlock()
	p.keys.rotate()
	w.WriteHeader(http.StatusNoContent)
}

// stranger returns a key of somebody else that goes by the name of the key.
func stranger(k signingKey) signingKey {
	other := &keys{}
	other.rotate()
	return signingKey{k.id, other.all[0].private, k.certificate}
}

// certify returns a certificate of the key, for metadata.
func certify(key *rsa.PrivateKey) []byte {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stand-in"}, NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err) // the template is ours
	}
	return der
}
