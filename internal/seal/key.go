package seal

// Key is a data key: it seals the secrets of one pool. While it replaces another one, it also opens what that one has sealed. It is safe for
// use by several goroutines.
type Key struct {
	Hidden
	secret  secret
	id      keyID
	others  []*Key            // open, and do not seal: the next one and earlier ones
	derived map[string][]byte // that outlived the key they were derived from, by purpose
}

func newKey(s secret) *Key { return &Key{secret: s, id: s.id()} }

// Seal encrypts plain and binds it to the context: pool, table, row and column, in that order. The result is Overhead bytes
// longer than plain and different each time.
func (k *Key) Seal(plain []byte, context ...string) []byte {
	return k.secret.seal(k.id, plain, context)
}

// Open decrypts what Seal made with the same context. It fails with ErrWrongKey or ErrDamaged.
func (k *Key) Open(sealed []byte, context ...string) ([]byte, error) {
	id, err := sealedBy(sealed)
	if err != nil {
		return nil, err
	}
	if id == k.id {
		return k.secret.open(sealed, context)
	}
	for _, other := range k.others {
		if id == other.id {
			return other.secret.open(sealed, context)
		}
	}
	return nil, ErrWrongKey
}

// Reseal seals a value that Seal made again, if another key has sealed it. It returns the value to store and whether that is a new one.
func (k *Key) Reseal(sealed []byte, context ...string) ([]byte, bool, error) {
	if !k.Stale(sealed) {
		return sealed, false, nil
	}
	plain, err := k.Open(sealed, context...)
	if err != nil {
		return nil, false, err
	}
	return k.Seal(plain, context...), true, nil
}

// Stale reports whether a value was sealed by another key than the one that seals now.
func (k *Key) Stale(sealed []byte) bool {
	id, err := sealedBy(sealed)
	return err != nil || id != k.id
}

// Derive returns 32 bytes that depend on the key and the purpose only, by HKDF-SHA256: a key for MACs and the like. Equal
// purposes give equal bytes; the bytes of one purpose tell nothing about the key or about other purposes. Purposes that outlive the key
// (Master.NextKey) keep their bytes.
func (k *Key) Derive(purpose string) []byte {
	if kept, ok := k.derived[purpose]; ok {
		return kept
	}
	return k.secret.expand(KeySize, "cenote derive", purpose)
}

// DeriveAll returns what Derive returns, first, and what it returned under the other keys that still count: to check what was made then.
func (k *Key) DeriveAll(purpose string) [][]byte {
	all := [][]byte{k.Derive(purpose)}
	for _, other := range k.others {
		all = append(all, other.Derive(purpose))
	}
	return all
}
