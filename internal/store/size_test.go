package store

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestSizeCountsWhatAValueKeepsAlive(t *testing.T) {
	t.Parallel()
	type node struct {
		next *node
		text string
	}
	ring := &node{text: "abc"}
	ring.next = ring
	twice := &node{}
	for name, tc := range map[string]struct{ got, want int }{
		"a number":            {sizeOf(7), 0},
		"nothing":             {sizeOf[*node](nil), 0},
		"a pointer":           {sizeOf(new(int64)), 8},
		"a text":              {sizeOf("abc"), 3},
		"a ring":              {sizeOf(ring), 24 + 3},
		"the same twice":      {sizeOf([]*node{twice, twice}), 2*8 + 24},
		"capacity":            {sizeOf(make([]byte, 1, 64)), 64},
		"texts in a list":     {sizeOf([]string{"a", "bc"}), 2*16 + 3},
		"a list in an array":  {sizeOf([1][]int32{{1, 2}}), 8},
		"behind an interface": {sizeOf([]any{int64(1), new(int16)}), 2*16 + 8 + 2},
		"entries of a map":    {sizeOf(map[int64]string{1: "abc"}), 8 + 16 + 2 + 3},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %d, want %d", name, tc.got, tc.want)
		}
	}
}

// The size that the cache goes by is that which the heap grows by.
func TestPoolsTakeTheSizeThatIsCounted(t *testing.T) {
	s := openSmall(t)
	const n = 200
	pools := make([]*pool.Pool, 0, n)
	ids := addPools(t, s, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	counted := 0
	for _, id := range ids {
		p, err := s.Pool(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		pools = append(pools, p)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	for _, p := range pools {
		counted += overhead + s.pools.size(p)
	}
	if grown := int(after.HeapAlloc - before.HeapAlloc); grown < counted*8/10 || grown > counted*12/10 {
		t.Errorf("%d pools take %d bytes, counted %d", n, grown, counted)
	}
	if a, b := pools[0].Settings.SchemaAttributes, pools[1].Settings.SchemaAttributes; &a[0] != &b[0] {
		t.Error("two pools have two copies of the default schema")
	}
}

func TestTheCacheOfPoolsStaysWithinItsRoom(t *testing.T) {
	t.Parallel()
	s := openSmall(t)
	ids := addPools(t, s, 600)
	for _, id := range ids {
		if _, err := s.Pool(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if s.pools.look(ids[0]).value == nil {
			t.Fatal("the pool that is used all the time was dropped")
		}
	}
	if s.pools.entries.taken > poolRoom || s.pools.look(ids[1]).value != nil || s.pools.look(ids[len(ids)-1]).value == nil {
		t.Errorf("%d bytes of %d are taken by %d pools", s.pools.entries.taken, poolRoom, len(s.pools.entries.entries))
	}
}

func openSmall(t *testing.T) *Store {
	t.Helper()
	return openTest(t, Options{Database: Memory, Master: testMaster(t), Now: time.Now})
}

// addPools makes pools that share their signing keys in the database; each has its own once it is read.
func addPools(t *testing.T, s *Store, n int) (ids []string) {
	t.Helper()
	var keys []pool.SigningKey
	for _, use := range []pool.KeyUse{pool.SignsID, pool.SignsAccess} {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, pool.SigningKey{ID: string(use), Use: use, Private: private, Created: time.Now()})
	}
	err := s.Bulk(t.Context(), func(tx *Tx) error {
		ids = nil
		for i := range n {
			p, err := pool.New(&wire.CreateUserPoolInput{PoolName: fmt.Sprint("pool", i)}, "us-east-1", "000000000000", time.Now())
			if err != nil {
				return err
			}
			p.Keys = keys
			if err := tx.InsertPool(p); err != nil {
				return err
			}
			ids = append(ids, p.ID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
