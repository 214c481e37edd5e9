package storetest

import (
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// samePool compares pools with what they can do: a data key is the same when it opens what the other sealed.
var samePool = cmp.Options{
	cmp.Comparer(func(a, b *seal.Key) bool {
		if a == nil || b == nil {
			return a == b
		}
		plain, err := b.Open(a.Seal([]byte("x"), "y"), "y")
		return err == nil && string(plain) == "x"
	}),
	cmp.Comparer(func(a, b *rsa.PrivateKey) bool { return a.Equal(b) }),
}

func (b *bed) loadPool(t *testing.T, id string) *pool.Pool {
	t.Helper()
	var p *pool.Pool
	b.view(t, func(tx *store.Tx) (err error) {
		p, err = tx.Pool(id)
		return err
	})
	return p
}

func poolRoundTrip(t *testing.T, b *bed) {
	p := &pool.Pool{ID: "eu-west-1_" + letters(9), Settings: wire.UserPoolType{
		Name:                   `people "é" 日本 😀 '; drop table pools; --`,
		CreationDate:           wire.At(noon),
		AutoVerifiedAttributes: []string{"email"},
		AliasAttributes:        []string{},
		UserPoolTags:           map[string]string{"a": "", "é": "b"},
		SchemaAttributes:       []wire.SchemaAttributeType{{Name: "custom:x", Required: wire.Ptr(false), Mutable: wire.Ptr(true)}},
		UsernameConfiguration:  &wire.UsernameConfigurationType{CaseSensitive: false},
	}}
	p.Settings.Id = p.ID
	p.Mfa.Email = &wire.EmailMfaConfigType{Message: "Your code is {####}"}
	p.Keys = []pool.SigningKey{
		{ID: "id-key", Use: pool.SignsID, Private: b.keys[0], Created: noon},
		{ID: "key-of-access", Use: pool.SignsAccess, Private: b.keys[1], Created: noon.Add(-time.Second), Retires: noon.Add(time.Hour)},
	}
	b.update(t, func(tx *store.Tx) error { return tx.InsertPool(p) })
	if diff := cmp.Diff(p, b.loadPool(t, p.ID), samePool); diff != "" {
		t.Errorf("inserted pool (-want +got):\n%s", diff)
	}

	p.Settings.Name, p.Settings.UserPoolTags, p.Mfa.Email = "renamed", nil, nil
	p.Settings.EstimatedNumberOfUsers = wire.Ptr[int64](7)
	b.update(t, func(tx *store.Tx) error { return tx.SavePool(p) })
	p.Settings.EstimatedNumberOfUsers = nil // a number of the moment, not a setting
	if diff := cmp.Diff(p, b.loadPool(t, p.ID), samePool); diff != "" {
		t.Errorf("saved pool (-want +got):\n%s", diff)
	}
}

func poolVersion(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	var versions []int64
	for _, change := range []func(tx *store.Tx) error{
		func(tx *store.Tx) error { return nil },
		func(tx *store.Tx) error { return tx.SavePool(p) },
		func(tx *store.Tx) error {
			return tx.InsertSigningKey(p, pool.SigningKey{ID: "k", Use: pool.SignsID, Private: b.keys[0], Created: noon})
		},
		func(tx *store.Tx) error { return tx.RetireSigningKeys(p, pool.SignsID, noon) },
	} {
		b.update(t, change)
		if got := b.loadPool(t, p.ID).Version; got != p.Version {
			t.Errorf("version is %d, the changed pool says %d", got, p.Version)
		}
		versions = append(versions, p.Version)
	}
	if diff := cmp.Diff([]int64{1, 2, 3, 4}, versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}

func keysRetire(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	old := pool.SigningKey{ID: "old", Use: pool.SignsID, Private: b.keys[0], Created: noon}
	access := pool.SigningKey{ID: "access", Use: pool.SignsAccess, Private: b.keys[1], Created: noon.Add(time.Second)}
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.InsertSigningKey(p, old), tx.InsertSigningKey(p, access))
	})
	first := noon.Add(time.Hour)
	b.update(t, func(tx *store.Tx) error { return tx.RetireSigningKeys(p, pool.SignsID, first) })
	next := pool.SigningKey{ID: "new", Use: pool.SignsID, Private: b.keys[1], Created: noon.Add(time.Minute)}
	b.update(t, func(tx *store.Tx) error { return tx.InsertSigningKey(p, next) })
	// The second rotation leaves what retired before alone.
	b.update(t, func(tx *store.Tx) error { return tx.RetireSigningKeys(p, pool.SignsID, first.Add(time.Hour)) })

	old.Retires, next.Retires = first, first.Add(time.Hour)
	got := b.loadPool(t, p.ID)
	if diff := cmp.Diff(pool.KeyRing{next, access, old}, got.Keys, samePool); diff != "" {
		t.Errorf("keys, newest first (-want +got):\n%s", diff)
	}
	if k := got.Keys.Signing(pool.SignsAccess); k == nil || k.ID != "access" {
		t.Errorf("access tokens are signed by %v, want the key that did not retire", k)
	}
}

func poolPages(t *testing.T, b *bed) {
	want := []string{b.newPool(t, wire.UserPoolType{}).ID, b.newPool(t, wire.UserPoolType{}).ID, b.newPool(t, wire.UserPoolType{}).ID}
	slices.Sort(want)
	var got []string
	b.view(t, func(tx *store.Tx) error {
		got = nil
		for after := ""; ; {
			page, err := tx.Pools(after, 2)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				return nil
			}
			for _, p := range page {
				after = p.ID
				got = append(got, p.ID)
			}
		}
	})
	if !slices.IsSorted(got) {
		t.Errorf("pools are not in order: %v", got)
	}
	got = slices.DeleteFunc(got, func(id string) bool { return !slices.Contains(want, id) }) // those of other cases
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pools (-want +got):\n%s", diff)
	}
}

func poolDeleted(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	b.newClient(t, p, "")
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	for name, use := range map[string]func(tx *store.Tx) error{
		"load":   func(tx *store.Tx) error { _, err := tx.Pool(p.ID); return err },
		"save":   func(tx *store.Tx) error { return tx.SavePool(p) },
		"delete": func(tx *store.Tx) error { return tx.DeletePool(p.ID) },
		"rotate": func(tx *store.Tx) error { return tx.RetireSigningKeys(p, pool.SignsID, noon) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("%s a deleted pool: got %v, want %s", name, err, fault.ResourceNotFound)
		}
	}
	if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertPool(&pool.Pool{ID: p.ID}) }); err == nil {
		t.Error("a pool was made anew while the rows of its namesake are still there")
	}
}

func otherMaster(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	s := (&bed{database: b.database, master: newMaster(t)}).node(t, time.Now)
	if _, err := s.Pool(t.Context(), p.ID); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("load a pool under another master key: got %v, want ErrWrongKey", err)
	}
	s = (&bed{database: b.database}).node(t, time.Now)
	if _, err := s.Pool(t.Context(), p.ID); err == nil {
		t.Error("a pool was loaded without a master key")
	}
}

func poolsByAccount(t *testing.T, b *bed) {
	const ours, theirs = "111111111111", "222222222222"
	region := "r-" + strings.ToLower(letters(8))
	made := map[string][]string{}
	for i := range 9 {
		account := ours
		if i%3 > 0 {
			account = theirs
		}
		p := &pool.Pool{ID: region + "_" + letters(9)}
		p.Settings.Id, p.Settings.Arn = p.ID, pool.ARN(region, account, p.ID)
		b.update(t, func(tx *store.Tx) error { return tx.InsertPool(p) })
		made[account] = append(made[account], p.ID)
		made[""] = append(made[""], p.ID)
	}
	for _, other := range []string{region + "x_" + letters(9), "a" + region + "_" + letters(9)} {
		b.update(t, func(tx *store.Tx) error { return tx.InsertPool(&pool.Pool{ID: other}) })
	}
	for account, want := range made {
		slices.Sort(want)
		for size := 1; size <= 10; size++ {
			var got []string
			for after := ""; ; {
				var page []*pool.Pool
				b.view(t, func(tx *store.Tx) (err error) {
					page, err = tx.PoolsIn(region, account, after, size)
					return err
				})
				for _, p := range page {
					after = p.ID
					got = append(got, p.ID)
				}
				if len(page) < size {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("account %q in pages of %d (-want +got):\n%s", account, size, diff)
			}
		}
	}
}
