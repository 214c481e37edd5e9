package limit

import (
	"hash/maphash"
	"sync"
	"time"

	"golang.org/x/time/rate"
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

type shard struct {
	mu           sync.Mutex
	newer, older map[bucketKey]*rate.Limiter
}

type bucketKey struct {
	kind string
	hash uint64 // of the caller: names come from strangers and may be long
}

func newBuckets(perSecond int) *buckets {
	if perSecond <= 0 {
		return nil
	}
	return &buckets{rate: float64(perSecond), seed: maphash.MakeSeed()}
}

// allow takes a token of the caller for the kind of work, and reports whether there was one.
func (b *buckets) allow(k kind, who string, now time.Time) bool {
	if b == nil {
		return true
	}
	key := bucketKey{k.name, maphash.String(b.seed, who)}
	s := &b.shards[key.hash%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.find(key)
	if l == nil {
		perSecond := b.rate * k.share
		l = rate.NewLimiter(rate.Limit(perSecond), max(1, int(2*perSecond)))
		s.keep(key, l)
	}
	return l.AllowN(now, 1)
}

// find returns the bucket with the key, or nil.
func (s *shard) find(key bucketKey) *rate.Limiter {
	if l := s.newer[key]; l != nil {
		return l
	}
	l := s.older[key]
	if l != nil {
		s.keep(key, l)
	}
	return l
}

func (s *shard) keep(key bucketKey, l *rate.Limiter) {
	if s.newer == nil || len(s.newer) >= perShard {
		s.older, s.newer = s.newer, make(map[bucketKey]*rate.Limiter)
	}
	s.newer[key] = l
}
