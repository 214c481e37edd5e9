package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// wantHolder checks who signs in with the name, "" for nobody, in the ways there are to ask.
func (b *bed) wantHolder(t *testing.T, p *pool.Pool, name, id string) {
	t.Helper()
	b.view(t, func(tx *store.Tx) error {
		holder, err := tx.NameHolder(p, user.Name{Kind: user.ByUsername, Value: p.Fold(name)})
		if err != nil {
			return err
		}
		if holder != id {
			t.Errorf("NameHolder(%.40q) = %q, want %q", name, holder, id)
		}
		for _, find := range []func(*pool.Pool, string) (*user.User, error){tx.UserBySignInName, tx.UserByName} {
			switch u, err := find(p, name); {
			case fault.Is(err, fault.UserNotFound):
				if id != "" {
					t.Errorf("no user with the name %.40q, want %q", name, id)
				}
			case err != nil:
				return err
			case u.ID != id:
				t.Errorf("%.40q is the name of %q, want %q", name, u.ID, id)
			}
		}
		return nil
	})
}

func userNames(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	u := b.newUser(t, p, "Ann", user.Attributes{
		"email": "ann@example.com", "email_verified": "true", "phone_number": "+15550100", "phone_number_verified": "true",
		"preferred_username": "annie",
	})
	b.newUser(t, p, "Bob", nil)
	for _, name := range []string{"Ann", "ann@example.com", "+15550100", "annie"} {
		b.wantHolder(t, p, name, u.ID)
	}
	for _, name := range []string{"ann", "Ann ", "Ann@example.com", "ann@example.co", "Ann%", "", "eve"} {
		b.wantHolder(t, p, name, "")
	}
	b.view(t, func(tx *store.Tx) error {
		if _, err := tx.UserBySignInName(p, u.ID); !fault.Is(err, fault.UserNotFound) {
			t.Errorf("sign in with a sub: got %v, want %s", err, fault.UserNotFound)
		}
		got, err := tx.UserByName(p, u.ID)
		if err == nil && got.Username != "Ann" {
			t.Errorf("the sub leads to %q", got.Username)
		}
		return err
	})

	p = b.newPool(t, byAddress)
	u = b.newUser(t, p, "", user.Attributes{"email": "Cat@Example.com"})
	for _, name := range []string{"cat@example.com", "CAT@EXAMPLE.COM", u.ID} {
		b.wantHolder(t, p, name, u.ID)
	}
}

func foldedNames(t *testing.T, b *bed) {
	p := b.newPool(t, ignoresCase)
	u := b.newUser(t, p, "ÉMILE", user.Attributes{"email": "E@X.org", "email_verified": "true"})
	for _, name := range []string{"émile", "Émile", "e@x.ORG"} {
		b.wantHolder(t, p, name, u.ID)
	}
	if got := b.loadUser(t, p, u.ID).Username; got != "ÉMILE" {
		t.Errorf("the username is shown as %q, want it as given", got)
	}
	var taken *store.NameTaken
	err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertUser(p, draftUser(p, "émilE", nil)) })
	if !errors.As(err, &taken) || taken.UserID != u.ID {
		t.Errorf("insert a name that differs by case: got %v, want it taken by %s", err, u.ID)
	}
}

func aliasVerified(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	one := b.newUser(t, p, "one", user.Attributes{"email": "a@b.c"})
	two := b.newUser(t, p, "two", user.Attributes{"email": "a@b.c"})
	b.wantHolder(t, p, "a@b.c", "")
	verify := func(u *user.User) { u.Attributes.Set("email_verified", "true") }
	if err := b.save(t, p, two.ID, verify); err != nil {
		t.Fatal(err)
	}
	b.wantHolder(t, p, "a@b.c", two.ID)
	var taken *store.NameTaken
	if err := b.save(t, p, one.ID, verify); !errors.As(err, &taken) {
		t.Errorf("verify another user's address: got %v, want *NameTaken", err)
	}
	if err := b.save(t, p, two.ID, func(u *user.User) { u.Attributes.Set("email_verified", "false") }); err != nil {
		t.Fatal(err)
	}
	b.wantHolder(t, p, "a@b.c", "")
	if err := b.save(t, p, one.ID, verify); err != nil {
		t.Errorf("verify an address that is free again: %v", err)
	}
	b.wantHolder(t, p, "a@b.c", one.ID)
}

func aliasChanged(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	u := b.newUser(t, p, "one", user.Attributes{"email": "old@b.c", "email_verified": "true"})
	if err := b.save(t, p, u.ID, func(u *user.User) { u.Attributes.Set("email", "new@b.c") }); err != nil {
		t.Fatal(err)
	}
	b.wantHolder(t, p, "old@b.c", "")
	b.wantHolder(t, p, "new@b.c", u.ID)
	b.wantHolder(t, p, "one", u.ID)
	b.newUser(t, p, "two", user.Attributes{"email": "old@b.c", "email_verified": "true"})
	// An alias moves from one user to another in one transaction, as ForceAliasCreation asks.
	three := draftUser(p, "three", user.Attributes{"email": "new@b.c", "email_verified": "true"})
	b.update(t, func(tx *store.Tx) error {
		err := tx.InsertUser(p, three)
		var taken *store.NameTaken
		if !errors.As(err, &taken) {
			return fmt.Errorf("insert: got %w, want *NameTaken", err)
		}
		holder, err := tx.UserByID(p, taken.UserID)
		if err != nil {
			return err
		}
		holder.Attributes.Set("email_verified", "false")
		return errors.Join(tx.SaveUser(p, holder), tx.InsertUser(p, three))
	})
	b.wantHolder(t, p, "new@b.c", three.ID)
}

func nameTaken(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	one := b.newUser(t, p, "one", user.Attributes{"preferred_username": "first"})
	two := b.newUser(t, p, "two", user.Attributes{"name": "Two"})
	for _, c := range []struct {
		name string
		do   func(tx *store.Tx) error
		want user.Name
		held user.NameKind
	}{
		{"a username that is a username", func(tx *store.Tx) error {
			return tx.InsertUser(p, draftUser(p, "one", user.Attributes{"name": "Three"}))
		}, user.Name{Kind: user.ByUsername, Value: "one"}, user.ByUsername},
		{"a username that is an alias", func(tx *store.Tx) error {
			return tx.InsertUser(p, draftUser(p, "first", nil))
		}, user.Name{Kind: user.ByUsername, Value: "first"}, user.ByPreferredUsername},
		{"an alias that is a username", func(tx *store.Tx) error {
			u, err := tx.UserByID(p, two.ID)
			if err != nil {
				return err
			}
			u.Attributes.Set("name", "Changed")
			u.Attributes.Set("preferred_username", "one")
			return tx.SaveUser(p, u)
		}, user.Name{Kind: user.ByPreferredUsername, Value: "one"}, user.ByUsername},
	} {
		var got *store.NameTaken
		b.update(t, func(tx *store.Tx) error { // what was changed before the refusal would be committed
			if err := c.do(tx); !errors.As(err, &got) {
				return fmt.Errorf("%s: got %w, want *NameTaken", c.name, err)
			}
			return nil
		})
		if diff := cmp.Diff(&store.NameTaken{Name: c.want, UserID: one.ID, HeldAs: c.held}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if want := fmt.Sprintf("a sign-in name of kind %s is taken by user %s", c.want.Kind, one.ID); got.Error() != want {
			t.Errorf("%s: the error says %q, want %q, without the name", c.name, got, want)
		}
	}
	if diff := cmp.Diff(two, b.loadUser(t, p, two.ID)); diff != "" {
		t.Errorf("the refused save changed the user (-want +got):\n%s", diff)
	}
	b.wantSearch(t, p, user.Filter{Attribute: "name", Prefix: true}, two.ID)
	b.wantSearch(t, p, user.Filter{Attribute: "name", Value: "Changed"})
	b.view(t, func(tx *store.Tx) error {
		n, err := tx.CountUsers(p.ID)
		if n != 2 {
			t.Errorf("%d users counted, want 2", n)
		}
		return err
	})
}

func nameRace(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	for round := range 4 {
		email := fmt.Sprintf("race%d@example.com", round)
		outcomes := make([]error, 8)
		ids := make([]string, len(outcomes))
		var all sync.WaitGroup
		for i := range outcomes {
			u := draftUser(p, fmt.Sprintf("racer%d.%d", round, i), user.Attributes{"email": email, "email_verified": "true"})
			ids[i] = u.ID
			all.Go(func() {
				outcomes[i] = b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertUser(p, u) })
			})
		}
		all.Wait()
		winner := ""
		for i, err := range outcomes {
			var taken *store.NameTaken
			switch {
			case err == nil && winner == "":
				winner = ids[i]
			case err == nil:
				t.Error("two users got the same name")
			case !errors.As(err, &taken):
				t.Errorf("a loser of the race got %v, want *NameTaken", err)
			}
		}
		b.wantHolder(t, p, email, winner)
	}
}

func nameTwice(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	u := b.newUser(t, p, "a@b.c", user.Attributes{"email": "a@b.c", "email_verified": "true", "preferred_username": "a@b.c"})
	b.wantHolder(t, p, "a@b.c", u.ID)
	if err := b.save(t, p, u.ID, func(u *user.User) { u.Attributes.Set("email", "d@e.f") }); err != nil {
		t.Fatal(err)
	}
	b.wantHolder(t, p, "a@b.c", u.ID)
	b.wantHolder(t, p, "d@e.f", u.ID)
	// One alias takes over the name of another.
	if err := b.save(t, p, u.ID, func(u *user.User) {
		u.Attributes.Set("preferred_username", "d@e.f")
		u.Attributes.Set("email", "")
	}); err != nil {
		t.Fatal(err)
	}
	b.wantHolder(t, p, "d@e.f", u.ID)
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	b.wantHolder(t, p, "a@b.c", "")
	b.wantHolder(t, p, "d@e.f", "")
}

func longNames(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	long := strings.Repeat("日", 2047) // 6 kB, more than an index of PostgreSQL takes
	one := b.newUser(t, p, "one", user.Attributes{"preferred_username": long + "1"})
	two := b.newUser(t, p, "two", user.Attributes{"preferred_username": long + "2"})
	b.wantHolder(t, p, long+"1", one.ID)
	b.wantHolder(t, p, long+"2", two.ID)
	b.wantHolder(t, p, long, "")
	var taken *store.NameTaken
	err := b.save(t, p, two.ID, func(u *user.User) { u.Attributes.Set("preferred_username", long+"1") })
	if !errors.As(err, &taken) || taken.UserID != one.ID {
		t.Errorf("take a very long name: got %v, want it taken by %s", err, one.ID)
	}
}

func namesAndIDs(t *testing.T, b *bed) {
	for _, settings := range []wire.UserPoolType{aliases, ignoresCase} {
		p := b.newPool(t, settings)
		victim := b.newUser(t, p, "victim", nil)
		other := b.newUser(t, p, "other", nil)
		for _, name := range []string{victim.ID, strings.ToUpper(victim.ID)} {
			wantTaken := func(what string, err error) {
				t.Helper()
				var taken *store.NameTaken
				if !errors.As(err, &taken) || taken.UserID != victim.ID || taken.HeldAs != user.ByID {
					t.Errorf("%s %s: got %v, want it taken by the user with this id", what, name, err)
				}
			}
			wantTaken("the username", b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertUser(p, draftUser(p, name, nil)) }))
			wantTaken("the alias", b.save(t, p, other.ID, func(u *user.User) { u.Attributes.Set("preferred_username", name) }))
		}
		if err := b.save(t, p, victim.ID, func(u *user.User) { u.Attributes.Set("preferred_username", u.ID) }); err != nil {
			t.Errorf("a user's own id as an alias: %v", err)
		}
		// The other way round: an id that is somebody's name already.
		late := draftUser(p, "late", nil)
		b.newUser(t, p, late.ID, nil)
		var taken *store.NameTaken
		if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.InsertUser(p, late) }); !errors.As(err, &taken) {
			t.Errorf("an id that is a username: got %v, want *NameTaken", err)
		}
		// An id that nobody has may be a name: many programs give their users UUIDs.
		named := b.newUser(t, p, uuid.NewString(), nil)
		b.wantHolder(t, p, named.Username, named.ID)
	}
}

func squattedAddress(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	for _, force := range []bool{false, true} {
		squatter := b.newUser(t, p, "squatter"+letters(4), user.Attributes{"preferred_username": "ann@example.com"})
		owner := draftUser(p, "owner"+letters(4), user.Attributes{"email": "ann@example.com", "email_verified": "true"})
		b.update(t, func(tx *store.Tx) error { return tx.WithAliases(p, owner, force, tx.InsertUser) })
		b.wantHolder(t, p, "ann@example.com", owner.ID)
		if got, ok := b.loadUser(t, p, squatter.ID).Attributes["preferred_username"]; ok {
			t.Errorf("the squatter still prefers %q", got)
		}
		b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, owner) })
	}
	// Force moves addresses, never a username or a preferred_username.
	b.newUser(t, p, "bob", user.Attributes{"preferred_username": "bobby", "email": "bob@example.com", "email_verified": "true"})
	for _, name := range []string{"bob", "bobby", "bob@example.com"} {
		err := b.Update(t.Context(), func(tx *store.Tx) error {
			return tx.WithAliases(p, draftUser(p, "eve", user.Attributes{"preferred_username": name}), true, tx.InsertUser)
		})
		if !fault.Is(err, fault.AliasExists) {
			t.Errorf("force the preferred_username %s: got %v, want %s", name, err, fault.AliasExists)
		}
	}
}

func aliasMoved(t *testing.T, b *bed) {
	p := b.newPool(t, aliases)
	old := b.newUser(t, p, "one", user.Attributes{"email": "a@b.c", "email_verified": "true"})
	heir := draftUser(p, "two", user.Attributes{"email": "a@b.c", "email_verified": "true"})
	heir.Touch(old.Modified.Add(time.Hour))
	b.update(t, func(tx *store.Tx) error { return tx.WithAliases(p, heir, true, tx.InsertUser) })
	b.wantHolder(t, p, "a@b.c", heir.ID)
	got := b.loadUser(t, p, old.ID)
	if got.Attributes["email"] != "a@b.c" || got.Attributes.Verified("email") || !got.Modified.Equal(heir.Modified) {
		t.Errorf("the former holder has %v, modified %s, want the address unverified, modified %s", got.Attributes, got.Modified, heir.Modified)
	}
}
