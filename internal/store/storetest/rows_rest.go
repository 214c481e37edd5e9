package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func (b *bed) wantCode(t *testing.T, p *pool.Pool, userID string, purpose user.Purpose, want *user.Code) {
	t.Helper()
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Code(p, userID, purpose)
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("code (-want +got):\n%s", diff)
		}
		return err
	})
}

func codes(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	first := &user.Code{Purpose: user.SignUpCode, Attribute: "email", Value: "é@b.c", Hash: []byte{0, 1, 255}, Expires: noon.Add(time.Hour)}
	second := &user.Code{Purpose: user.SignUpCode, Attribute: "phone_number", Value: "+1", Hash: []byte{2}, Expires: noon.Add(2 * time.Hour)}
	other := &user.Code{Purpose: user.RecoveryCode, Attribute: "email", Value: "x", Hash: []byte{3}, Expires: noon}
	save := func(c *user.Code) { b.update(t, func(tx *store.Tx) error { return tx.SaveCode(p, "u", c) }) }
	remove := func() { b.update(t, func(tx *store.Tx) error { return tx.DeleteCode(p, "u", user.SignUpCode) }) }

	b.wantCode(t, p, "u", user.SignUpCode, nil)
	save(first)
	save(other)
	b.wantCode(t, p, "u", user.SignUpCode, first)
	save(second)
	b.wantCode(t, p, "u", user.SignUpCode, second)
	remove()
	remove() // a second time is no error
	b.wantCode(t, p, "u", user.SignUpCode, nil)
	b.wantCode(t, p, "u", user.RecoveryCode, other)
	b.wantCode(t, p, "v", user.RecoveryCode, nil)
	b.wantCode(t, b.newPool(t, wire.UserPoolType{}), "u", user.RecoveryCode, nil)
}

func counters(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	check := func(subject string, a user.Action, want user.Counter) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.Counter(p.ID, subject, a)
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("counter of %s (-want +got):\n%s", subject, diff)
			}
			return err
		})
	}
	check("u:1", user.SignInFailure, user.Counter{})
	want := user.Counter{Count: 1, Since: noon, Last: noon}
	for range 2 {
		b.update(t, func(tx *store.Tx) error { return tx.SaveCounter(p.ID, "u:1", user.SignInFailure, want) })
		check("u:1", user.SignInFailure, want)
		want = want.AddFailure(noon.Add(time.Minute))
	}
	check("n:1", user.SignInFailure, user.Counter{})
	check("u:1", user.ForgotPassword, user.Counter{})
	b.update(t, func(tx *store.Tx) error { return tx.DeleteCounter(p.ID, "u:1", user.SignInFailure) })
	check("u:1", user.SignInFailure, user.Counter{})

	// Failures that come in at the same time are all counted.
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := b.Update(t.Context(), func(tx *store.Tx) error {
				c, err := tx.Counter(p.ID, "u:2", user.SignInFailure)
				if err != nil {
					return err
				}
				return tx.SaveCounter(p.ID, "u:2", user.SignInFailure, c.AddFailure(noon))
			})
			if err != nil {
				t.Errorf("count: %v", err)
			}
		})
	}
	all.Wait()
	check("u:2", user.SignInFailure, user.Counter{Count: 8, Since: noon, Last: noon})
}

func consumed(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	var all sync.WaitGroup
	wins := make(chan bool, 8)
	for range cap(wins) {
		all.Go(func() {
			var first bool
			err := b.Update(t.Context(), func(tx *store.Tx) (err error) {
				first, err = tx.Consume(p.ID, "session", noon)
				return err
			})
			if err != nil {
				t.Errorf("Consume: %v", err)
			}
			wins <- first
		})
	}
	all.Wait()
	close(wins)
	n := 0
	for first := range wins {
		if first {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d of 8 were the first, want 1", n)
	}
	b.update(t, func(tx *store.Tx) error {
		for _, c := range []struct{ pool, id string }{{p.ID, "Session"}, {other.ID, "session"}} {
			if first, err := tx.Consume(c.pool, c.id, noon); err != nil || !first {
				return fmt.Errorf("another id or pool: first is %v, error %w", first, err)
			}
		}
		return nil
	})
}

func revoked(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	for _, until := range []time.Time{noon.Add(time.Hour), noon} {
		b.update(t, func(tx *store.Tx) error { return tx.RevokeOrigin(p.ID, "origin", until) })
	}
	b.view(t, func(tx *store.Tx) error {
		for _, c := range []struct {
			pool, origin string
			want         bool
		}{{p.ID, "origin", true}, {p.ID, "Origin", false}, {other.ID, "origin", false}} {
			got, err := tx.OriginRevoked(c.pool, c.origin)
			if err != nil {
				return err
			}
			if got != c.want {
				t.Errorf("OriginRevoked(%s, %s) = %v, want %v", c.pool, c.origin, got, c.want)
			}
		}
		return nil
	})
}

func rotated(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	for i, want := range []time.Time{{}, noon, noon} {
		b.update(t, func(tx *store.Tx) error {
			got, err := tx.Rotate(p.ID, "jti", noon.Add(time.Duration(i)*time.Minute), noon.Add(time.Hour))
			if err == nil && !got.Equal(want) {
				t.Errorf("rotation %d: an earlier one at %v, want %v", i, got, want)
			}
			return err
		})
	}
}

func accessKeys(t *testing.T, b *bed) {
	id := "K" + letters(20)
	want := store.AccessKey{ID: id, Secret: "wJalr/+é", Name: "deploy 😀", Account: "222222222222", Policy: []byte(`{"operations":[]}`), Created: noon}
	plain := store.AccessKey{ID: id + "2", Secret: "s", Name: "root", Created: noon}
	b.update(t, func(tx *store.Tx) error { return errors.Join(tx.InsertAccessKey(plain), tx.InsertAccessKey(want)) })
	b.view(t, func(tx *store.Tx) error {
		for _, want := range []store.AccessKey{want, plain} {
			got, found, err := tx.AccessKey(want.ID)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(want, got); !found || diff != "" {
				t.Errorf("access key (-want +got):\n%s", diff)
			}
		}
		all, err := tx.AccessKeys()
		want, plain := want, plain
		want.Secret, plain.Secret = "", ""
		if diff := cmp.Diff([]store.AccessKey{want, plain}, all); diff != "" {
			t.Errorf("list (-want +got):\n%s", diff)
		}
		return err
	})
	if s := fmt.Sprintf("%v %+v %#v %s", want, want, want, &want); s != "[hidden] [hidden] [hidden] [hidden]" {
		t.Errorf("an access key prints as %s", s)
	}
	if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertAccessKey(plain) }); err == nil {
		t.Error("an access key was stored twice")
	}
	b.update(t, func(tx *store.Tx) error {
		for _, want := range []bool{true, false} {
			if got, err := tx.DeleteAccessKey(id); err != nil || got != want {
				return fmt.Errorf("DeleteAccessKey = %v, want %v, error %w", got, want, err)
			}
		}
		_, found, err := tx.AccessKey(id)
		if found {
			t.Error("a deleted access key is there")
		}
		return err
	})
}
