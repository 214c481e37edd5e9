package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// newClient stores a client, with a secret unless that is "".
func (b *bed) newClient(t *testing.T, p *pool.Pool, secret string) *pool.Client {
	t.Helper()
	c := &pool.Client{ID: strings.ToLower(letters(26))}
	c.Settings = wire.UserPoolClientType{ClientId: c.ID, UserPoolId: p.ID, ClientName: "app", CreationDate: wire.At(noon)}
	if secret != "" {
		c.Secrets = []pool.Secret{{ID: c.ID + "--1", Value: secret, Created: noon}}
	}
	b.update(t, func(tx *store.Tx) error { return tx.InsertClient(p, c) })
	return c
}

func (b *bed) loadClient(t *testing.T, p *pool.Pool, id string) *pool.Client {
	t.Helper()
	var c *pool.Client
	b.view(t, func(tx *store.Tx) (err error) {
		c, err = tx.Client(p, id)
		return err
	})
	return c
}

func clientRoundTrip(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	c := b.newClient(t, p, "secret")
	if diff := cmp.Diff(c, b.loadClient(t, p, c.ID)); diff != "" {
		t.Errorf("inserted client (-want +got):\n%s", diff)
	}
	b.view(t, func(tx *store.Tx) error {
		n, err := tx.CountClients(p.ID)
		if n != 1 {
			t.Errorf("the pool has %d clients, want 1", n)
		}
		return err
	})
	c.Settings.CallbackURLs = []string{"https://example.com/cb?x='\"&y=%00"}
	c.Settings.RefreshTokenValidity = wire.Ptr[int64](0)
	c.Settings.ClientSecret = "not to be stored here"
	c.Secrets = append(c.Secrets, pool.Secret{ID: c.ID + "--2", Value: "second", Created: noon})
	b.update(t, func(tx *store.Tx) error { return tx.SaveClient(p, c) })
	c.Settings.ClientSecret = ""
	got := b.loadClient(t, p, c.ID)
	if diff := cmp.Diff(c, got); diff != "" {
		t.Errorf("saved client (-want +got):\n%s", diff)
	}
	if got.Version != 2 {
		t.Errorf("version is %d after one change, want 2", got.Version)
	}
	c.Secrets = nil
	b.update(t, func(tx *store.Tx) error { return tx.SaveClient(p, c) })
	if got := b.loadClient(t, p, c.ID).Secrets; got != nil {
		t.Errorf("a client whose secrets were taken away has %d", len(got))
	}
}

func clientOfOtherPool(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	c := b.newClient(t, p, "secret")
	for name, use := range map[string]func(tx *store.Tx) error{
		"load":   func(tx *store.Tx) error { _, err := tx.Client(other, c.ID); return err },
		"save":   func(tx *store.Tx) error { return tx.SaveClient(other, &pool.Client{ID: c.ID}) },
		"delete": func(tx *store.Tx) error { return tx.DeleteClient(other, c.ID) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("%s another pool's client: got %v, want %s", name, err, fault.ResourceNotFound)
		}
	}
	if diff := cmp.Diff(c, b.loadClient(t, p, c.ID)); diff != "" {
		t.Errorf("the client was changed (-want +got):\n%s", diff)
	}
	err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertClient(other, &pool.Client{ID: c.ID}) })
	if err == nil {
		t.Error("two pools have a client with the same id")
	}
}

func clientPages(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	b.newClient(t, b.newPool(t, wire.UserPoolType{}), "")
	var want []string
	for range 3 {
		want = append(want, b.newClient(t, p, "secret").ID)
	}
	slices.Sort(want)
	page := func(after string, limit int) []string {
		var ids []string
		b.view(t, func(tx *store.Tx) error {
			cs, err := tx.Clients(p, after, limit)
			ids = nil
			for _, c := range cs {
				ids = append(ids, c.ID)
				if !c.HasSecret("secret") {
					err = errors.Join(err, errors.New("a listed client lacks its secret"))
				}
			}
			return err
		})
		return ids
	}
	if diff := cmp.Diff([][]string{want[:2], want[2:], nil, want}, [][]string{page("", 2), page(want[1], 2), page(want[2], 2), page("", 0)}); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteClient(p, want[1]) })
	if diff := cmp.Diff([]string{want[0], want[2]}, page("", 0)); diff != "" {
		t.Errorf("clients after a deletion (-want +got):\n%s", diff)
	}
}
