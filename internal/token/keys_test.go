package token

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
)

func TestANewKeyIsPublishedBeforeItSigns(t *testing.T) {
	t.Parallel()
	key := func(id string, age time.Duration, retired bool) pool.SigningKey {
		k := pool.SigningKey{ID: id, Use: pool.SignsID, Created: start.Add(-age)}
		if retired {
			k.Retires = start.Add(24 * time.Hour)
		}
		return k
	}
	past := key("past", 48*time.Hour, true)
	past.Retires = start.Add(-time.Hour)
	foreign := key("foreign", time.Hour, false)
	foreign.Use = pool.SignsAccess
	for _, tt := range []struct {
		name string
		keys []pool.SigningKey
		want string
	}{
		{"of keys that are all new the oldest signs", []pool.SigningKey{key("new", 0, false), key("old", time.Second, true)}, "old"},
		{"the only key signs at once", []pool.SigningKey{key("new", 0, false)}, "new"},
		{"the key before signs while the new one is being published", []pool.SigningKey{key("new", time.Second, false), key("old", time.Hour, true)}, "old"},
		{"the new key signs when it has been published", []pool.SigningKey{key("new", publishedFor, false), key("old", time.Hour, true)}, "new"},
		{
			"of two rotations in a row, the key that all nodes know signs",
			[]pool.SigningKey{key("new", 0, false), key("mid", time.Second, true), key("old", time.Hour, true), key("older", 2*time.Hour, true)},
			"old",
		},
		{"a key that no longer verifies does not sign", []pool.SigningKey{key("new", 0, false), past}, "new"},
		{"a key of the other use does not sign", []pool.SigningKey{key("new", 0, false), foreign}, "new"},
		{"a pool without keys has none", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if k := signingKey(tt.keys, pool.SignsID, start); k != nil {
				got = k.ID
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
