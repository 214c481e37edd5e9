package sigv4

import "sync"

// maxSigningKeys bounds the signing keys that are kept; when there are more, all are forgotten.
const maxSigningKeys = 1024

// signed is what a signing key is derived from: a secret access key and a credential scope.
type signed struct{ secret, date, region, service, terminator string }

// signedBy returns what the key of a signature is derived from when the client has the secret.
func (a *authorization) signedBy(secret string) signed {
	return signed{secret, a.date, a.region, a.service, a.terminator}
}

// signingKeys remembers the signing keys of good signatures: they stay the same for a day, and deriving one takes four of the five MACs of a
// request. A key follows from the secret alone, so one that was taken back leaves nothing to forget. The zero value is empty.
type signingKeys struct {
	mu  sync.Mutex
	all map[signed][]byte
}

// match asks whether the key of s gives the signature. Only a good signature leaves its key behind, so strangers cannot fill the memory with
// regions that they make up; and a bad one costs a derivation whether the key was there or not, so that time does not tell which access keys
// are in use.
func (k *signingKeys) match(s signed, gives func(key []byte) bool) bool {
	k.mu.Lock()
	kept := k.all[s]
	k.mu.Unlock()
	if kept != nil && gives(kept) {
		return true
	}
	key := signingKey(s)
	if kept != nil || !gives(key) {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil || len(k.all) >= maxSigningKeys {
		k.all = make(map[signed][]byte)
	}
	k.all[s] = key
	return true
}
