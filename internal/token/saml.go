package token

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
)

// A certificate lives for ten years and a new one is issued every year, as the service documents it. The key stays, so that a provider
// which knows an earlier certificate still accepts what is signed.
const (
	certificateYears = 10
	reissueAfter     = 1
)

// SAMLKey returns the pool's SAML key of the use. It makes the key when the pool has none, and reissues the certificate when it is due.
func (m *KeyMaker) SAMLKey(ctx context.Context, st *store.Store, p *pool.Pool, use pool.SAMLUse) (*pool.SAMLKey, error) {
	var known *pool.SAMLKey
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		known, err = tx.SAMLKey(p, use)
		return err
	})
	if err != nil || m.current(known) {
		return known, err
	}
	made, err := m.issueSAML(p, use, known)
	if err != nil {
		return nil, err
	}
	err = st.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.Pool(p.ID) // or the key would outlive a deleted pool
		if err != nil {
			return err
		}
		if known, err = tx.SAMLKey(now, use); err != nil || m.current(known) {
			return err // another request was faster
		}
		known = made
		return tx.SaveSAMLKey(now, made)
	})
	return known, err
}

// current reports whether the key exists and its certificate need not be reissued. What decrypts keeps its certificate for its whole life:
// providers hold it, and nobody tells them of another.
func (m *KeyMaker) current(k *pool.SAMLKey) bool {
	if k == nil {
		return false
	}
	years := reissueAfter
	if k.Use == pool.EncryptsSAML {
		years = certificateYears
	}
	return m.now().Before(k.Created.AddDate(years, 0, 0))
}

// issueSAML issues a certificate for the key of the one before, or for a new key.
func (m *KeyMaker) issueSAML(p *pool.Pool, use pool.SAMLUse, before *pool.SAMLKey) (*pool.SAMLKey, error) {
	now := m.now().UTC().Truncate(time.Second)
	k := &pool.SAMLKey{Use: use, Created: now}
	var err error
	if before != nil {
		k.Private = before.Private
	} else if k.Private, err = m.take(); err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: p.ID},
		NotBefore: now, NotAfter: now.AddDate(certificateYears, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	k.Certificate, err = x509.CreateCertificate(rand.Reader, template, template, k.Private.Public(), k.Private)
	if err != nil {
		return nil, fmt.Errorf("issue SAML certificate of pool %s: %w", p.ID, err)
	}
	return k, nil
}
