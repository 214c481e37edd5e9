package store

import (
	"encoding/base64"
	"fmt"
)

// Secret names a server-wide value that is kept sealed by the master key.
type Secret string

// secrets are all of them: what a rotation of the master key seals again.
var secrets = []Secret{identityKey, identityRing}

// Secret returns a server-wide secret, and whether there is one.
func (tx *Tx) Secret(name Secret) (plain []byte, found bool, err error) {
	if tx.store.master == nil {
		return nil, false, ErrNoMaster
	}
	sealed, found, err := tx.metaBytes(string(name))
	if !found || err != nil {
		return nil, false, err
	}
	if plain, err = tx.store.master.Open(sealed, string(name)); err != nil {
		return nil, false, fmt.Errorf("open %s: %w", name, err)
	}
	return plain, true, nil
}

// AddSecret keeps a secret that must not exist yet; ErrExists when it does. The transaction goes on.
func (tx *Tx) AddSecret(name Secret, plain []byte) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	return tx.AddMeta(string(name), base64.StdEncoding.EncodeToString(master.Seal(plain, string(name))))
}

// setSecret keeps a secret, in place of the one before it.
func (tx *Tx) setSecret(name Secret, plain []byte) error {
	master, err := tx.sealer()
	if err != nil {
		return err
	}
	return tx.SetMeta(string(name), base64.StdEncoding.EncodeToString(master.Seal(plain, string(name))))
}

// metaBytes reads a value of meta that is bytes in base64.
func (tx *Tx) metaBytes(name string) (value []byte, found bool, err error) {
	text, found, err := tx.Meta(name)
	if !found || err != nil {
		return nil, false, err
	}
	if value, err = base64.StdEncoding.DecodeString(text); err != nil {
		return nil, false, fmt.Errorf("read %s: %w", name, err)
	}
	return value, true, nil
}
