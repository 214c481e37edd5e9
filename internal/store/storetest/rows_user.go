package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func idsOf(users []*user.User) []string {
	var ids []string
	for _, u := range users {
		ids = append(ids, u.ID)
	}
	return ids
}

func (b *bed) loadUser(t *testing.T, p *pool.Pool, id string) *user.User {
	t.Helper()
	var u *user.User
	b.view(t, func(tx *store.Tx) (err error) {
		u, err = tx.UserByID(p, id)
		return err
	})
	return u
}

// save loads the user, changes it and saves it.
func (b *bed) save(t *testing.T, p *pool.Pool, id string, change func(u *user.User)) error {
	t.Helper()
	return b.Update(t.Context(), func(tx *store.Tx) error {
		u, err := tx.UserByID(p, id)
		if err != nil {
			return err
		}
		change(u)
		return tx.SaveUser(p, u)
	})
}

func userRoundTrip(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	want := draftUser(p, `O'Brien "x" é日😀%_\`, user.Attributes{
		"email": "Me@Example.com", "email_verified": "true", "name": "a\u0001\t\n\\\"'\u2028\ufffd\U0010ffff",
		"custom:long": strings.Repeat("😀", 2048), "address": `{"street":"x"}`, "given_name": " ",
	})
	want.Pending.Set("email", "new@example.com")
	want.Status, want.Enabled, want.SignOuts, want.SignedOut = user.ForceChangePassword, false, 1<<32-1, noon.Add(-time.Hour)
	want.Modified = noon.Add(time.Microsecond)
	want.Password = user.NewPassword(p, want.Username, "secret")
	want.Password.Expires = noon.Add(7 * 24 * time.Hour)
	want.Password.History = []credential.Verifier{{Salt: []byte{1}, V: []byte{2, 0, 255}}}
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, want) })
	got := b.loadUser(t, p, want.ID)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("inserted user (-want +got):\n%s", diff)
	}
	if !got.PasswordMatches(p, "secret") {
		t.Error("the password of the loaded user does not match")
	}

	change := func(u *user.User) {
		u.Enable(noon.Add(time.Second))
		u.Status, u.SignOuts, u.SignedOut = user.Confirmed, 7, noon.Add(time.Second)
		u.Attributes.Set("name", "")
		u.Attributes.Set("nickname", "n")
		u.Pending = user.Attributes{}
		u.Password.Expires, u.Password.History = time.Time{}, nil
	}
	change(want)
	if err := b.save(t, p, want.ID, change); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.loadUser(t, p, want.ID)); diff != "" {
		t.Errorf("saved user (-want +got):\n%s", diff)
	}
}

func userWithoutPassword(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u := draftUser(p, "one", nil)
	u.Password = user.NewPassword(p, "one", "secret")
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, u) })
	if err := b.save(t, p, u.ID, func(u *user.User) { u.Password = nil }); err != nil {
		t.Fatal(err)
	}
	got := b.loadUser(t, p, u.ID)
	if got.Password != nil {
		t.Error("a user whose password was taken away has one")
	}
	if got.Pending == nil {
		t.Error("a loaded user's Pending is nil: nothing can be set in it")
	}
}

func saveGone(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	u := draftUser(p, "one", user.Attributes{"email": "a@b.c", "email_verified": "true"})
	for name, use := range map[string]func(tx *store.Tx) error{
		"save":   func(tx *store.Tx) error { return tx.SaveUser(p, u) },
		"delete": func(tx *store.Tx) error { return tx.DeleteUser(p, u) },
		"load":   func(tx *store.Tx) error { _, err := tx.UserByID(p, u.ID); return err },
		"find":   func(tx *store.Tx) error { _, err := tx.UserByName(p, u.ID); return err },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.UserNotFound) {
			t.Errorf("%s a user who does not exist: got %v, want %s", name, err, fault.UserNotFound)
		}
	}
	b.wantHolder(t, p, "one", "")
}

func userDeleted(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	attributes := user.Attributes{"email": "a@b.c", "email_verified": "true", "name": "N"}
	u, other := b.newUser(t, p, "one", attributes), b.newUser(t, p, "two", user.Attributes{"email": "a@b.c"})
	b.newGroup(t, p, "g")
	code := &user.Code{Purpose: user.RecoveryCode, Attribute: "email", Value: "a@b.c", Hash: []byte{1}, Expires: noon}
	for _, id := range []string{u.ID, other.ID} {
		b.update(t, func(tx *store.Tx) error {
			return errors.Join(tx.AddMember(p.ID, "g", id, noon), tx.SaveCode(p, id, code),
				tx.SaveCounter(p.ID, "u:"+id, user.ResendCode, user.Counter{Count: 1, Since: noon, Last: noon}))
		})
	}
	u.Attributes.Set("email", "stale@example.com") // what counts is what is stored
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	b.view(t, func(tx *store.Tx) error {
		groups, err := tx.UserGroups(p.ID, u.ID, "", 0)
		if len(groups) != 0 {
			t.Errorf("a deleted user is in %d groups", len(groups))
		}
		members, err2 := tx.Members(p, "g", "", 0)
		if diff := cmp.Diff([]string{other.ID}, idsOf(members)); diff != "" {
			t.Errorf("members (-want +got):\n%s", diff)
		}
		c, err3 := tx.Code(p, u.ID, user.RecoveryCode)
		if c != nil {
			t.Error("a deleted user has a code")
		}
		n, err4 := tx.Counter(p.ID, "u:"+u.ID, user.ResendCode)
		if n.Count != 0 {
			t.Error("a deleted user has a counter")
		}
		kept, err5 := tx.Counter(p.ID, "u:"+other.ID, user.ResendCode)
		if kept.Count != 1 {
			t.Error("another user's counter is gone")
		}
		count, err6 := tx.CountUsers(p.ID)
		if count != 1 {
			t.Errorf("%d users counted, want 1", count)
		}
		return errors.Join(err, err2, err3, err4, err5, err6)
	})
	b.wantHolder(t, p, "one", "")
	b.wantHolder(t, p, "a@b.c", "")
	b.wantSearch(t, p, user.Filter{Attribute: "email", Value: "a@b.c"}, other.ID)
	b.newUser(t, p, "one", attributes) // its names are free
}

func otherPool(t *testing.T, b *bed) {
	p, other := b.newPool(t, aliases), b.newPool(t, aliases)
	attributes := user.Attributes{"email": "a@b.c", "email_verified": "true"}
	u := b.newUser(t, p, "one", attributes)
	for name, use := range map[string]func(tx *store.Tx) error{
		"load":   func(tx *store.Tx) error { _, err := tx.UserByID(other, u.ID); return err },
		"find":   func(tx *store.Tx) error { _, err := tx.UserByName(other, "one"); return err },
		"save":   func(tx *store.Tx) error { return tx.SaveUser(other, u) },
		"delete": func(tx *store.Tx) error { return tx.DeleteUser(other, u) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.UserNotFound) {
			t.Errorf("%s another pool's user: got %v, want %s", name, err, fault.UserNotFound)
		}
	}
	b.newUser(t, other, "one", attributes)
	b.wantSearch(t, p, user.Filter{Attribute: "email", Value: "a@b.c"}, u.ID)
	b.view(t, func(tx *store.Tx) error {
		n, err := tx.CountUsers(p.ID)
		if n != 1 {
			t.Errorf("%d users counted, want 1", n)
		}
		return err
	})
}

func nulText(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	for name, use := range map[string]func(tx *store.Tx) error{
		"a sign-in name": func(tx *store.Tx) error { _, err := tx.UserBySignInName(p, "a\x00b"); return err },
		"a new username": func(tx *store.Tx) error { return tx.InsertUser(p, draftUser(p, "a\x00b", nil)) },
		"a search": func(tx *store.Tx) error {
			_, err := tx.Users(p, user.Query{Filter: user.Filter{Attribute: "name", Value: "\x00"}})
			return err
		},
		"a searched name": func(tx *store.Tx) error { return tx.InsertUser(p, draftUser(p, "x", user.Attributes{"name": "a\x00"})) },
		"a group":         func(tx *store.Tx) error { return tx.InsertGroup(pool.Group{PoolID: p.ID, Name: "a\x00"}) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.InvalidParameter) {
			t.Errorf("%s with a null character: got %v, want %s", name, err, fault.InvalidParameter)
		}
	}
	b.wantSearch(t, p, user.Filter{})
}
