package storetest

import (
	"errors"
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

// signingIn checks that the statements of sign-ins read what several others do.
func signingIn(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	u := draftUser(p, "one", user.Attributes{"name": "One"})
	u.Password = user.NewPassword(p, u.Username, "secret")
	failures := user.Counter{Count: 3, Since: noon.Add(-time.Minute), Last: noon}
	b.update(t, func(tx *store.Tx) error { return tx.InsertUser(p, u) })
	check := func(want user.Counter, attempt string, wantSpent bool) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			byName, counted, err := tx.UserSigningIn(p, "one")
			if err != nil {
				return err
			}
			if diff := cmp.Diff(u, byName) + cmp.Diff(want, counted); diff != "" {
				t.Errorf("user signing in, and failures (-want +got):\n%s", diff)
			}
			byID, counted, spent, err := tx.UserOfAttempt(p, u.ID, attempt)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(u, byID) + cmp.Diff(want, counted) + cmp.Diff(wantSpent, spent); diff != "" {
				t.Errorf("user of an attempt, failures, and whether it was consumed (-want +got):\n%s", diff)
			}
			counted, groups, err := tx.FailuresAndGroups(p.ID, user.Subject(u.ID), u.ID)
			if err != nil {
				return err
			}
			wantGroups, err := tx.UserGroups(p.ID, u.ID, "", 0)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(want, counted) + cmp.Diff(wantGroups, groups, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("failures and groups (-want +got):\n%s", diff)
			}
			return nil
		})
	}
	check(user.Counter{}, "attempt", false)
	b.update(t, func(tx *store.Tx) error {
		for subject, a := range map[string]user.Action{"n:" + u.ID: user.SignInFailure, user.Subject(u.ID): user.ForgotPassword} {
			if err := tx.SaveCounter(p.ID, subject, a, user.Counter{Count: 9, Since: noon, Last: noon}); err != nil {
				return err
			}
		}
		if err := tx.SaveCounter(other.ID, user.Subject(u.ID), user.SignInFailure, user.Counter{Count: 9, Since: noon, Last: noon}); err != nil {
			return err
		}
		_, err := tx.Consume(other.ID, "attempt", noon)
		return err
	})
	check(user.Counter{}, "attempt", false)
	b.update(t, func(tx *store.Tx) error {
		if err := tx.SaveCounter(p.ID, user.Subject(u.ID), user.SignInFailure, failures); err != nil {
			return err
		}
		_, err := tx.Consume(p.ID, "attempt", noon)
		return err
	})
	check(failures, "attempt", true)
	b.update(t, func(tx *store.Tx) error {
		for _, g := range []pool.Group{{PoolID: p.ID, Name: "gone"}, {PoolID: p.ID, Name: "b"}, {PoolID: p.ID, Name: "a", Description: "A", Precedence: new(int64(7)), Created: noon}} {
			if err := errors.Join(tx.InsertGroup(g), tx.AddMember(p.ID, g.Name, u.ID, noon)); err != nil {
				return err
			}
		}
		return nil
	})
	check(failures, "attempt", true)
	b.update(t, func(tx *store.Tx) error { return tx.DeleteGroup(p.ID, "gone") })
	check(failures, "attempt", true)
	check(failures, "another", false)
	for name, find := range map[string]func(tx *store.Tx) error{
		"by name":            func(tx *store.Tx) error { _, _, err := tx.UserSigningIn(p, "two"); return err },
		"by name, elsewhere": func(tx *store.Tx) error { _, _, err := tx.UserSigningIn(other, "one"); return err },
		"by id":              func(tx *store.Tx) error { _, _, _, err := tx.UserOfAttempt(other, u.ID, "attempt"); return err },
	} {
		if err := b.View(t.Context(), find); !fault.Is(err, fault.UserNotFound) {
			t.Errorf("%s: got %v, want %s", name, err, fault.UserNotFound)
		}
	}
}
