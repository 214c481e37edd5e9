package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func newProvider(p *pool.Pool, name string, identifiers ...string) *pool.Provider {
	return &pool.Provider{PoolID: p.ID, Name: name, Metadata: "<xml/>", Fetched: noon, Settings: wire.IdentityProviderType{
		UserPoolId: p.ID, ProviderName: name, ProviderType: "OIDC", ProviderDetails: map[string]string{"client_secret": "s", "client_id": "c"},
		AttributeMapping: map[string]string{"email": "mail"}, IdpIdentifiers: identifiers,
	}}
}

func providers(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	want := newProvider(p, "Okta", "okta.example", "second")
	b.update(t, func(tx *store.Tx) error { return tx.InsertProvider(p, want) })
	check := func() {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			for name, load := range map[string]func() (*pool.Provider, error){
				"by name":       func() (*pool.Provider, error) { return tx.Provider(p, "Okta") },
				"by identifier": func() (*pool.Provider, error) { return tx.ProviderByIdentifier(p, want.Settings.IdpIdentifiers[0]) },
			} {
				got, err := load()
				if err != nil {
					return err
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateApproxTime(0)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
			return nil
		})
	}
	check()
	want.Settings.IdpIdentifiers, want.Settings.AttributeMapping = []string{"third"}, nil
	b.update(t, func(tx *store.Tx) error { return tx.SaveProvider(p, want) })
	check()
	for name, use := range map[string]func(tx *store.Tx) error{
		"insert twice":         func(tx *store.Tx) error { return tx.InsertProvider(p, newProvider(p, "Okta")) },
		"an identifier twice":  func(tx *store.Tx) error { return tx.InsertProvider(p, newProvider(p, "Auth0", "third")) },
		"load":                 func(tx *store.Tx) error { _, err := tx.Provider(other, "Okta"); return err },
		"load by identifier":   func(tx *store.Tx) error { _, err := tx.ProviderByIdentifier(other, "third"); return err },
		"by a lost identifier": func(tx *store.Tx) error { _, err := tx.ProviderByIdentifier(p, "second"); return err },
		"save":                 func(tx *store.Tx) error { return tx.SaveProvider(other, newProvider(other, "Okta")) },
		"delete":               func(tx *store.Tx) error { return tx.DeleteProvider(other.ID, "Okta") },
	} {
		err := b.Update(t.Context(), use)
		if code := fault.CodeOf(err); code != fault.ResourceNotFound && code != fault.InvalidParameter && code != fault.DuplicateProvider {
			t.Errorf("%s: got %v", name, err)
		}
	}
	check()
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.InsertProvider(other, newProvider(other, "A")), tx.InsertProvider(other, newProvider(other, "B")))
	})
	b.view(t, func(tx *store.Tx) error {
		page, err := tx.Providers(other, "A", 5)
		exist, err2 := tx.ExistingProviders(other.ID, []string{"B", "a", "A"})
		if len(page) != 1 || page[0].Name != "B" || len(exist) != 2 {
			t.Errorf("page %v, existing %v", page, exist)
		}
		return errors.Join(err, err2)
	})
	var due []store.DueProvider
	list := func(now time.Time) int {
		t.Helper()
		b.view(t, func(tx *store.Tx) (err error) { due, err = tx.DueProviders(now, 2); return err })
		return len(due)
	}
	if n := list(want.NextRefresh().Add(-time.Second)); n != 0 {
		t.Errorf("%d are due early", n)
	}
	if n := list(want.NextRefresh()); n != 2 {
		t.Fatalf("%d are due, want as many as asked for", n)
	}
	for round, first := range []bool{true, false} {
		b.update(t, func(tx *store.Tx) error {
			done, err := tx.PostponeRefresh(due[0], want.NextRefresh().Add(time.Minute), "away")
			if done != first {
				t.Errorf("postponed %v in round %d", done, round)
			}
			return err
		})
	}
	if list(want.NextRefresh()); len(due) != 2 || !due[0].Due.Equal(want.NextRefresh()) || !due[1].Due.Equal(want.NextRefresh()) {
		t.Errorf("due are %v", due)
	}
	providerVisits(t, b, p)
	b.update(t, func(tx *store.Tx) error { return tx.DeleteProvider(p.ID, "Okta") })
	b.view(t, func(tx *store.Tx) error {
		if left, err := tx.ProviderVisits(p, "Okta"); err != nil || len(left) != 0 {
			t.Errorf("a provider that is gone leaves %d visits, %v", len(left), err)
		}
		return nil
	})
	b.update(t, func(tx *store.Tx) error { return tx.InsertProvider(p, newProvider(p, "Auth0", "third")) })
}

func identityOf(provider, attribute, value string) user.Identity {
	return user.Identity{Provider: provider, Type: "OIDC", Attribute: attribute, Value: value, Created: noon}
}

func identities(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	ann, bob := draftUser(p, "ann", nil), draftUser(p, "bob", nil)
	ann.SetIdentities([]user.Identity{identityOf("Okta", pool.SubjectAttribute, "Case"), identityOf("Okta", "email", "a@x.org")})
	b.update(t, func(tx *store.Tx) error { return errors.Join(tx.InsertUser(p, ann), tx.InsertUser(p, bob)) })
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.UserByIdentity(p, "Okta", "email", "a@x.org")
		if err == nil {
			if diff := cmp.Diff(ann.Identities, got.Identities, cmpopts.EquateApproxTime(0)); diff != "" {
				t.Errorf("identities (-want +got):\n%s", diff)
			}
			if got.Attributes["identities"] != ann.Attributes["identities"] {
				t.Errorf("they are shown as %s", got.Attributes["identities"])
			}
		}
		for _, stranger := range []user.Identity{identityOf("Okta", pool.SubjectAttribute, "case"), identityOf("okta", pool.SubjectAttribute, "Case"), identityOf("Okta", "email", "Case")} {
			if _, err := tx.UserByIdentity(p, stranger.Provider, stranger.Attribute, stranger.Value); !fault.Is(err, fault.UserNotFound) {
				t.Errorf("%v is found: %v", stranger, err)
			}
		}
		attributes, err2 := tx.LinkedAttributes(p.ID, "Okta", 5)
		if diff := cmp.Diff([]string{pool.SubjectAttribute, "email"}, attributes); diff != "" {
			t.Errorf("attributes (-want +got):\n%s", diff)
		}
		return errors.Join(err, err2)
	})
	bob.SetIdentities([]user.Identity{identityOf("Okta", pool.SubjectAttribute, "Case")})
	err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveUser(p, bob) })
	if taken, ok := errors.AsType[*store.IdentityTaken](err); !ok || taken.UserID != ann.ID {
		t.Errorf("an account of another user: %v", err)
	}
	ann.SetIdentities(ann.Identities[1:])
	b.update(t, func(tx *store.Tx) error { return errors.Join(tx.SaveUser(p, ann), tx.SaveUser(p, bob)) })
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, bob) })
	b.view(t, func(tx *store.Tx) error {
		if _, err := tx.UserByIdentity(p, "Okta", pool.SubjectAttribute, "Case"); !fault.Is(err, fault.UserNotFound) {
			t.Errorf("a deleted user is found: %v", err)
		}
		return nil
	})
}

func identityRace(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	const many = 8
	var users []*user.User
	b.update(t, func(tx *store.Tx) error {
		users = nil
		for i := range many {
			u := draftUser(p, fmt.Sprintf("racer%d", i), nil)
			users = append(users, u)
			if err := tx.InsertUser(p, u); err != nil {
				return err
			}
		}
		return nil
	})
	var all sync.WaitGroup
	var won sync.Map
	for _, u := range users {
		all.Go(func() {
			u.SetIdentities([]user.Identity{identityOf("Google", pool.SubjectAttribute, "one")})
			err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveUser(p, u) })
			if err == nil {
				won.Store(u.ID, true)
			} else if _, ok := errors.AsType[*store.IdentityTaken](err); !ok {
				t.Errorf("race: %v", err)
			}
		})
	}
	all.Wait()
	n := 0
	won.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d users got one account", n)
	}
}

// providerVisits holds that each provider keeps its newest visits.
func providerVisits(t *testing.T, b *bed, p *pool.Pool) {
	t.Helper()
	visit := func(provider string, n int) pool.ProviderVisit {
		return pool.ProviderVisit{
			ID: fmt.Sprintf("v%03d", n), Provider: provider, Time: noon.Add(time.Duration(n) * time.Second), Outcome: "OK", Text: "t", Attributes: map[string]string{"email": "a***"},
		}
	}
	const most = pool.MaxProviderVisits
	b.update(t, func(tx *store.Tx) error {
		for n := range most + 7 {
			if err := tx.AddProviderVisit(p, visit("Okta", n)); err != nil {
				return err
			}
		}
		return tx.AddProviderVisit(p, visit("Auth0", 0))
	})
	b.view(t, func(tx *store.Tx) error {
		all, err := tx.ProviderVisits(p, "Okta")
		if err != nil || len(all) != most {
			t.Fatalf("%d visits, %v", len(all), err)
		}
		if diff := cmp.Diff(visit("Okta", most+6), all[0], cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("the newest (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(visit("Okta", 7), all[most-1], cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("the oldest (-want +got):\n%s", diff)
		}
		other, err := tx.ProviderVisits(p, "Auth0")
		if len(other) != 1 {
			t.Errorf("%d visits of another provider", len(other))
		}
		return err
	})
}
