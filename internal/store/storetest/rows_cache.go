package storetest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// rename changes the name of the pool, and with it the version.
func rename(t *testing.T, s *store.Store, id, name string) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(id)
		if err != nil {
			return err
		}
		p.Settings.Name = name
		return tx.SavePool(p)
	})
	if err != nil {
		t.Fatalf("rename pool: %v", err)
	}
}

func wantName(t *testing.T, s *store.Store, id, name string) *pool.Pool {
	t.Helper()
	p, err := s.Pool(t.Context(), id)
	if err != nil {
		t.Fatalf("Pool: %v", err)
	}
	if p.Settings.Name != name {
		t.Errorf("the pool's name is %q, want %q", p.Settings.Name, name)
	}
	return p
}

func cachedPool(t *testing.T, b *bed) {
	id := b.newPool(t, wire.UserPoolType{Name: "first"}).ID
	before := wantName(t, b.Store, id, "first")
	if wantName(t, b.Store, id, "first") != before {
		t.Error("a second read made another snapshot")
	}
	rename(t, b.Store, id, "second")
	wantName(t, b.Store, id, "second")
	if before.Settings.Name != "first" {
		t.Error("a change reached into the shared snapshot")
	}
	b.update(t, func(tx *store.Tx) error {
		p, err := tx.Pool(id)
		if err != nil {
			return err
		}
		return tx.InsertSigningKey(p, pool.SigningKey{ID: "k", Use: pool.SignsID, Private: b.keys[0], Created: noon})
	})
	if len(wantName(t, b.Store, id, "second").Keys) != 1 {
		t.Error("a new signing key is not seen")
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(id) })
	if _, err := b.Pool(t.Context(), id); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("Pool after its deletion: got %v, want %s", err, fault.ResourceNotFound)
	}
}

func cachedClient(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{Name: "first"})
	id := b.newClient(t, p, "secret").ID
	gotPool, got, err := b.Client(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if gotPool.ID != p.ID || !got.HasSecret("secret") {
		t.Errorf("Client = %s of %s, want the stored one", got.ID, gotPool.ID)
	}
	if _, again, _ := b.Client(t.Context(), id); again != got {
		t.Error("a second read made another snapshot")
	}
	b.update(t, func(tx *store.Tx) error {
		c, err := tx.Client(p, id)
		if err != nil {
			return err
		}
		c.Secrets[0].Value = "other"
		return tx.SaveClient(p, c)
	})
	if _, now, err := b.Client(t.Context(), id); err != nil || !now.HasSecret("other") || now.HasSecret("secret") {
		t.Errorf("a changed secret is not seen (error %v)", err)
	}
	gone := func(when string) {
		t.Helper()
		if _, _, err := b.Client(t.Context(), id); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("Client after %s: got %v, want %s", when, err, fault.ResourceNotFound)
		}
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteClient(p, id) })
	gone("its deletion")
	id = b.newClient(t, p, "").ID
	if _, _, err := b.Client(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	gone("the deletion of its pool")
}

func otherNode(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{Name: "first"})
	client := b.newClient(t, p, "secret").ID
	var now atomic.Int64
	pass := func(d time.Duration) { now.Add(int64(d)) }
	other := b.node(t, func() time.Time { return noon.Add(time.Duration(now.Load())) })

	before := wantName(t, other, p.ID, "first")
	if _, _, err := other.Client(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	pass(time.Second)
	if wantName(t, other, p.ID, "first") != before {
		t.Error("an unchanged pool was loaded again")
	}
	rename(t, b.Store, p.ID, "second")
	b.update(t, func(tx *store.Tx) error { return tx.DeleteClient(p, client) })
	wantName(t, other, p.ID, "first") // half a second is the price of not asking each time
	pass(500 * time.Millisecond)
	wantName(t, other, p.ID, "second")
	if _, _, err := other.Client(t.Context(), client); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("Client after its deletion on another node: got %v, want %s", err, fault.ResourceNotFound)
	}
	rename(t, b.Store, p.ID, "third")
	pass(-time.Hour)
	wantName(t, other, p.ID, "third") // a clock that was set back does not keep old values alive
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	pass(500 * time.Millisecond)
	if _, err := other.Pool(t.Context(), p.ID); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("Pool after its deletion on another node: got %v, want %s", err, fault.ResourceNotFound)
	}
}

func cachedAfterFailure(t *testing.T, b *bed) {
	id := b.newPool(t, wire.UserPoolType{Name: "first"}).ID
	wantName(t, b.Store, id, "first")
	refused := errors.New("refused")
	err := b.Update(t.Context(), func(tx *store.Tx) error {
		p, err := tx.Pool(id)
		if err != nil {
			return err
		}
		p.Settings.Name = "second"
		if err := tx.SavePool(p); err != nil {
			return err
		}
		if p, err = tx.Pool(id); err != nil || p.Settings.Name != "second" {
			t.Errorf("the transaction does not see its own change: %v, %v", p, err)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Errorf("Update: got %v, want its function's error", err)
	}
	wantName(t, b.Store, id, "first")
}

func oneLoad(t *testing.T, b *bed) {
	id := b.newPool(t, wire.UserPoolType{Name: "first"}).ID
	s := b.node(t, func() time.Time { return noon })
	before := s.Stats().Views
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := s.Pool(t.Context(), id); err != nil {
				t.Errorf("Pool: %v", err)
			}
		})
	}
	all.Wait()
	if got := s.Stats().Views - before; got != 1 {
		t.Errorf("50 callers made %d loads, want 1", got)
	}
}

func (b *bed) newKey(t *testing.T, id, secret string, created time.Time) {
	t.Helper()
	b.update(t, func(tx *store.Tx) error {
		return tx.InsertAccessKey(store.AccessKey{ID: id, Secret: secret, Name: "ci", Account: "111111111111", Policy: []byte(`{}`), Created: created})
	})
}

func (b *bed) deleteKey(t *testing.T, id string) {
	t.Helper()
	b.update(t, func(tx *store.Tx) error {
		_, err := tx.DeleteAccessKey(id)
		return err
	})
}

// wantKey reads the key with the id; its secret is "" when there is none.
func wantKey(t *testing.T, s *store.Store, id, secret string) *store.AccessKey {
	t.Helper()
	k, err := s.AccessKey(t.Context(), id)
	if err != nil {
		t.Fatalf("AccessKey: %v", err)
	}
	got := ""
	if k != nil {
		got = k.Secret
	}
	if got != secret {
		t.Errorf("the key's secret is %q, want %q", got, secret)
	}
	return k
}

func cachedKey(t *testing.T, b *bed) {
	id := letters(20)
	wantKey(t, b.Store, id, "")
	b.newKey(t, id, "first", noon) // none is never remembered
	k := wantKey(t, b.Store, id, "first")
	if k.Account != "111111111111" || k.Name != "ci" || string(k.Policy) != "{}" || !k.Created.Equal(noon) {
		t.Errorf("the key came back as of account %s, name %s, policy %s, created %s", k.Account, k.Name, k.Policy, k.Created)
	}
	if wantKey(t, b.Store, id, "first") != k {
		t.Error("a second read made another snapshot")
	}
	b.deleteKey(t, id)
	wantKey(t, b.Store, id, "")
}

func otherNodeKey(t *testing.T, b *bed) {
	id := letters(20)
	b.newKey(t, id, "first", noon)
	var now atomic.Int64
	other := b.node(t, func() time.Time { return noon.Add(time.Duration(now.Load())) })
	k := wantKey(t, other, id, "first")
	now.Add(int64(time.Second))
	if wantKey(t, other, id, "first") != k {
		t.Error("an unchanged key was loaded again")
	}
	b.deleteKey(t, id)
	b.newKey(t, id, "second", noon.Add(time.Minute)) // the operator's root key with a new secret
	wantKey(t, other, id, "first")
	now.Add(int64(500 * time.Millisecond))
	wantKey(t, other, id, "second")
	b.deleteKey(t, id)
	now.Add(int64(500 * time.Millisecond))
	wantKey(t, other, id, "")
}
