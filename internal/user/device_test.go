package user

import (
	"crypto/rand"
	"testing"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
)

func TestADeviceKeyTellsWhomItWasIssuedTo(t *testing.T) {
	t.Parallel()
	keyed := func() *pool.Pool {
		secret := make([]byte, seal.KeySize)
		rand.Read(secret)
		master, err := seal.NewMaster(secret)
		if err != nil {
			t.Fatal(err)
		}
		key, _, err := master.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		return &pool.Pool{ID: "us-east-1_Abcdefghi", Key: key}
	}
	p, other := keyed(), keyed()
	for range 100 {
		key := NewDeviceKey(p, "ann")
		switch {
		case !IssuedDeviceKey(p, "ann", key):
			t.Errorf("%s is not known", key)
		case IssuedDeviceKey(p, "bob", key):
			t.Errorf("%s is another user's too", key)
		case IssuedDeviceKey(other, "ann", key):
			t.Errorf("%s is of another pool too", key)
		case IssuedDeviceKey(p, "ann", "eu-west-1"+key[len("us-east-1"):]), IssuedDeviceKey(p, "ann", ""), IssuedDeviceKey(p, "ann", key[:len(key)-1]):
			t.Error("a key that was changed is known")
		}
	}
	p.ID = "de-frankfurt-the-second-1_Abcdefghi"
	if key := NewDeviceKey(p, "ann"); len(key) > 55 || !IssuedDeviceKey(p, "ann", key) {
		t.Errorf("the key %s of a region with a long name has %d characters, want 55 at most", key, len(key))
	}
}
