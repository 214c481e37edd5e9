package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/store"
)

// Engine tests what the store promises of any row.
func Engine(t *testing.T, open Opener) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, s *store.Store)
	}{
		{"a committed value is visible to the next View", committed},
		{"an error rolls its own Update back and no other", rolledBack},
		{"a panic reaches the caller and leaves the store in order", panics},
		{"a function that ends its goroutine leaves the store in order", exits},
		{"concurrent Updates are all kept", concurrent},
		{"increments from many goroutines lose none", increments},
		{"two values that belong together are seen together", together},
		{"a name is added once", addedOnce},
		{"names differ by case and sort by byte", byteOrder},
		{"a prefix finds its names and no others", prefixes},
		{"a cancelled context changes nothing", cancelled},
		{"a View cannot write", readOnly},
		{"a transaction ends with its function", outlived},
		{"text that one database refuses is refused by both", badText},
		{"a ping answers", pings},
		{"a closed store says so", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

func committed(t *testing.T, s *store.Store) {
	set(t, s, "color", "green")
	set(t, s, "color", "blue")
	err := s.View(t.Context(), func(tx *store.Tx) error {
		value, found, err := tx.Meta("color")
		if value != "blue" || !found {
			t.Errorf("Meta(color) = %q, %v, want blue", value, found)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func rolledBack(t *testing.T, s *store.Store) {
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			refused := fmt.Errorf("refused %d", i)
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				if err := tx.SetMeta(fmt.Sprintf("k%02d", i), "v"); err != nil || i%2 == 0 {
					return err
				}
				return refused
			})
			if i%2 == 0 && err != nil {
				t.Errorf("Update %d: %v", i, err)
			}
			if i%2 == 1 && !errors.Is(err, refused) {
				t.Errorf("Update %d: got %v, want %v", i, err, refused)
			}
		})
	}
	all.Wait()
	var want []string
	for i := 0; i < 20; i += 2 {
		want = append(want, fmt.Sprintf("k%02d", i))
	}
	if diff := cmp.Diff(want, names(t, s, "k")); diff != "" {
		t.Errorf("kept names (-want +got):\n%s", diff)
	}
}

func panics(t *testing.T, s *store.Store) {
	func() {
		defer func() {
			if v := recover(); !strings.Contains(fmt.Sprint(v), "boom") {
				t.Errorf("recovered %v, want the panic", v)
			}
		}()
		_ = s.Update(t.Context(), func(tx *store.Tx) error {
			if err := tx.SetMeta("before", "v"); err != nil {
				return err
			}
			panic("boom")
		})
		t.Error("Update returned after a panic")
	}()
	func() {
		defer func() { _ = recover() }()
		_ = s.View(t.Context(), func(*store.Tx) error { panic("boom") })
	}()
	set(t, s, "after", "v")
	if diff := cmp.Diff([]string{"after"}, slices.Concat(names(t, s, "after"), names(t, s, "before"))); diff != "" {
		t.Errorf("kept names (-want +got):\n%s", diff)
	}
}

func exits(t *testing.T, s *store.Store) {
	var all sync.WaitGroup
	all.Go(func() {
		// On a database where the function runs elsewhere, Update returns an error instead of ending this goroutine.
		_ = s.Update(t.Context(), func(tx *store.Tx) error {
			runtime.Goexit()
			return nil
		})
	})
	all.Wait()
	set(t, s, "after", "v")
}

func concurrent(t *testing.T, s *store.Store) {
	const writers = 64
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for j := range 4 {
				err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(fmt.Sprintf("w%02d.%d", i, j), "v") })
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
			}
		})
	}
	all.Wait()
	if got := len(names(t, s, "w")); got != 4*writers {
		t.Errorf("%d names kept, want %d", got, 4*writers)
	}
	if st := s.Stats(); st.Updates != 4*writers || st.Commits == 0 || st.Commits > st.Updates || st.Open == 0 {
		t.Errorf("stats %+v do not tell of %d updates", st, 4*writers)
	}
}

func increments(t *testing.T, s *store.Store) {
	const writers, each = 8, 10
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					n, err := number(tx, "counter")
					if err != nil {
						return err
					}
					return tx.SetMeta("counter", fmt.Sprint(n+1))
				})
				if err != nil {
					t.Errorf("increment: %v", err)
				}
			}
		})
	}
	all.Wait()
	err := s.View(t.Context(), func(tx *store.Tx) error {
		n, err := number(tx, "counter")
		if n != writers*each {
			t.Errorf("counter is %d, want %d", n, writers*each)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func together(t *testing.T, s *store.Store) {
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		defer stop()
		for i := range 50 {
			err := s.Update(t.Context(), func(tx *store.Tx) error {
				if err := tx.SetMeta("left", fmt.Sprint(i)); err != nil {
					return err
				}
				return tx.SetMeta("right", fmt.Sprint(i))
			})
			if err != nil {
				t.Errorf("write pair: %v", err)
			}
		}
	})
	for ctx.Err() == nil {
		err := s.View(t.Context(), func(tx *store.Tx) error {
			left, err := number(tx, "left")
			if err != nil {
				return err
			}
			right, err := number(tx, "right")
			if left != right {
				t.Errorf("a View saw %d and %d", left, right)
			}
			return err
		})
		if err != nil {
			t.Fatalf("read pair: %v", err)
		}
	}
}

func addedOnce(t *testing.T, s *store.Store) {
	outcomes := make(chan error, 8)
	for i := range cap(outcomes) {
		go func() {
			outcomes <- s.Update(t.Context(), func(tx *store.Tx) error { return tx.AddMeta("leader", fmt.Sprint(i)) })
		}()
	}
	won := 0
	for range cap(outcomes) {
		switch err := <-outcomes; {
		case err == nil:
			won++
		case !errors.Is(err, store.ErrExists):
			t.Errorf("AddMeta: got %v, want ErrExists", err)
		}
	}
	if won != 1 {
		t.Errorf("%d Updates added the name, want 1", won)
	}
}

func byteOrder(t *testing.T, s *store.Store) {
	want := []string{"o.", "o.10", "o.9", "o.A", "o.B", "o._", "o.a", "o.a b", "o.ab", "o.b", "o.É", "o.é", "o.日本", "o.😀"}
	if !slices.IsSorted(want) {
		t.Fatal("the list is not in byte order")
	}
	for _, name := range want {
		set(t, s, name, "v")
	}
	if diff := cmp.Diff(want, names(t, s, "o.")); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func prefixes(t *testing.T, s *store.Store) {
	for _, name := range []string{"p", "pa", "pa%", "pab", "pa_b", "pA", "pb", "p\u07ff", "p\u07ffx", "p\ud7ff", "p\ud7ffy", "p\ue000", "p\U0010ffff", "p\U0010ffffz", "q"} {
		set(t, s, name, "v")
	}
	for _, c := range []struct {
		name, prefix string
		want         []string
	}{
		{"a letter is not its capital", "pA", []string{"pA"}},
		{"longer names and the name itself match", "pa", []string{"pa", "pa%", "pa_b", "pab"}},
		{"a percent sign stands for itself", "pa%", []string{"pa%"}},
		{"an underscore stands for itself", "pa_", []string{"pa_b"}},
		{"the last two-byte character has a successor", "p\u07ff", []string{"p\u07ff", "p\u07ffx"}},
		{"the character before the surrogates has a successor", "p\ud7ff", []string{"p\ud7ff", "p\ud7ffy"}},
		{"the last character of all has one in its place before", "p\U0010ffff", []string{"p\U0010ffff", "p\U0010ffffz"}},
		{"a prefix of nothing finds nothing", "px", nil},
	} {
		if diff := cmp.Diff(c.want, names(t, s, c.prefix)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func cancelled(t *testing.T, s *store.Store) {
	before, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Update(before, func(tx *store.Tx) error { return tx.SetMeta("c.before", "v") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update on a cancelled context: got %v, want context.Canceled", err)
	}
	if err := s.View(before, func(*store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("View on a cancelled context: got %v, want context.Canceled", err)
	}

	during, cancel := context.WithCancel(t.Context())
	err = s.Update(during, func(tx *store.Tx) error {
		if err := tx.SetMeta("c.during", "v"); err != nil {
			return err
		}
		cancel()
		return tx.SetMeta("c.after", "v")
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Update cancelled in its course: got %v, want context.Canceled", err)
	}
	if got := names(t, s, "c."); got != nil {
		t.Errorf("kept %v, want nothing", got)
	}
}

func readOnly(t *testing.T, s *store.Store) {
	if err := s.View(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("r", "v") }); err == nil {
		t.Error("a View wrote and got no error")
	}
	// An error that the function swallows is still an error.
	err := s.View(t.Context(), func(tx *store.Tx) error {
		_ = tx.SetMeta("r", "v")
		return nil
	})
	if err == nil {
		t.Error("a View that hid the failed write returned nil")
	}
	if got := names(t, s, "r"); got != nil {
		t.Errorf("kept %v, want nothing", got)
	}
}

func outlived(t *testing.T, s *store.Store) {
	var escaped *store.Tx
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		escaped = tx
		return tx.SetMeta("inside", "v")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := escaped.SetMeta("outside", "v"); err == nil {
		t.Error("a Tx still writes after its function has returned")
	}
	if got := names(t, s, "outside"); got != nil {
		t.Errorf("kept %v, want nothing", got)
	}
}

func badText(t *testing.T, s *store.Store) {
	for _, text := range []string{"a\x00b", "a\xffb"} {
		err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("text", text) })
		if !fault.Is(err, fault.InvalidParameter) {
			t.Errorf("SetMeta(%q): got %v, want %s", text, err, fault.InvalidParameter)
		}
	}
}

func pings(t *testing.T, s *store.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func closed(t *testing.T, s *store.Store) {
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	nothing := func(*store.Tx) error { return nil }
	if err := s.Update(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Update: got %v, want ErrClosed", err)
	}
	if err := s.View(t.Context(), nothing); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View: got %v, want ErrClosed", err)
	}
}
