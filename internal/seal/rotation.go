package seal

import (
	"encoding/binary"
	"fmt"
	"time"
)

// A data key is replaced in steps, between which every node learns of the change: NextKey makes the new key, which opens; PromoteKey lets it
// seal; Resealed notes that what is stored has been sealed again; DropKeys forgets the earlier keys when their time is over. All of it is
// in the wrapped value.

// keyring is what a wrapped data key holds once it has been replaced. One that never was holds the 32 bytes of the key.
type keyring struct {
	current   []byte
	next      []byte // nil: there is none
	earlier   []earlierKey
	resealing bool // something that is stored may be sealed by an earlier key
	derived   map[string][]byte
}

type earlierKey struct {
	key   []byte
	until time.Time
}

// KeyState is how far the replacement of a data key is.
type KeyState struct {
	Next      bool        // a new key opens and does not seal yet
	Resealing bool        // stored values may be sealed by an earlier key
	Until     []time.Time // when the earlier keys are to be dropped
}

// State tells how far the replacement of a wrapped data key is.
func (m *Master) State(wrapped []byte) (KeyState, error) {
	r, err := m.ring(wrapped)
	if err != nil {
		return KeyState{}, err
	}
	s := KeyState{Next: r.next != nil, Resealing: r.resealing}
	for _, e := range r.earlier {
		s.Until = append(s.Until, e.until)
	}
	return s, nil
}

// NextKey adds a new key, unless there is one. What is derived for the given purposes stays as it is for good.
func (m *Master) NextKey(wrapped []byte, lasting ...string) ([]byte, error) {
	return m.change(wrapped, func(r *keyring) {
		if r.next != nil {
			return
		}
		current := newKey(secret(r.current))
		current.derived = r.derived
		derived := make(map[string][]byte, len(lasting))
		for _, purpose := range lasting {
			derived[purpose] = current.Derive(purpose)
		}
		next := newSecret()
		r.next, r.derived = next[:], derived
	})
}

// PromoteKey lets the new key seal, if there is one. Those before open until the given time.
func (m *Master) PromoteKey(wrapped []byte, until time.Time) ([]byte, error) {
	return m.change(wrapped, func(r *keyring) {
		if r.next == nil {
			return
		}
		r.earlier = append(r.earlier, earlierKey{key: r.current, until: until})
		for i := range r.earlier {
			if until.Before(r.earlier[i].until) {
				r.earlier[i].until = until
			}
		}
		r.current, r.next, r.resealing = r.next, nil, true
	})
}

// Resealed notes that nothing that is stored was sealed by an earlier key.
func (m *Master) Resealed(wrapped []byte) ([]byte, error) {
	return m.change(wrapped, func(r *keyring) { r.resealing = false })
}

// DropKeys forgets the earlier keys whose time is over.
func (m *Master) DropKeys(wrapped []byte, now time.Time) ([]byte, error) {
	return m.change(wrapped, func(r *keyring) {
		var kept []earlierKey
		for _, e := range r.earlier {
			if now.Before(e.until) {
				kept = append(kept, e)
			}
		}
		r.earlier = kept
	})
}

func (m *Master) change(wrapped []byte, how func(*keyring)) ([]byte, error) {
	r, err := m.ring(wrapped)
	if err != nil {
		return nil, err
	}
	how(r)
	plain := r.bytes()
	defer clear(plain)
	return m.current().Seal(plain, wrapContext...), nil
}

// ring unwraps a data key.
func (m *Master) ring(wrapped []byte) (*keyring, error) {
	plain, err := m.open(wrapped, wrapContext)
	if err != nil {
		return nil, fmt.Errorf("open data key: %w", err)
	}
	if len(plain) == KeySize {
		return &keyring{current: plain}, nil
	}
	r, ok := parseKeyring(plain)
	if !ok {
		return nil, fmt.Errorf("open data key: %w", ErrDamaged)
	}
	return r, nil
}

// The parts of a keyring, each behind its name and length.
const (
	partCurrent   = "current"   // the key
	partNext      = "next"      // the key
	partEarlier   = "earlier"   // the key, and 8 bytes: until when it opens, in microseconds since 1970
	partResealing = "resealing" // nothing
	partDerived   = "derived"   // 32 bytes, and their purpose
)

func (r *keyring) bytes() []byte {
	b := appendContext(nil, []string{partCurrent, string(r.current)})
	if r.next != nil {
		b = appendContext(b, []string{partNext, string(r.next)})
	}
	for _, e := range r.earlier {
		b = appendContext(b, []string{partEarlier, string(binary.BigEndian.AppendUint64(e.key[:KeySize:KeySize], uint64(e.until.UnixMicro())))})
	}
	if r.resealing {
		b = appendContext(b, []string{partResealing, ""})
	}
	for purpose, derived := range r.derived {
		b = appendContext(b, []string{partDerived, string(derived) + purpose})
	}
	return b
}

// parseKeyring reads what bytes made.
func parseKeyring(b []byte) (*keyring, bool) {
	r := &keyring{derived: map[string][]byte{}}
	for len(b) > 0 {
		name, rest, ok := cutPart(b)
		if !ok {
			return nil, false
		}
		var value []byte
		if value, b, ok = cutPart(rest); !ok {
			return nil, false
		}
		switch {
		case string(name) == partCurrent && len(value) == KeySize:
			r.current = value
		case string(name) == partNext && len(value) == KeySize:
			r.next = value
		case string(name) == partEarlier && len(value) == KeySize+8:
			r.earlier = append(r.earlier, earlierKey{value[:KeySize], time.UnixMicro(int64(binary.BigEndian.Uint64(value[KeySize:])))})
		case string(name) == partResealing:
			r.resealing = true
		case string(name) == partDerived && len(value) > KeySize:
			r.derived[string(value[KeySize:])] = value[:KeySize:KeySize]
		default:
			return nil, false
		}
	}
	return r, r.current != nil
}

// cutPart takes a length-prefixed part off the front.
func cutPart(b []byte) (part, rest []byte, ok bool) {
	if len(b) < 4 || uint64(len(b)-4) < uint64(binary.BigEndian.Uint32(b)) {
		return nil, nil, false
	}
	end := 4 + int(binary.BigEndian.Uint32(b))
	return b[4:end:end], b[end:], true
}

// secrets returns the keys that open and do not seal.
func (r *keyring) secrets() (all [][]byte) {
	if r.next != nil {
		all = append(all, r.next)
	}
	for _, e := range r.earlier {
		all = append(all, e.key)
	}
	return all
}

// key returns the key for use.
func (r *keyring) key() *Key {
	k := newKey(secret(r.current))
	k.derived = r.derived
	for _, s := range r.secrets() {
		k.others = append(k.others, newKey(secret(s)))
	}
	return k
}
