package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/seal"
)

func TestNewMasterRefusesUnfitKeys(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		keys [][]byte
		want string
	}{
		"no key":               {nil, "no master key"},
		"a short key":          {[][]byte{make([]byte, 31)}, "has 31 bytes"},
		"a long second key":    {[][]byte{masterKey(1), make([]byte, 33)}, "master key 2 has 33 bytes"},
		"a key of zeros":       {[][]byte{make([]byte, 32)}, "all zero"},
		"the same key twice":   {[][]byte{masterKey(1), masterKey(2), masterKey(1)}, "master key 3 is given twice"},
		"an empty current key": {[][]byte{nil, masterKey(2)}, "has 0 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := seal.NewMaster(tt.keys...); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
		})
	}
}

func TestMasterRotation(t *testing.T) {
	t.Parallel()
	before := newMaster(t, masterKey('a'))
	during := newMaster(t, masterKey('b'), masterKey('a'))
	after := newMaster(t, masterKey('b'))

	k, wrapped, err := before.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	sealed := k.Seal([]byte("secret"), place...)
	if _, err := after.OpenKey(wrapped); !errors.Is(err, seal.ErrWrongKey) {
		t.Fatalf("the new master alone opened a key of the old one: %v", err)
	}

	rewrapped, changed, err := during.Rewrap(wrapped)
	if err != nil || !changed {
		t.Fatalf("Rewrap: changed %v, error %v", changed, err)
	}
	same, changed, err := during.Rewrap(rewrapped)
	if err != nil || changed || !bytes.Equal(same, rewrapped) {
		t.Errorf("a second Rewrap changed the key again: changed %v, error %v", changed, err)
	}

	reopened, err := after.OpenKey(rewrapped)
	if err != nil {
		t.Fatalf("open the rewrapped key: %v", err)
	}
	if got, err := reopened.Open(sealed, place...); err != nil || string(got) != "secret" {
		t.Errorf("after rotation: got %q, error %v", got, err)
	}
}

func TestMasterSealsServerSecrets(t *testing.T) {
	t.Parallel()
	old := newMaster(t, masterKey('a'))
	m := newMaster(t, masterKey('b'), masterKey('a'))

	byOld := old.Seal([]byte("secret"), "access_keys", "AKIA1")
	if got, err := m.Open(byOld, "access_keys", "AKIA1"); err != nil || string(got) != "secret" {
		t.Errorf("got %q, error %v", got, err)
	}
	if !m.Stale(byOld) || m.Stale(m.Seal(nil, "access_keys", "AKIA1")) {
		t.Error("Stale does not tell the earlier key from the current one")
	}
	if _, err := m.Open(byOld, "access_keys", "AKIA2"); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("another row: got %v, want ErrDamaged", err)
	}
}

func TestMasterKeepsItsUsesApart(t *testing.T) {
	t.Parallel()
	m := newMaster(t, masterKey('m'))
	if _, err := m.OpenKey(m.Seal(masterKey('x'), "cenote data key")); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("a server secret opened as a data key: %v", err)
	}
	if err := m.Check(m.Seal(nil, "cenote master key check")); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("a server secret passed as a check value: %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	check := newMaster(t, masterKey('a')).NewCheck()

	if err := newMaster(t, masterKey('a')).Check(check); err != nil {
		t.Errorf("the right key: %v", err)
	}
	if err := newMaster(t, masterKey('b'), masterKey('a')).Check(check); err != nil {
		t.Errorf("the right key as an earlier one: %v", err)
	}
	err := newMaster(t, masterKey('b')).Check(check)
	if !errors.Is(err, seal.ErrWrongKey) || !strings.Contains(err.Error(), "the master key does not fit this database") {
		t.Errorf("a wrong key: got %v", err)
	}
	if err := newMaster(t, masterKey('a')).Check(check[:20]); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("a cut value: got %v, want ErrDamaged", err)
	}
}

func TestResealMovesAServerSecretToTheCurrentKey(t *testing.T) {
	t.Parallel()
	old, during, after := newMaster(t, masterKey('a')), newMaster(t, masterKey('b'), masterKey('a')), newMaster(t, masterKey('b'))
	sealed := old.Seal([]byte("secret"), "access_keys", "AKIA1")

	moved, changed, err := during.Reseal(sealed, "access_keys", "AKIA1")
	if err != nil || !changed {
		t.Fatalf("Reseal: changed %v, error %v", changed, err)
	}
	if got, err := after.Open(moved, "access_keys", "AKIA1"); err != nil || string(got) != "secret" {
		t.Errorf("under the new key alone: got %q, error %v", got, err)
	}
	if same, changed, err := during.Reseal(moved, "access_keys", "AKIA1"); err != nil || changed || !bytes.Equal(same, moved) {
		t.Errorf("a second Reseal changed the value again: changed %v, error %v", changed, err)
	}
	if _, _, err := during.Reseal(sealed, "access_keys", "AKIA2"); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("another row: got %v, want ErrDamaged", err)
	}
	if _, _, err := after.Reseal(sealed, "access_keys", "AKIA1"); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("without the earlier key: got %v, want ErrWrongKey", err)
	}
}

func TestLedByPutsTheKeyOfAValueFirst(t *testing.T) {
	t.Parallel()
	a, b, c := newMaster(t, masterKey('a')), newMaster(t, masterKey('b')), newMaster(t, masterKey('c'))
	all := newMaster(t, masterKey('a'), masterKey('b'), masterKey('c'))
	for _, one := range []*seal.Master{a, b, c} {
		led, err := all.LedBy(one.NewCheck())
		if err != nil {
			t.Fatal(err)
		}
		if led.KeyID() != one.KeyID() {
			t.Errorf("led by %s, want %s", led.KeyID(), one.KeyID())
		}
		for _, other := range []*seal.Master{a, b, c} {
			if _, err := led.Open(other.Seal(nil, "x"), "x"); err != nil {
				t.Errorf("it no longer opens what %s sealed: %v", other.KeyID(), err)
			}
		}
	}
	if all.KeyID() != a.KeyID() {
		t.Error("LedBy changed the master it was asked of")
	}
	if _, err := a.LedBy(b.NewCheck()); !errors.Is(err, seal.ErrWrongKey) {
		t.Errorf("an unknown key: got %v, want ErrWrongKey", err)
	}
	if _, err := a.LedBy([]byte("short")); !errors.Is(err, seal.ErrDamaged) {
		t.Errorf("a cut value: got %v, want ErrDamaged", err)
	}
}
