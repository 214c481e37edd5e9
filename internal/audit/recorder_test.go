package audit

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/seal"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
)

// desk is a recorder over a database with one user.
func desk(t *testing.T) (*Recorder, *store.Store, *user.User) {
	t.Helper()
	master, err := seal.NewMaster([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), store.Options{Database: filepath.Join(t.TempDir(), "x.db"), Master: master, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	p := &pool.Pool{ID: "us-east-1_Abcdefghi"}
	u := user.New(p, "id", "ann", user.Confirmed, noon)
	err = s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertPool(p); err != nil {
			return err
		}
		return tx.InsertUser(p, u)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return NewRecorder(s, slog.New(slog.DiscardHandler)), s, u
}

func results(t *testing.T, s *store.Store, u *user.User) []user.EventResult {
	t.Helper()
	var out []user.EventResult
	err := s.View(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
		events, err := tx.UserEvents(u.PoolID, u.ID, time.Time{}, "", 0)
		out = nil
		for _, e := range events {
			out = append(out, e.Result)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func event(u *user.User, id string, at time.Time, result user.EventResult) user.Event {
	return user.Event{PoolID: u.PoolID, UserID: u.ID, ID: id, Time: at, Expires: at.Add(time.Hour), Type: user.SignInEvent, Result: result}
}

func TestARecorderWritesWhatItWasGiven(t *testing.T) {
	t.Parallel()
	r, s, u := desk(t)
	for range 3 { // several batches, of which each has the same event twice
		for range recorderBatch {
			r.Add(event(u, "one", noon, user.EventInProgress))
		}
		r.Add(event(u, "one", noon, user.EventPass))
	}
	r.Add(event(u, "two", noon.Add(time.Second), user.EventFail))
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]user.EventResult{user.EventFail, user.EventPass}, results(t, s, u)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	r.Add(event(u, "three", noon.Add(2*time.Second), user.EventPass))
	for range 2 {
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(results(t, s, u)); n != 3 {
		t.Errorf("%d events after Close, want 3", n)
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Errorf("Flush after Close: %v", err)
	}
}

func TestARecorderNeverWaits(t *testing.T) {
	t.Parallel()
	r, s, u := desk(t)
	hold, held := make(chan struct{}), make(chan struct{})
	go func() { // SQLite has one writer: this one
		_ = s.Update(context.Background(), func(*store.Tx) error { close(held); <-hold; return nil })
	}()
	<-held
	for range recorderQueue + 3*recorderBatch {
		r.Add(event(u, "one", noon, user.EventPass))
	}
	if r.Lost() == 0 {
		t.Error("nothing was dropped: the queue has no bound")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Close(ctx); err == nil {
		t.Error("Close does not tell that events are left")
	}
	close(hold)
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if n := len(results(t, s, u)); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestARecorderAtRestHoldsNothing(t *testing.T) {
	t.Parallel()
	r, _, u := desk(t)
	defer r.Close(t.Context())
	if r.waiting != nil {
		t.Errorf("a new recorder holds room for %d events", cap(r.waiting))
	}
	for range 3 * recorderBatch {
		r.Add(event(u, "one", noon, user.EventPass))
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting != nil {
		t.Errorf("after a burst it holds room for %d events", cap(r.waiting))
	}
}
