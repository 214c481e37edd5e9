package storetest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/credential/passkey"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// draftPasskey makes a passkey with the longest id and does not store it.
func draftPasskey(p *pool.Pool, u *user.User, created time.Time) *user.Passkey {
	id := make([]byte, 1023)
	rand.Read(id)
	return user.NewPasskey(p, u, "example.com", passkey.Credential{
		ID: id, PublicKey: []byte{0, 1, 255}, SignCount: 1<<32 - 1, Transports: []string{"internal"}, Attachment: "platform", BackupEligible: true,
	}, created)
}

func (b *bed) addPasskey(t *testing.T, p *pool.Pool, k *user.Passkey, want bool) {
	t.Helper()
	b.update(t, func(tx *store.Tx) error {
		inserted, err := tx.InsertPasskey(p, k)
		if err == nil && inserted != want {
			t.Errorf("InsertPasskey = %v, want %v", inserted, want)
		}
		return err
	})
}

func (b *bed) wantPasskeys(t *testing.T, p *pool.Pool, u *user.User, want ...*user.Passkey) {
	t.Helper()
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Passkeys(p, u.ID, time.Time{}, "", 0)
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("passkeys of %s (-want +got):\n%s", u.Username, diff)
		}
		return err
	})
}

func passkeyRoundTrip(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	ann, bob := b.newUser(t, p, "ann", nil), b.newUser(t, p, "bob", nil)
	k, second := draftPasskey(p, ann, noon), draftPasskey(p, ann, noon.Add(time.Second))
	second.PartyID = "example.org"
	b.wantPasskeys(t, p, ann)
	b.addPasskey(t, p, second, true)
	b.addPasskey(t, p, k, true)
	b.wantPasskeys(t, p, ann, k, second)
	b.wantPasskeys(t, p, bob)
	b.wantPasskeys(t, other, ann)
	stolen := *k
	stolen.UserID = bob.ID
	b.addPasskey(t, p, k, false)
	b.addPasskey(t, p, &stolen, false)
	b.view(t, func(tx *store.Tx) error {
		n, err := tx.CountPasskeys(p.ID, ann.ID, "example.com")
		if n != 1 {
			t.Errorf("%d passkeys of the relying party counted, want 1", n)
		}
		return err
	})

	k.Credential.SignCount, k.Credential.BackedUp, k.Credential.Transports = 0, true, nil
	b.update(t, func(tx *store.Tx) error { return tx.SavePasskey(p, k) })
	b.wantPasskeys(t, p, ann, k, second)
	remove := func(u *user.User) error {
		return b.Update(t.Context(), func(tx *store.Tx) error { return tx.DeletePasskey(p, u.ID, k.Credential.Name()) })
	}
	if err := remove(bob); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("delete another user's passkey: %v", err)
	}
	if err := remove(ann); err != nil {
		t.Error(err)
	}
	if err := remove(ann); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("delete a passkey twice: %v", err)
	}
	if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.SavePasskey(p, k) }); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("save a passkey that is gone: %v", err)
	}
	b.wantPasskeys(t, p, ann, second)
}

func passkeyPages(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	ann := b.newUser(t, p, "ann", nil)
	for i := range 5 {
		b.addPasskey(t, p, draftPasskey(p, ann, noon.Add(time.Duration(i/2)*time.Second)), true) // some are as old as others
	}
	var all, got []*user.Passkey
	b.view(t, func(tx *store.Tx) (err error) {
		all, err = tx.Passkeys(p, ann.ID, time.Time{}, "", 0)
		return err
	})
	var after time.Time
	for id := ""; ; {
		var page []*user.Passkey
		b.view(t, func(tx *store.Tx) (err error) {
			page, err = tx.Passkeys(p, ann.ID, after, id, 2)
			return err
		})
		got = append(got, page...)
		if len(page) < 2 {
			break
		}
		after, id = page[1].Created, page[1].Credential.Name()
	}
	if diff := cmp.Diff(all, got); diff != "" || len(all) != 5 {
		t.Errorf("%d passkeys, in pages (-want +got):\n%s", len(all), diff)
	}
}

func passkeyChallenges(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	want := func(userID string, want *user.PasskeyChallenge) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			got, err := tx.PasskeyChallenge(p, userID)
			if diff := cmp.Diff(want, got); err == nil && diff != "" {
				t.Errorf("registration (-want +got):\n%s", diff)
			}
			return err
		})
	}
	first := &user.PasskeyChallenge{ClientID: "one", Challenge: []byte{0, 255}, Expires: noon}
	second := &user.PasskeyChallenge{ClientID: "two", Challenge: []byte{1}, Expires: noon.Add(time.Hour)}
	want("u", nil)
	for _, c := range []*user.PasskeyChallenge{first, second} {
		b.update(t, func(tx *store.Tx) error { return tx.SavePasskeyChallenge(p, "u", c) })
		want("u", c)
	}
	want("v", nil)
	for range 2 { // a second time is no error
		b.update(t, func(tx *store.Tx) error { return tx.DeletePasskeyChallenge(p, "u") })
		want("u", nil)
	}
}
