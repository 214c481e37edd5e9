package seal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// What the master seals besides server secrets; callers' contexts are kept apart from these by a first string.
var (
	wrapContext  = []string{"cenote data key"}
	checkContext = []string{"cenote master key check"}
)

// Master is the key above all others. It comes from a file or the environment and is never stored with what it protects.
// It is safe for use by several goroutines.
type Master struct {
	Hidden
	keys []*Key // the first seals, all open
}

// NewMaster makes a Master of one or more keys of 32 bytes. The first is the current one; the others, its predecessors,
// still open what they sealed. A key that is given twice or is all zero is refused as a slip of the operator.
func NewMaster(keys ...[]byte) (*Master, error) {
	if len(keys) == 0 {
		return nil, errors.New("no master key")
	}
	m := &Master{}
	for i, b := range keys {
		if len(b) != KeySize {
			return nil, fmt.Errorf("master key %d has %d bytes, want %d", i+1, len(b), KeySize)
		}
		if secret(b) == (secret{}) {
			return nil, fmt.Errorf("master key %d is all zero", i+1)
		}
		k := newKey(secret(b))
		if slices.ContainsFunc(m.keys, func(other *Key) bool { return other.id == k.id }) {
			return nil, fmt.Errorf("master key %d is given twice", i+1)
		}
		m.keys = append(m.keys, k)
	}
	return m, nil
}

// NewKey makes a data key and returns it with its wrapped form, which is what to store.
func (m *Master) NewKey() (*Key, []byte, error) {
	k := newKey(newSecret())
	return k, m.current().Seal(k.secret[:], wrapContext...), nil
}

// OpenKey unwraps a data key. It fails with ErrWrongKey or ErrDamaged.
func (m *Master) OpenKey(wrapped []byte) (*Key, error) {
	r, err := m.ring(wrapped)
	if err != nil {
		return nil, err
	}
	return r.key(), nil
}

// Rewrap wraps a data key under the current master key. It returns the wrapped key to store and whether that is a new one;
// a key that is already wrapped under the current master key comes back as it is.
func (m *Master) Rewrap(wrapped []byte) ([]byte, bool, error) {
	again, err := m.HandOver(wrapped, m)
	switch {
	case err != nil:
		return nil, false, err
	case !m.Stale(wrapped):
		return wrapped, false, nil
	}
	return again, true, nil
}

// HandOver wraps a data key under the current key of another Master, so that the values it has sealed can be opened there.
func (m *Master) HandOver(wrapped []byte, to *Master) ([]byte, error) {
	if _, err := m.ring(wrapped); err != nil {
		return nil, err
	}
	plain, err := m.open(wrapped, wrapContext)
	if err != nil {
		return nil, err
	}
	return to.current().Seal(plain, wrapContext...), nil
}

// Seal encrypts a secret of the server itself under the current master key, bound to the context as Key.Seal does.
func (m *Master) Seal(plain []byte, context ...string) []byte {
	return m.current().Seal(plain, serverContext(context)...)
}

// Open decrypts what Seal made, under the current master key or an earlier one. It fails with ErrWrongKey or ErrDamaged.
func (m *Master) Open(sealed []byte, context ...string) ([]byte, error) {
	return m.open(sealed, serverContext(context))
}

// Reseal seals a value that Seal made again under the current master key. It returns the value to store and whether that is a new one.
func (m *Master) Reseal(sealed []byte, context ...string) ([]byte, bool, error) {
	plain, err := m.Open(sealed, context...)
	if err != nil {
		return nil, false, err
	}
	if !m.Stale(sealed) {
		return sealed, false, nil
	}
	return m.Seal(plain, context...), true, nil
}

// LedBy returns the same keys with the one that sealed the value as the current one. It fails with ErrWrongKey or ErrDamaged.
func (m *Master) LedBy(sealed []byte) (*Master, error) {
	id, err := sealedBy(sealed)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(m.keys, func(k *Key) bool { return k.id == id })
	switch i {
	case -1:
		return nil, ErrWrongKey
	case 0:
		return m, nil
	}
	return &Master{keys: slices.Concat(m.keys[i:i+1], m.keys[:i], m.keys[i+1:])}, nil
}

// KeyID returns the id of the current key in hexadecimal, which is not secret.
func (m *Master) KeyID() string { return hex.EncodeToString(m.current().id[:]) }

// Stale reports whether a value that the master sealed was sealed under another key than the current one, and so is to be
// sealed again before that key may be dropped.
func (m *Master) Stale(sealed []byte) bool {
	id, err := sealedBy(sealed)
	return err != nil || id != m.current().id
}

// NewCheck returns a value to store beside the data, by which Check later recognises the master key.
func (m *Master) NewCheck() []byte {
	return m.current().Seal(nil, checkContext...)
}

// Check tells at start whether this is the master key of the stored data. The error is one line for the operator; it wraps
// ErrWrongKey or ErrDamaged.
func (m *Master) Check(sealedCheck []byte) error {
	_, err := m.open(sealedCheck, checkContext)
	if errors.Is(err, ErrWrongKey) {
		id, _ := sealedBy(sealedCheck) // cannot fail: open has read it
		return fmt.Errorf("the master key does not fit this database: its data is %w, with the id %x; the one given has the id %x",
			ErrWrongKey, id, m.current().id)
	}
	if err != nil {
		return fmt.Errorf("the master key check value cannot be opened: %w", err)
	}
	return nil
}

func (m *Master) current() *Key { return m.keys[0] }

func (m *Master) open(sealed []byte, context []string) ([]byte, error) {
	id, err := sealedBy(sealed)
	if err != nil {
		return nil, err
	}
	for _, k := range m.keys {
		if k.id == id {
			return k.Open(sealed, context...)
		}
	}
	return nil, ErrWrongKey
}

func serverContext(context []string) []string {
	return append([]string{"cenote server"}, context...)
}
