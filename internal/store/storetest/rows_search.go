package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// search returns the ids of the users that the filter lets through, read in pages of the size, in their order.
func (b *bed) search(t *testing.T, p *pool.Pool, f user.Filter, size int) []string {
	t.Helper()
	var ids []string
	q := user.Query{Filter: f, Limit: size}
	for {
		var page []*user.User
		b.view(t, func(tx *store.Tx) (err error) {
			page, err = tx.Users(p, q)
			return err
		})
		if len(page) > size {
			t.Fatalf("a page of %d has %d users", size, len(page))
		}
		if len(page) == 0 {
			return ids
		}
		ids = append(ids, idsOf(page)...)
		q.After = f.CursorOf(page[len(page)-1])
	}
}

// wantSearch checks which users a filter finds, in whatever order.
func (b *bed) wantSearch(t *testing.T, p *pool.Pool, f user.Filter, want ...string) {
	t.Helper()
	got := b.search(t, p, f, 60)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users with %+v (-want +got):\n%s", f, diff)
	}
}

func filters(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	ids, names := map[string]string{}, map[string]string{}
	add := func(username string, status user.Status, enabled bool, a user.Attributes) {
		u := draftUser(p, username, a)
		u.Status, u.Enabled = status, enabled
		b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, u) })
		ids[username], names[u.ID] = u.ID, username
	}
	add("ann", user.Confirmed, true, user.Attributes{
		"email": "Ann@Example.com", "phone_number": "+15550100", "name": "Ann O'Neil", "given_name": "Ann", "family_name": "O'Neil",
		"preferred_username": "annie", "nickname": "not searched",
	})
	add("Ann", user.Unconfirmed, true, user.Attributes{"email": "ann@example.org", "name": "ÉCLAIR"})
	add("anna%", user.Confirmed, false, user.Attributes{"email": "a_b@example.com", "name": "100%"})
	add("an_", user.ForceChangePassword, true, user.Attributes{"email": "axb@example.com", "name": `back\slash`})
	add("bob", user.ResetRequired, false, user.Attributes{"email": "bob@example.com", "name": "100 percent"})
	add("b\U0010ffff", user.ExternalProvider, true, user.Attributes{"name": "\U0010ffff\U0010ffff!"})

	for _, c := range []struct {
		name  string
		f     user.Filter
		users []string
	}{
		{"no filter finds all", user.Filter{}, []string{"ann", "Ann", "anna%", "an_", "bob", "b\U0010ffff"}},
		{"a username is compared with its case", user.Filter{Attribute: "username", Value: "ann"}, []string{"ann"}},
		{"a username that nobody has", user.Filter{Attribute: "username", Value: "anN"}, nil},
		{"a prefix of usernames", user.Filter{Attribute: "username", Value: "ann", Prefix: true}, []string{"ann", "anna%"}},
		{"an underscore in a prefix stands for itself", user.Filter{Attribute: "username", Value: "an_", Prefix: true}, []string{"an_"}},
		{"a percent sign in a prefix stands for itself", user.Filter{Attribute: "username", Value: "%", Prefix: true}, nil},
		{"a prefix of the last character", user.Filter{Attribute: "username", Value: "b\U0010ffff", Prefix: true}, []string{"b\U0010ffff"}},
		{"the empty prefix of usernames finds all", user.Filter{Attribute: "username", Prefix: true}, []string{"ann", "Ann", "anna%", "an_", "bob", "b\U0010ffff"}},
		{"no username is empty", user.Filter{Attribute: "username"}, nil},

		{"a sub", user.Filter{Attribute: "sub", Value: ids["bob"]}, []string{"bob"}},
		{"a sub that nobody has", user.Filter{Attribute: "sub", Value: ids["bob"][:8]}, nil},
		{"a prefix of subs", user.Filter{Attribute: "sub", Value: ids["bob"][:8], Prefix: true}, []string{"bob"}},
		{"a sub is compared with its case", user.Filter{Attribute: "sub", Value: strings.ToUpper(ids["bob"])}, nil},
		{"the empty prefix of subs finds all", user.Filter{Attribute: "sub", Prefix: true}, []string{"ann", "Ann", "anna%", "an_", "bob", "b\U0010ffff"}},

		{"an address is compared without its case", user.Filter{Attribute: "email", Value: "aNN@example.COM"}, []string{"ann"}},
		{"a prefix of addresses", user.Filter{Attribute: "email", Value: "ANN@", Prefix: true}, []string{"ann", "Ann"}},
		{"an underscore in an address stands for itself", user.Filter{Attribute: "email", Value: "a_", Prefix: true}, []string{"anna%"}},
		{"the empty prefix finds those who have the attribute", user.Filter{Attribute: "email", Prefix: true}, []string{"ann", "Ann", "anna%", "an_", "bob"}},
		{"an absent attribute is not the empty one", user.Filter{Attribute: "email"}, nil},
		{"a phone number", user.Filter{Attribute: "phone_number", Value: "+15550100"}, []string{"ann"}},
		{"a prefix of phone numbers", user.Filter{Attribute: "phone_number", Value: "+1555", Prefix: true}, []string{"ann"}},
		{"a name with an apostrophe", user.Filter{Attribute: "name", Value: "ann o'neil"}, []string{"ann"}},
		{"a name beyond ASCII", user.Filter{Attribute: "name", Value: "éclair"}, []string{"Ann"}},
		{"a prefix beyond ASCII", user.Filter{Attribute: "name", Value: "Éc", Prefix: true}, []string{"Ann"}},
		{"a percent sign in a name stands for itself", user.Filter{Attribute: "name", Value: "100%", Prefix: true}, []string{"anna%"}},
		{"a backslash in a name stands for itself", user.Filter{Attribute: "name", Value: `back\`, Prefix: true}, []string{"an_"}},
		{"a prefix of last characters only", user.Filter{Attribute: "name", Value: "\U0010ffff\U0010ffff", Prefix: true}, []string{"b\U0010ffff"}},
		{"a given name", user.Filter{Attribute: "given_name", Value: "ann"}, []string{"ann"}},
		{"a family name", user.Filter{Attribute: "family_name", Value: "O'", Prefix: true}, []string{"ann"}},
		{"a preferred username", user.Filter{Attribute: "preferred_username", Value: "Annie"}, []string{"ann"}},

		{"a user status", user.Filter{Attribute: "cognito:user_status", Value: "CONFIRMED"}, []string{"ann", "anna%"}},
		{"a user status is compared without its case", user.Filter{Attribute: "cognito:user_status", Value: "unConfirmed"}, []string{"Ann"}},
		{"a prefix of user statuses", user.Filter{Attribute: "cognito:user_status", Value: "re", Prefix: true}, []string{"bob"}},
		{"the end of a user status is no prefix", user.Filter{Attribute: "cognito:user_status", Value: "FIRMED", Prefix: true}, nil},
		{"the empty prefix of user statuses finds all", user.Filter{Attribute: "cognito:user_status", Prefix: true}, []string{"ann", "Ann", "anna%", "an_", "bob", "b\U0010ffff"}},
		{"enabled users", user.Filter{Attribute: "status", Value: "Enabled"}, []string{"ann", "Ann", "an_", "b\U0010ffff"}},
		{"disabled users", user.Filter{Attribute: "status", Value: "Disabled"}, []string{"anna%", "bob"}},
		{"the status is compared with its case", user.Filter{Attribute: "status", Value: "enabled"}, nil},
		{"a prefix of one status", user.Filter{Attribute: "status", Value: "Dis", Prefix: true}, []string{"anna%", "bob"}},
		{"the empty prefix of the status finds all", user.Filter{Attribute: "status", Prefix: true}, []string{"ann", "Ann", "anna%", "an_", "bob", "b\U0010ffff"}},
		{"no status is empty", user.Filter{Attribute: "status"}, nil},
	} {
		for _, size := range []int{1, 60} {
			var got []string
			for _, id := range b.search(t, p, c.f, size) {
				got = append(got, names[id])
			}
			slices.Sort(got)
			slices.Sort(c.users)
			if diff := cmp.Diff(c.users, got); diff != "" {
				t.Errorf("%s, in pages of %d (-want +got):\n%s", c.name, size, diff)
			}
		}
	}
}

func filterPages(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	var ids []string
	b.update(t, func(tx *store.Tx) error {
		ids = nil
		for i := range 50 {
			u := draftUser(p, fmt.Sprintf("user%d", i), user.Attributes{"name": fmt.Sprintf("Same %d", i/20), "email": "all@example.com"})
			u.Enabled = i%10 != 0
			if i%7 == 0 {
				u.Status = user.Unconfirmed
			}
			ids = append(ids, u.ID)
			if err := tx.InsertUser(p, u); err != nil {
				return err
			}
		}
		return nil
	})
	slices.Sort(ids)
	for _, f := range []user.Filter{
		{},
		{Attribute: "sub", Prefix: true},
		{Attribute: "username", Prefix: true, Value: "user"},
		{Attribute: "name", Prefix: true, Value: "same"},
		{Attribute: "email", Value: "all@example.com"},
		{Attribute: "cognito:user_status", Prefix: true},
		{Attribute: "status", Prefix: true},
	} {
		for _, size := range []int{1, 7, 50} {
			got := b.search(t, p, f, size)
			again := b.search(t, p, f, 13)
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("%+v: the order depends on the size of the page (-%d +13):\n%s", f, size, diff)
			}
			slices.Sort(got)
			if diff := cmp.Diff(ids, got); diff != "" {
				t.Errorf("%+v in pages of %d (-want +got):\n%s", f, size, diff)
			}
		}
	}
}

func searchFollows(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u := b.newUser(t, p, "one", user.Attributes{"email": "old@example.com", "name": "Same"})
	err := b.save(t, p, u.ID, func(u *user.User) {
		u.Attributes.Set("email", "NEW@example.com")
		u.Attributes.Set("given_name", "G")
		u.Status, u.Enabled = user.ResetRequired, false
	})
	if err != nil {
		t.Fatal(err)
	}
	found := func(attribute, value string) {
		b.wantSearch(t, p, user.Filter{Attribute: attribute, Value: value}, u.ID)
	}
	lost := func(attribute, value string) { b.wantSearch(t, p, user.Filter{Attribute: attribute, Value: value}) }
	found("email", "new@example.com")
	lost("email", "old@example.com")
	found("name", "same")
	found("given_name", "g")
	found("cognito:user_status", "RESET_REQUIRED")
	lost("cognito:user_status", "CONFIRMED")
	found("status", "Disabled")
	lost("status", "Enabled")
	if err := b.save(t, p, u.ID, func(u *user.User) { u.Attributes.Set("name", "") }); err != nil {
		t.Fatal(err)
	}
	lost("name", "same")
	found("given_name", "g")
}

func longValues(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	long := strings.Repeat("日", 2047)
	one := b.newUser(t, p, "one", user.Attributes{"name": long + "1", "family_name": strings.Repeat("\U0010ffff", 2048)})
	two := b.newUser(t, p, "two", user.Attributes{"name": long + "2"})
	b.wantSearch(t, p, user.Filter{Attribute: "name", Value: long + "1"}, one.ID)
	b.wantSearch(t, p, user.Filter{Attribute: "name", Value: long})
	b.wantSearch(t, p, user.Filter{Attribute: "name", Value: long[:3*256], Prefix: true}, one.ID, two.ID)
	b.wantSearch(t, p, user.Filter{Attribute: "family_name", Value: strings.Repeat("\U0010ffff", 128), Prefix: true}, one.ID)
	if err := b.save(t, p, one.ID, func(u *user.User) { u.Attributes.Set("name", "short") }); err != nil {
		t.Fatal(err)
	}
	b.wantSearch(t, p, user.Filter{Attribute: "name", Value: long[:3*256], Prefix: true}, two.ID)
	// Pages go on behind a long value.
	three := b.newUser(t, p, "three", user.Attributes{"name": long + "3"})
	got := b.search(t, p, user.Filter{Attribute: "name", Prefix: true}, 1)
	if len(got) != 3 || !slices.Contains(got, three.ID) {
		t.Errorf("pages of one found %v, want all three users", got)
	}
}
