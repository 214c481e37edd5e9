package seal_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/seal"
)

func TestADataKeyIsReplacedInSteps(t *testing.T) {
	t.Parallel()
	m := newMaster(t, masterKey('m'))
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	open := func(wrapped []byte) *seal.Key {
		t.Helper()
		k, err := m.OpenKey(wrapped)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	opens := func(k *seal.Key, sealed []byte) bool {
		plain, err := k.Open(sealed, place...)
		if err != nil && !errors.Is(err, seal.ErrWrongKey) {
			t.Errorf("got %v, want ErrWrongKey", err)
		}
		return err == nil && string(plain) == "secret"
	}
	wantState := func(wrapped []byte, want seal.KeyState) {
		t.Helper()
		got, err := m.State(wrapped)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("state (-want +got):\n%s", diff)
		}
	}

	old, first, err := m.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	wantState(first, seal.KeyState{})
	byOld, groups, codes := old.Seal([]byte("secret"), place...), old.Derive("groups"), old.Derive("codes")

	published := must(m.NextKey(first, "groups"))
	wantState(published, seal.KeyState{Next: true})
	if again := must(m.NextKey(published, "groups")); !opens(open(published), open(must(m.PromoteKey(again, time.Now()))).Seal([]byte("secret"), place...)) {
		t.Error("a second NextKey made another key")
	}
	if k := open(published); k.Stale(byOld) || !bytes.Equal(k.Derive("codes"), codes) {
		t.Error("the next key is used before it is promoted")
	}

	end := time.UnixMicro(1_800_000_000_000_000)
	promoted := must(m.PromoteKey(published, end))
	wantState(promoted, seal.KeyState{Resealing: true, Until: []time.Time{end}})
	if again := must(m.PromoteKey(promoted, end.Add(time.Hour))); true {
		wantState(again, seal.KeyState{Resealing: true, Until: []time.Time{end}})
	}
	k := open(promoted)
	byNew := k.Seal([]byte("secret"), place...)
	if !k.Stale(byOld) || k.Stale(byNew) || !opens(k, byOld) || !opens(k, byNew) || !opens(open(published), byNew) || opens(old, byNew) {
		t.Error("not: all that know both keys open both, and the new one seals")
	}
	moved, changed, err := k.Reseal(byOld, place...)
	if err != nil || !changed || k.Stale(moved) {
		t.Errorf("Reseal: changed %v, error %v", changed, err)
	}
	if _, changed, err := k.Reseal(moved, place...); changed || err != nil {
		t.Errorf("a second Reseal: changed %v, error %v", changed, err)
	}
	if !bytes.Equal(k.Derive("groups"), groups) || bytes.Equal(k.Derive("codes"), codes) {
		t.Error("not: what is to last stays, the rest changes")
	}
	if all := k.DeriveAll("codes"); len(all) != 2 || !bytes.Equal(all[0], k.Derive("codes")) || !bytes.Equal(all[1], codes) {
		t.Error("DeriveAll does not return what is derived now and what was before")
	}

	resealed := must(m.Resealed(promoted))
	wantState(must(m.DropKeys(resealed, end.Add(-time.Second))), seal.KeyState{Until: []time.Time{end}})
	dropped := must(m.DropKeys(resealed, end))
	wantState(dropped, seal.KeyState{})
	if k := open(dropped); opens(k, byOld) || !opens(k, moved) || len(k.DeriveAll("codes")) != 1 || !bytes.Equal(k.Derive("groups"), groups) {
		t.Error("not: the earlier key is gone, and what was derived to last is not")
	}

	// A second change, with a shorter end, takes the first with it; and the master key may change at any time.
	twice := must(m.PromoteKey(must(m.NextKey(resealed, "groups")), end.Add(-time.Hour)))
	wantState(twice, seal.KeyState{Resealing: true, Until: []time.Time{end.Add(-time.Hour), end.Add(-time.Hour)}})
	if !bytes.Equal(open(twice).Derive("groups"), groups) || !opens(open(twice), byOld) {
		t.Error("the second change lost what the first one had kept")
	}
	during := newMaster(t, masterKey('n'), masterKey('m'))
	rewrapped, changed, err := during.Rewrap(twice)
	if err != nil || !changed {
		t.Fatalf("Rewrap: changed %v, error %v", changed, err)
	}
	if k, err := newMaster(t, masterKey('n')).OpenKey(rewrapped); err != nil || !opens(k, byOld) {
		t.Errorf("under a new master key: %v", err)
	}
}

func TestADamagedKeyringIsRefused(t *testing.T) {
	t.Parallel()
	m := newMaster(t, masterKey('m'))
	_, wrapped, err := m.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := m.NextKey(wrapped, "x")
	if err != nil {
		t.Fatal(err)
	}
	for i := range ring {
		if _, err := m.OpenKey(ring[:i]); err == nil {
			t.Errorf("opened when cut to %d bytes", i)
		}
	}
}
