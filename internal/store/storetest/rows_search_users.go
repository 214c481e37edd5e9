package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// searchUsers returns the usernames that the text finds, read in pages, and how many pages there were.
func (b *bed) searchUsers(t *testing.T, p *pool.Pool, text string, page store.SearchPage) (names []string, pages int) {
	t.Helper()
	s, err := user.ParseSearch(text, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	for {
		var found []*user.User
		var next *user.Cursor
		b.view(t, func(tx *store.Tx) (err error) {
			found, next, err = tx.SearchUsers(p, s, page)
			return err
		})
		if len(found) > page.Limit {
			t.Fatalf("a page of %d has %d users", page.Limit, len(found))
		}
		for _, u := range found {
			names = append(names, u.Username)
		}
		if pages++; next == nil {
			return names, pages
		}
		page.After = *next
	}
}

// searches checks that the pages of a search end, and hold each user that it finds once.
func searches(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	teams := []string{"Blue", "blau", "ÉCLAIR", "éclair 2", "\U0010ffff", "_", "%", ""}
	var all []*user.User
	b.update(t, func(tx *store.Tx) error {
		all = nil
		for i := range 60 {
			a := user.Attributes{"email": fmt.Sprintf("User%02d@example.com", i), "family_name": fmt.Sprintf("Family%d", i/20)}
			a.Set("custom:team", teams[i%len(teams)])
			u := draftUser(p, fmt.Sprintf("user%02d", i), a)
			u.Enabled = i%3 != 0
			u.Created = time.Unix(1_700_000_000+int64(i*7%60), 0)
			all = append(all, u)
			if err := tx.InsertUser(p, u); err != nil {
				return err
			}
		}
		return nil
	})
	for _, text := range []string{
		`custom:team *= "bl"`,
		`custom:team ^= "é" and email $= "@EXAMPLE.com"`,
		`custom:team = "%" or custom:team = "_"`,
		`not custom:team ^= ""`,
		`status = "Disabled" and not custom:team = "blue"`,
		`family_name = "family1" and custom:team *= ""`,
		`username ^= "user1" and (custom:team = "blue" or custom:team = "blau")`,
		`email *= "nobody"`,
		`sort by custom:team`,
		`sort by custom:team desc`,
		`sort by username desc`,
		`status = "Enabled" sort by created`,
		`family_name = "family2" and email *= "5" sort by created desc`,
	} {
		s, err := user.ParseSearch(text, func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(u *user.User) bool { return !s.Matches(u) })
		slices.SortFunc(want, func(a, b *user.User) int { return s.Compare(s.CursorOf(a), s.CursorOf(b)) })
		var names []string
		for _, u := range want {
			names = append(names, u.Username)
		}
		for _, page := range []store.SearchPage{{Limit: 1, Read: 100, Sort: 60}, {Limit: 7, Read: 3, Sort: 60}, {Limit: 60, Read: 60, Sort: 60}} {
			got, pages := b.searchUsers(t, p, text, page)
			if diff := cmp.Diff(names, got); diff != "" {
				t.Errorf("%s in %+v (-want +got):\n%s", text, page, diff)
			}
			if most := 60/min(page.Limit, page.Read) + 1; pages > most {
				t.Errorf("%s in %+v takes %d pages", text, page, pages)
			}
		}
	}

	s, err := user.ParseSearch(`sort by email`, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	err = b.View(t.Context(), func(tx *store.Tx) error {
		_, _, err := tx.SearchUsers(p, s, store.SearchPage{Limit: 5, Read: 60, Sort: 59})
		return err
	})
	if !fault.Is(err, fault.InvalidParameter) {
		t.Errorf("more users to sort than allowed: %v", err)
	}
}
