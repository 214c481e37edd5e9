package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

func (b *bed) newGroup(t *testing.T, p *pool.Pool, name string) pool.Group {
	t.Helper()
	g := pool.Group{PoolID: p.ID, Name: name, Created: noon, Modified: noon}
	b.update(t, func(tx *store.Tx) error { return tx.InsertGroup(g) })
	return g
}

func groupNamesOf(groups []pool.Group) []string {
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	return names
}

func groupRoundTrip(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	want := pool.Group{
		PoolID: p.ID, Name: `adm'"n é日😀%_\`, Description: "what\n\"it\" is", RoleARN: "arn:aws:iam::000000000000:role/x",
		Precedence: wire.Ptr[int64](0), Created: noon, Modified: noon.Add(time.Second),
	}
	b.update(t, func(tx *store.Tx) error { return tx.InsertGroup(want) })
	check := func(when string) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.Group(p.ID, want.Name)
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("%s group (-want +got):\n%s", when, diff)
			}
			return err
		})
	}
	check("inserted")
	want.Precedence, want.Description, want.RoleARN, want.Modified = nil, "", "", noon.Add(time.Hour)
	b.update(t, func(tx *store.Tx) error { return tx.SaveGroup(want) })
	check("saved")

	other := b.newPool(t, wire.UserPoolType{})
	for name, use := range map[string]func(tx *store.Tx) error{
		"load":   func(tx *store.Tx) error { _, err := tx.Group(other.ID, want.Name); return err },
		"save":   func(tx *store.Tx) error { return tx.SaveGroup(pool.Group{PoolID: other.ID, Name: want.Name}) },
		"delete": func(tx *store.Tx) error { return tx.DeleteGroup(other.ID, want.Name) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("%s a group that is not there: got %v, want %s", name, err, fault.ResourceNotFound)
		}
	}
}

func groupExists(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	g := b.newGroup(t, p, "admins")
	g.Description = "another"
	if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertGroup(g) }); !fault.Is(err, fault.GroupExists) {
		t.Errorf("insert a group twice: got %v, want %s", err, fault.GroupExists)
	}
	b.newGroup(t, b.newPool(t, wire.UserPoolType{}), "admins") // another pool's names are its own
}

func groupNames(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	want := []string{"A", "B", "a", "aa", "b", "É", "é", "日本", "😀"}
	for _, name := range slices.Backward(want) {
		b.newGroup(t, p, name)
	}
	var got []string
	b.view(t, func(tx *store.Tx) error {
		got = nil
		for after := ""; ; after = got[len(got)-1] {
			page, err := tx.Groups(p.ID, after, 4)
			if err != nil || len(page) == 0 {
				return err
			}
			got = append(got, groupNamesOf(page)...)
		}
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
}

func members(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	var ids []string
	for _, name := range []string{"one", "two", "three"} {
		ids = append(ids, b.newUser(t, p, name, nil).ID)
	}
	slices.Sort(ids)
	for _, g := range []string{"b", "a", "c"} {
		b.newGroup(t, p, g)
	}
	b.update(t, func(tx *store.Tx) error {
		for _, m := range []struct{ group, id string }{{"a", ids[0]}, {"b", ids[0]}, {"c", ids[0]}, {"a", ids[1]}, {"a", ids[2]}, {"a", ids[2]}} {
			if err := tx.AddMember(p.ID, m.group, m.id, noon); err != nil {
				return err
			}
		}
		if err := tx.RemoveMember(p.ID, "a", ids[1]); err != nil {
			return err
		}
		return tx.RemoveMember(p.ID, "b", ids[1]) // who is not in it
	})
	usersOf := func(group, after string, limit int) []string {
		var got []string
		b.view(t, func(tx *store.Tx) error {
			users, err := tx.Members(p, group, after, limit)
			got = idsOf(users)
			return err
		})
		return got
	}
	groupsOf := func(id, after string, limit int) []string {
		var got []string
		b.view(t, func(tx *store.Tx) error {
			groups, err := tx.UserGroups(p.ID, id, after, limit)
			got = groupNamesOf(groups)
			return err
		})
		return got
	}
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"all members", usersOf("a", "", 0), []string{ids[0], ids[2]}},
		{"the first member", usersOf("a", "", 1), ids[:1]},
		{"the members after the first", usersOf("a", ids[0], 9), ids[2:]},
		{"the members of no group", usersOf("A", "", 9), nil},
		{"all groups", groupsOf(ids[0], "", 0), []string{"a", "b", "c"}},
		{"two groups", groupsOf(ids[0], "", 2), []string{"a", "b"}},
		{"the groups after a", groupsOf(ids[0], "a", 2), []string{"b", "c"}},
		{"the groups of a user in none", groupsOf(ids[1], "", 0), nil},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func groupDeleted(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u := b.newUser(t, p, "one", nil)
	for _, g := range []string{"stays", "goes"} {
		b.newGroup(t, p, g)
		b.update(t, func(tx *store.Tx) error { return tx.AddMember(p.ID, g, u.ID, noon) })
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteGroup(p.ID, "goes") })
	b.newGroup(t, p, "goes") // who was in its namesake is not in it
	b.view(t, func(tx *store.Tx) error {
		groups, err := tx.UserGroups(p.ID, u.ID, "", 0)
		if diff := cmp.Diff([]string{"stays"}, groupNamesOf(groups)); err == nil && diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		return err
	})
}
