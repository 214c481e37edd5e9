package storetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func challenges(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	u := b.newUser(t, p, "ann", user.Attributes{})
	large := bytes.Repeat([]byte{0, 1, 255}, 100_000)
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(
			tx.SaveChallenge(p, u.ID, "one", large, noon.Add(time.Hour)),
			tx.SaveChallenge(p, "", "one", []byte("nobody's"), noon.Add(time.Hour)),
		)
	})
	check := func(p *pool.Pool, userID, id string, now time.Time, want []byte) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.Challenge(p, userID, id, now)
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("state of %q (-want +got):\n%s", id, diff)
			}
			return err
		})
	}
	check(p, u.ID, "one", noon, large)
	check(p, "", "one", noon, []byte("nobody's"))
	check(p, u.ID, "one", noon.Add(time.Hour), nil)
	check(p, u.ID, "One", noon, nil)
	check(other, u.ID, "one", noon, nil)
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	check(p, u.ID, "one", noon, nil)
	check(p, "", "one", noon, []byte("nobody's"))
}
