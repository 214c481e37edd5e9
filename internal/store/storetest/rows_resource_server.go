package storetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func newServer(p *pool.Pool, identifier string, scopes ...string) pool.ResourceServer {
	r := pool.ResourceServer{PoolID: p.ID, Settings: wire.ResourceServerType{UserPoolId: p.ID, Identifier: identifier, Name: "n"}}
	for _, s := range scopes {
		r.Settings.Scopes = append(r.Settings.Scopes, wire.ResourceServerScopeType{ScopeName: s, ScopeDescription: "d"})
	}
	return r
}

func resourceServers(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	want := newServer(p, "https://a/b", "read", "write")
	b.update(t, func(tx *store.Tx) error { return tx.InsertResourceServer(p, want) })
	check := func() {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.ResourceServer(p, "https://a/b")
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("resource server (-want +got):\n%s", diff)
			}
			return err
		})
	}
	check()
	want.Settings.Name = "another"
	b.update(t, func(tx *store.Tx) error { return tx.SaveResourceServer(p, want) })
	check()
	for name, use := range map[string]func(tx *store.Tx) error{
		"insert twice": func(tx *store.Tx) error { return tx.InsertResourceServer(p, want) },
		"load":         func(tx *store.Tx) error { _, err := tx.ResourceServer(other, "https://a/b"); return err },
		"save":         func(tx *store.Tx) error { return tx.SaveResourceServer(other, newServer(other, "https://a/b")) },
		"delete":       func(tx *store.Tx) error { return tx.DeleteResourceServer(other.ID, "https://a/b") },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.ResourceNotFound) && !fault.Is(err, fault.InvalidParameter) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.ExistingScopes(p, []string{"openid", "https://a/b/write", "https://a/b/none", "https://a/read", "https://a/b/read", "/"})
		if diff := cmp.Diff([]string{"https://a/b/write", "https://a/b/read"}, got); diff != "" {
			t.Errorf("scopes (-want +got):\n%s", diff)
		}
		return err
	})
	b.update(t, func(tx *store.Tx) error {
		for i := range 3 {
			if err := tx.InsertResourceServer(other, newServer(other, fmt.Sprint(i))); err != nil {
				return err
			}
		}
		return tx.DeleteResourceServer(p.ID, "https://a/b")
	})
	b.view(t, func(tx *store.Tx) error {
		page, err := tx.ResourceServers(other, "0", 1)
		if len(page) != 1 || page[0].Settings.Identifier != "1" {
			t.Errorf("page %v", page)
		}
		return err
	})
}

func domains(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	name := "d" + p.NamePart()
	want := &pool.Domain{Name: name, PoolID: p.ID, Kind: pool.PrefixDomain, Settings: wire.DomainDescriptionType{Domain: name, Status: "ACTIVE"}}
	b.update(t, func(tx *store.Tx) error { return tx.InsertDomain(want) })
	err := b.Update(t.Context(), func(tx *store.Tx) error {
		return tx.InsertDomain(&pool.Domain{Name: name, PoolID: other.ID, Kind: pool.CustomDomain})
	})
	if !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("a name is taken twice: %v", err)
	}
	want.Settings.Version = "1"
	b.update(t, func(tx *store.Tx) error { return tx.SaveDomain(want) })
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Domain(name)
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("domain (-want +got):\n%s", diff)
		}
		return err
	})
	b.view(t, func(tx *store.Tx) error {
		all, err := tx.PoolDomains(p.ID)
		if len(all) != 1 {
			t.Errorf("domains of the pool: %v", all)
		}
		return err
	})
	b.update(t, func(tx *store.Tx) error { return tx.DeleteDomain(want) })
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Domain(name)
		if got != nil {
			t.Errorf("a deleted domain is found: %v", got)
		}
		return err
	})
}

func samlKeys(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	for i, key := range b.keys {
		want := &pool.SAMLKey{Use: pool.SignsSAML, Private: key, Certificate: []byte{byte(i)}, Created: noon}
		b.update(t, func(tx *store.Tx) error { return tx.SaveSAMLKey(p, want) })
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.SAMLKey(p, pool.SignsSAML)
			if err == nil && (!got.Private.Equal(want.Private) || !got.Created.Equal(noon) || got.Certificate[0] != byte(i)) {
				t.Errorf("key %d is not what was stored", i)
			}
			return err
		})
	}
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.SAMLKey(p, pool.EncryptsSAML)
		if got != nil {
			t.Error("a key of another use is found")
		}
		return err
	})
}
