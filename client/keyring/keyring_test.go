package keyring_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	mock "github.com/zalando/go-keyring"

	"github.com/cenote-id/cenote/client/keyring"
)

func TestItemsAreKeptByService(t *testing.T) {
	mock.MockInit()
	s, other := keyring.New("one"), keyring.New("other")
	check := func(s *keyring.Storage, want map[string]string) {
		t.Helper()
		got, err := s.Get(t.Context(), "a", "b")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	}
	check(s, map[string]string{})
	if err := errors.Join(s.Set(t.Context(), map[string]string{"a": "1", "b": "2"}), other.Set(t.Context(), map[string]string{"a": "9"})); err != nil {
		t.Fatal(err)
	}
	check(s, map[string]string{"a": "1", "b": "2"})
	if err := s.Remove(t.Context(), "b", "absent"); err != nil {
		t.Fatal(err)
	}
	check(s, map[string]string{"a": "1"})
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(s, map[string]string{})
	check(other, map[string]string{"a": "9"})
}

func TestAMissingKeyringIsReported(t *testing.T) {
	broken := errors.New("no keyring")
	mock.MockInitWithError(broken)
	s := keyring.New("one")
	_, err := s.Get(t.Context(), "a")
	for name, err := range map[string]error{
		"Get": err, "Set": s.Set(t.Context(), map[string]string{"a": "1"}), "Remove": s.Remove(t.Context(), "a"), "Clear": s.Clear(t.Context()),
	} {
		if !errors.Is(err, broken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestACancelledCallChangesNothing(t *testing.T) {
	mock.MockInit()
	s := keyring.New("one")
	if err := s.Set(t.Context(), map[string]string{"a": "1"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Get(ctx, "a")
	for name, err := range map[string]error{
		"Get": err, "Set": s.Set(ctx, map[string]string{"a": "2"}), "Remove": s.Remove(ctx, "a"), "Clear": s.Clear(ctx),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got, err := s.Get(t.Context(), "a"); got["a"] != "1" || err != nil {
		t.Errorf("got %v, error %v", got, err)
	}
}
