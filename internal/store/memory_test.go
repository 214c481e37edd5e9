package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
)

func openMemory(t *testing.T, image []byte) *store.Store {
	t.Helper()
	master, err := seal.NewMaster(make32())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Database: store.Memory, Image: image, Master: master, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func make32() []byte {
	key := make([]byte, seal.KeySize)
	key[0] = 1
	return key
}

func meta(t *testing.T, s *store.Store, name string) (value string) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		value, _, err = tx.Meta(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestADatabaseInMemoryIsItsOwnAndBeginsWithAnImage(t *testing.T) {
	t.Parallel()
	set := func(s *store.Store, value string) {
		t.Helper()
		if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("a", value) }); err != nil {
			t.Fatal(err)
		}
	}
	one := openMemory(t, nil)
	set(one, "one")
	image, err := one.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two, other := openMemory(t, image), openMemory(t, nil)
	if got := meta(t, two, "a"); got != "one" {
		t.Errorf("from the image: %q", got)
	}
	set(two, "two")
	if got := meta(t, one, "a") + "," + meta(t, other, "a"); got != "one," {
		t.Errorf("the others hold %q", got)
	}
}

func TestADatabaseInMemoryTakesReadersAndWritersAtOnce(t *testing.T) {
	t.Parallel()
	s := openMemory(t, nil)
	failed := errors.New("no")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					if err := tx.SetMeta(fmt.Sprint("key", i), fmt.Sprint(n)); err != nil || n%5 > 0 {
						return err
					}
					return failed // rolls back
				})
				if err != nil && !errors.Is(err, failed) {
					t.Error(err)
				}
				err = s.View(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
					_, err := tx.MetaNames("key")
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for i := range 8 {
		if got := meta(t, s, fmt.Sprint("key", i)); got != "49" {
			t.Errorf("key%d is %s", i, got)
		}
	}
}
