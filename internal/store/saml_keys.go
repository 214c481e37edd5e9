package store

import (
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cenote-id/cenote/internal/pool"
)

// SAMLKey loads the pool's SAML key of the use; nil when none has been made.
func (tx *Tx) SAMLKey(p *pool.Pool, use pool.SAMLUse) (*pool.SAMLKey, error) {
	k := &pool.SAMLKey{Use: use}
	var sealed []byte
	var created int64
	err := tx.queryRow(`select private_key, certificate, created from saml_keys where pool_id = $1 and key_use = $2`, p.ID, string(use)).
		Scan(&sealed, &k.Certificate, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	k.Created = fromMicros(created)
	der, err := p.Key.Open(sealed, p.ID, "saml_keys", string(use), "private_key")
	if err != nil {
		return nil, fmt.Errorf("open SAML key of pool %s: %w", p.ID, err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("parse SAML key of pool %s: %w", p.ID, err)
	}
	private, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("SAML key of pool %s is a %T", p.ID, parsed)
	}
	k.Private = private
	return k, nil
}

// SaveSAMLKey stores the pool's SAML key of its use in place of the one before.
func (tx *Tx) SaveSAMLKey(p *pool.Pool, k *pool.SAMLKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.Private)
	if err != nil {
		return fmt.Errorf("encode SAML key of pool %s: %w", p.ID, err)
	}
	_, err = tx.exec(`insert into saml_keys (pool_id, key_use, private_key, certificate, created) values ($1, $2, $3, $4, $5)
		on conflict (pool_id, key_use) do update set private_key = excluded.private_key, certificate = excluded.certificate, created = excluded.created`,
		p.ID, string(k.Use), p.Key.Seal(der, p.ID, "saml_keys", string(k.Use), "private_key"), k.Certificate, micros(k.Created))
	if err != nil {
		return fmt.Errorf("save SAML key of pool %s: %w", p.ID, err)
	}
	return nil
}
