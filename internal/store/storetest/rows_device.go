package storetest

import (
	"errors"
	"slices"
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

// draftDevice makes a device and does not store it.
func draftDevice(p *pool.Pool, u *user.User, secret string) *user.Device {
	key := user.NewDeviceKey(p, u.ID)
	v := credential.NewVerifier(user.DeviceGroupKey(p, key), key, secret)
	return user.NewDevice(p, u, key, "Ann's phone é", v, "192.0.2.1", noon)
}

func (b *bed) addDevice(t *testing.T, p *pool.Pool, d *user.Device, want bool) {
	t.Helper()
	b.update(t, func(tx *store.Tx) error {
		inserted, err := tx.InsertDevice(p, d)
		if err == nil && inserted != want {
			t.Errorf("InsertDevice = %v, want %v", inserted, want)
		}
		return err
	})
}

func (b *bed) wantDevice(t *testing.T, p *pool.Pool, userID, key string, want *user.Device) {
	t.Helper()
	b.view(t, func(tx *store.Tx) error {
		got, err := tx.Device(p, userID, key)
		if want == nil && fault.Is(err, fault.ResourceNotFound) {
			return nil
		}
		if diff := cmp.Diff(want, got); err == nil && diff != "" {
			t.Errorf("device (-want +got):\n%s", diff)
		}
		return err
	})
}

func deviceRoundTrip(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	ann, bob := b.newUser(t, p, "ann", nil), b.newUser(t, p, "bob", nil)
	d := draftDevice(p, ann, "secret")
	b.wantDevice(t, p, ann.ID, d.Key, nil)
	b.addDevice(t, p, d, true)
	b.wantDevice(t, p, ann.ID, d.Key, d)
	b.wantDevice(t, p, bob.ID, d.Key, nil)
	b.wantDevice(t, other, ann.ID, d.Key, nil)
	again := *d
	again.Name, again.Verifier = "another", credential.NewVerifier("g", d.Key, "x")
	b.addDevice(t, p, &again, false)
	b.wantDevice(t, p, ann.ID, d.Key, d)

	d.Remember(!d.Remembered, noon.Add(time.Second))
	d.SignedIn("2001:db8::1", noon.Add(time.Minute))
	b.update(t, func(tx *store.Tx) error { return tx.SaveDevice(p, d) })
	b.wantDevice(t, p, ann.ID, d.Key, d)

	forget := func(tx *store.Tx) error { return tx.ForgetDevice(p, ann.ID, d.Key, noon) }
	if err := b.Update(t.Context(), func(tx *store.Tx) error { return tx.ForgetDevice(p, bob.ID, d.Key, noon) }); !fault.Is(err, fault.ResourceNotFound) {
		t.Errorf("forget another user's device: %v", err)
	}
	forgotten := func(want bool) {
		t.Helper()
		b.view(t, func(tx *store.Tx) error {
			for key, want := range map[string]bool{d.Key: want, "": false} {
				if got, err := tx.DeviceForgotten(p, key); err != nil || got != want {
					t.Errorf("DeviceForgotten(%q) = %v, want %v (%v)", key, got, want, err)
				}
			}
			return nil
		})
	}
	forgotten(false)
	b.update(t, forget)
	forgotten(true)
	b.wantDevice(t, p, ann.ID, d.Key, nil)
	for name, use := range map[string]func(tx *store.Tx) error{
		"forget": forget, "save": func(tx *store.Tx) error { return tx.SaveDevice(p, d) },
	} {
		if err := b.Update(t.Context(), use); !fault.Is(err, fault.ResourceNotFound) {
			t.Errorf("%s a device that is forgotten: %v", name, err)
		}
	}
}

func devicePages(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	ann, bob := b.newUser(t, p, "ann", nil), b.newUser(t, p, "bob", nil)
	var want []string
	for range 5 {
		d := draftDevice(p, ann, "secret")
		want = append(want, d.Key)
		b.addDevice(t, p, d, true)
	}
	b.addDevice(t, p, draftDevice(p, bob, "secret"), true)
	slices.Sort(want)
	var got []string
	for after := ""; ; {
		var page []*user.Device
		b.view(t, func(tx *store.Tx) (err error) {
			page, err = tx.Devices(p, ann.ID, after, 2)
			return err
		})
		for _, d := range page {
			got = append(got, d.Key)
			after = d.Key
		}
		if len(page) < 2 {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func devicesOfDeleted(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	ann, bob := b.newUser(t, p, "ann", nil), b.newUser(t, p, "bob", nil)
	left := func(u *user.User) (n int) {
		b.view(t, func(tx *store.Tx) error {
			devices, err := tx.Devices(p, u.ID, "", 0)
			keys, err2 := tx.Passkeys(p, u.ID, time.Time{}, "", 0)
			pending, err3 := tx.PasskeyChallenge(p, u.ID)
			n = len(devices) + len(keys)
			if pending != nil {
				n++
			}
			return errors.Join(err, err2, err3)
		})
		return n
	}
	for _, u := range []*user.User{ann, bob} {
		b.addDevice(t, p, draftDevice(p, u, "secret"), true)
		b.addPasskey(t, p, draftPasskey(p, u, noon), true)
		b.update(t, func(tx *store.Tx) error {
			return tx.SavePasskeyChallenge(p, u.ID, &user.PasskeyChallenge{ClientID: "c", Challenge: []byte{1}, Expires: noon})
		})
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, ann) })
	if n := left(ann); n != 0 {
		t.Errorf("a deleted user has %d devices, passkeys and registrations", n)
	}
	if n := left(bob); n != 3 {
		t.Errorf("another user has %d of 3 devices, passkeys and registrations left", n)
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeletePool(p.ID) })
	if err := b.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := left(bob); n != 0 {
		t.Errorf("%d devices, passkeys and registrations are left of a deleted pool", n)
	}
}
