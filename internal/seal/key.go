package seal

// Key is a data key: it seals the secrets of one pool. It is safe for use by several goroutines.
type Key struct {
	Hidden
	secret secret
	id     keyID
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
	if id != k.id {
		return nil, ErrWrongKey
	}
	return k.secret.open(sealed, context)
}

// Derive returns 32 bytes that depend on the key and the purpose only, by HKDF-SHA256: a key for MACs and the like. Equal
// purposes give equal bytes; the bytes of one purpose tell nothing about the key or about other purposes.
func (k *Key) Derive(purpose string) []byte {
	return k.secret.expand(KeySize, "cenote derive", purpose)
}
