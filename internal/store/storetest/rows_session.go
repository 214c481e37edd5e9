package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

func draftSession(userID, id string) user.Session {
	return user.Session{
		ID: id, UserID: userID, ClientID: "client", OriginJTI: "origin of " + id, BrowserID: "sso of " + id, Created: noon, LastUsed: noon,
		IP: "2001:db8::1", Device: "Chrome 126 / é", Expires: noon.Add(time.Hour),
	}
}

// sessionsOf lists the sessions of a user that have not expired at noon, by id.
func (b *bed) sessionsOf(t *testing.T, p *pool.Pool, userID string, now time.Time) []user.Session {
	t.Helper()
	var all []user.Session
	b.view(t, func(tx *store.Tx) (err error) {
		all, err = tx.Sessions(p.ID, userID, now)
		return err
	})
	slices.SortFunc(all, func(a, b user.Session) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func sessions(t *testing.T, b *bed) {
	p, other := b.newPool(t, wire.UserPoolType{}), b.newPool(t, wire.UserPoolType{})
	one, two := draftSession("u", "tkn1"), draftSession("u", "tkn2")
	two.Expires = noon.Add(time.Minute)
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.InsertSession(p.ID, one), tx.InsertSession(p.ID, two), tx.InsertSession(p.ID, draftSession("v", "tkn1")))
	})
	if diff := cmp.Diff([]user.Session{one, two}, b.sessionsOf(t, p, "u", noon)); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]user.Session{one}, b.sessionsOf(t, p, "u", two.Expires)); diff != "" {
		t.Errorf("sessions when one has expired (-want +got):\n%s", diff)
	}
	if found := b.sessionsOf(t, other, "u", noon); len(found) != 0 {
		t.Errorf("another pool has them too: %v", found)
	}

	one.LastUsed, one.IP, one.Device = noon.Add(time.Second), "192.0.2.1", ""
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.TouchSession(p.ID, "u", one.ID, one.IP, one.Device, one.LastUsed), tx.TouchSession(p.ID, "u", "tkn3", "", "", noon))
	})
	if diff := cmp.Diff([]user.Session{one, two}, b.sessionsOf(t, p, "u", noon)); diff != "" {
		t.Errorf("touched sessions (-want +got):\n%s", diff)
	}
	b.view(t, func(tx *store.Tx) error {
		used, browser, err := tx.SessionUsed(p.ID, "u", one.ID)
		never, none, err2 := tx.SessionUsed(p.ID, "u", "tkn3")
		if !used.Equal(one.LastUsed) || browser != one.BrowserID || !never.IsZero() || none != "" {
			t.Errorf("last used at %v by %q and %v by %q", used, browser, never, none)
		}
		return errors.Join(err, err2)
	})
	b.update(t, func(tx *store.Tx) error {
		for _, want := range []bool{true, false} {
			if got, err := tx.DeleteSession(p.ID, "u", one.ID); err != nil || got != want {
				return fmt.Errorf("DeleteSession = %v, want %v, error %w", got, want, err)
			}
		}
		return nil
	})
	if diff := cmp.Diff([]user.Session{two}, b.sessionsOf(t, p, "u", noon)); diff != "" {
		t.Errorf("sessions after one was deleted (-want +got):\n%s", diff)
	}
	if n := len(b.sessionsOf(t, p, "v", noon)); n != 1 {
		t.Errorf("another user has %d sessions, want 1", n)
	}
}

func browserSessions(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u := b.newUser(t, p, "one", nil)
	draft := func(userID, id string, used time.Time) store.BrowserSession {
		return store.BrowserSession{
			Hash: "hash of " + id + userID, UserID: userID, State: []byte("state"), Expires: noon.Add(time.Hour), ID: id,
			Created: noon.Add(-time.Hour), LastUsed: used, IP: "2001:db8::1", Device: "Chrome 126 / é",
		}
	}
	listed := func(userID string, now time.Time) []store.BrowserSession {
		t.Helper()
		var all []store.BrowserSession
		b.view(t, func(tx *store.Tx) (err error) {
			all, err = tx.BrowserSessions(p, userID, now)
			return err
		})
		slices.SortFunc(all, func(a, b store.BrowserSession) int { return strings.Compare(a.ID, b.ID) })
		return all
	}
	check := func(what string, userID string, want ...store.BrowserSession) {
		t.Helper()
		if diff := cmp.Diff(want, listed(userID, noon)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	one, two, three := draft(u.ID, "sso1", noon.Add(-10*time.Minute)), draft(u.ID, "sso2", noon.Add(-20*time.Minute)), draft(u.ID, "sso3", noon.Add(-30*time.Minute))
	untracked := store.BrowserSession{Hash: "hash", UserID: u.ID, State: []byte("state"), Expires: noon.Add(time.Hour)}
	other := draft("other", "sso1", noon.Add(-time.Hour))
	b.update(t, func(tx *store.Tx) error {
		var errs []error
		for _, s := range []store.BrowserSession{one, two, three, untracked, other} {
			errs = append(errs, tx.InsertBrowserSession(p, s))
		}
		return errors.Join(errs...)
	})
	check("sessions", u.ID, one, two, three)
	if found := listed(u.ID, one.Expires); len(found) != 0 {
		t.Errorf("expired sessions are listed: %v", found)
	}

	three.LastUsed, three.IP, three.Device = noon, "192.0.2.1", "unknown"
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(
			tx.TouchBrowserSession(p.ID, u.ID, "sso3", "192.0.2.1", "unknown", noon, time.Minute),
			tx.TouchBrowserSession(p.ID, u.ID, "sso3", "192.0.2.2", "too early", noon.Add(59*time.Second), time.Minute),
			tx.TouchBrowserSession(p.ID, u.ID, "sso4", "192.0.2.1", "unknown", noon, time.Minute))
	})
	check("touched sessions", u.ID, one, two, three)

	b.update(t, func(tx *store.Tx) error { return tx.TrimBrowserSessions(p.ID, u.ID, 2) })
	check("the least recently used of three makes room", u.ID, one, three)
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.RevokeBrowserSession(p.ID, u.ID, "sso1"), tx.RevokeBrowserSession(p.ID, u.ID, "sso9"))
	})
	check("a revoked session", u.ID, three)
	check("of another user", "other", other)
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	b.view(t, func(tx *store.Tx) error {
		for _, s := range []store.BrowserSession{three, untracked} {
			if found, err := tx.BrowserSession(p, s.Hash, noon); err != nil || found != nil {
				t.Errorf("a deleted user has a browser: %v, %v", found, err)
			}
		}
		return nil
	})
	check("the deletion of one user, for another", "other", other)
}

func draftEvent(p *pool.Pool, userID, id string, at time.Time) user.Event {
	return user.Event{
		PoolID: p.ID, UserID: userID, ID: id, Time: at, Expires: at.Add(24 * time.Hour), Type: user.SignInEvent, Result: user.EventInProgress,
		ClientID: "client", IP: "192.0.2.1", Browser: "Chrome 126", System: "Windows 10", Steps: []user.EventStep{{Name: "Password", Success: true}},
		Risk: user.EventRisk{Decision: "NoRisk", Level: "Low", Compromised: wire.Ptr(false)},
	}
}

func (b *bed) eventsOf(t *testing.T, u *user.User, before time.Time, beforeID string, limit int) []user.Event {
	t.Helper()
	var all []user.Event
	b.view(t, func(tx *store.Tx) (err error) {
		all, err = tx.UserEvents(u.PoolID, u.ID, before, beforeID, limit)
		return err
	})
	return all
}

func events(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u, other := b.newUser(t, p, "one", nil), b.newUser(t, p, "two", nil)
	var want []user.Event // newest first
	for i := range 5 {
		want = append(want, draftEvent(p, u.ID, fmt.Sprint("event", i), noon.Add(-time.Duration(i/2)*time.Second)))
	}
	want[0], want[1], want[2], want[3] = want[1], want[0], want[3], want[2] // two at the same time are ordered by their ids
	gone := draftEvent(p, "nobody", "gone", noon)
	b.update(t, func(tx *store.Tx) error {
		return tx.SaveEvents(append([]user.Event{gone, draftEvent(p, other.ID, "event0", noon)}, want...))
	})
	if diff := cmp.Diff(want, b.eventsOf(t, u, time.Time{}, "", 60)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	var paged []user.Event
	for before, id := (time.Time{}), ""; ; {
		page := b.eventsOf(t, u, before, id, 2)
		if len(page) == 0 {
			break
		}
		paged = append(paged, page...)
		before, id = page[len(page)-1].Time, page[len(page)-1].ID
	}
	if diff := cmp.Diff(want, paged); diff != "" {
		t.Errorf("events in pages (-want +got):\n%s", diff)
	}

	feedback := user.Feedback{Value: "Invalid", Provider: "Admin", Time: noon.Add(time.Hour)}
	later := want[0]
	later.Result, later.Time = user.EventPass, noon.Add(time.Minute)
	later.IP, later.Browser, later.System = "", "", "" // an answer that does not say where the user is
	b.update(t, func(tx *store.Tx) error {
		for id, want := range map[string]bool{later.ID: true, "event9": false} {
			if found, err := tx.SaveFeedback(p.ID, u.ID, id, feedback); err != nil || found != want {
				return fmt.Errorf("SaveFeedback = %v, want %v, error %w", found, want, err)
			}
		}
		return tx.SaveEvents([]user.Event{later})
	})
	want[0].Result, want[0].Feedback = user.EventPass, &feedback
	b.view(t, func(tx *store.Tx) error {
		got, found, err := tx.Event(p.ID, u.ID, later.ID)
		if diff := cmp.Diff(want[0], got); !found || diff != "" {
			t.Errorf("an event that was saved again keeps time, place and feedback (-want +got):\n%s", diff)
		}
		_, others, err2 := tx.Event(p.ID, "nobody", "gone")
		if others {
			t.Error("an event of a user who does not exist is kept")
		}
		return errors.Join(err, err2)
	})
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	if found := b.eventsOf(t, u, time.Time{}, "", 60); len(found) != 0 {
		t.Errorf("a deleted user has %d events", len(found))
	}
	if found := b.eventsOf(t, other, time.Time{}, "", 60); len(found) != 1 {
		t.Errorf("another user has %d events, want 1", len(found))
	}
}

func sessionsAndEventsEnd(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	u := b.newUser(t, p, "one", nil)
	going, over := draftSession(u.ID, "tkn1"), draftSession(u.ID, "tkn2")
	over.Expires = noon
	old, young := draftEvent(p, u.ID, "old", noon.Add(-24*time.Hour)), draftEvent(p, u.ID, "young", noon)
	b.update(t, func(tx *store.Tx) error {
		return errors.Join(tx.InsertSession(p.ID, going), tx.InsertSession(p.ID, over), tx.SaveEvents([]user.Event{old, young}))
	})
	if err := b.Sweep(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]user.Session{going}, b.sessionsOf(t, p, u.ID, noon.Add(-time.Hour))); diff != "" {
		t.Errorf("sessions after a sweep (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]user.Event{young}, b.eventsOf(t, u, time.Time{}, "", 60)); diff != "" {
		t.Errorf("events after a sweep (-want +got):\n%s", diff)
	}
	b.update(t, func(tx *store.Tx) error { return tx.DeleteUser(p, u) })
	if n := len(b.sessionsOf(t, p, u.ID, noon)); n != 0 {
		t.Errorf("a deleted user has %d sessions", n)
	}
}

func riskRoundTrip(t *testing.T, b *bed) {
	p := b.newPool(t, wire.UserPoolType{})
	c := b.newClient(t, p, "")
	risk := &wire.RiskConfigurationType{
		UserPoolId: p.ID, LastModifiedDate: wire.At(noon),
		RiskExceptionConfiguration: &wire.RiskExceptionConfigurationType{BlockedIPRangeList: []string{"192.0.2.0/24"}},
	}
	for _, want := range []*wire.RiskConfigurationType{risk, nil} {
		p.Risk, c.Risk = want, want
		p.Sessions = pool.SessionSettings{Tracking: "ENABLED", MaxPerUser: 3}
		c.Sessions = pool.ClientSessionSettings{SSOMinutes: wire.Ptr[int64](0)}
		b.update(t, func(tx *store.Tx) error { return errors.Join(tx.SavePool(p), tx.SaveClient(p, c)) })
		if diff := cmp.Diff(p, b.loadPool(t, p.ID), samePool); diff != "" {
			t.Errorf("pool (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(c, b.loadClient(t, p, c.ID)); diff != "" {
			t.Errorf("client (-want +got):\n%s", diff)
		}
	}
}
