package limit

import (
	"hash/maphash"
	"sync"
	"time"
)

const (
	shards = 32
	// perShard is how many buckets half of a shard holds. A shard has two halves, the newer and the older; when the newer is full it
	// becomes the older and the older is forgotten. So the last 65,536 callers at least are known, and twice as many at most.
	perShard = 2048
)

// buckets are the token buckets of one kind of caller. A nil one limits nothing.
type buckets struct {
	rate   float64
	seed   maphash.Seed
	shards [shards]shard
}

// shard holds its buckets by the hash of the caller and the kind of work: names come from strangers and may be long. A bucket is a
// single number (the generic cell rate algorithm): the time, in nanoseconds since 1970, at which it is full again.
type shard struct {
	mu           sync.Mutex
	newer, older map[uint64]int64
}

func newBuckets(perSecond int) *buckets {
	if perSecond <= 0 {
		return nil
	}
	return &buckets{rate: float64(perSecond), seed: maphash.MakeSeed()}
}

// allow takes a token of the caller for the kind of work, and reports whether there was one. A full bucket holds what the rate gives in
// two seconds.
func (b *buckets) allow(k kind, who string, now time.Time) bool {
	if b == nil {
		return true
	}
	perSecond := b.rate * k.share
	refill := int64(float64(time.Second) / perSecond) // of one token
	size := int64(max(1, int(2*perSecond)))
	key := b.hash(k.name, who)
	s := &b.shards[key%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	at := now.UnixNano()
	full := max(s.find(key), at)
	if full > at+size*refill { // later than an empty one: the clock has been set back since
		full = at
	}
	if full+refill > at+size*refill {
		s.keep(key, full) // in use, so not to be forgotten
		return false
	}
	s.keep(key, full+refill)
	return true
}

func (b *buckets) hash(kind, who string) uint64 {
	var h maphash.Hash
	h.SetSeed(b.seed)
	_, _ = h.WriteString(kind) // never fails
	_ = h.WriteByte(0)
	_, _ = h.WriteString(who)
	return h.Sum64()
}

// find returns when the bucket is full; 0 for one that is not known, and so is full.
func (s *shard) find(key uint64) int64 {
	if full, ok := s.newer[key]; ok {
		return full
	}
	return s.older[key]
}

func (s *shard) keep(key uint64, full int64) {
	if _, known := s.newer[key]; !known && len(s.newer) >= perShard || s.newer == nil {
		s.older, s.newer = s.newer, make(map[uint64]int64)
	}
	s.newer[key] = full
}
