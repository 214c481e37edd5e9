package storetest

import (
	"maps"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/store"
)

func setLimit(t *testing.T, s *store.Store, account, region, category string, value int64) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveProvisionedLimit(account, region, category, value) })
	if err != nil {
		t.Fatalf("SaveProvisionedLimit: %v", err)
	}
}

func wantLimits(t *testing.T, s *store.Store, account, region string, want map[string]int64) {
	t.Helper()
	got, err := s.ProvisionedLimits(t.Context(), account, region)
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("limits of %s in %s: %v, %v; want %v", account, region, got, err, want)
	}
}

func provisionedLimits(t *testing.T, b *bed) {
	now := noon
	here, there := b.node(t, func() time.Time { return now }), b.node(t, func() time.Time { return now })
	account, other := letters(12), letters(12)
	for _, s := range []*store.Store{here, there} {
		wantLimits(t, s, account, "us-east-1", nil)
	}
	setLimit(t, here, account, "us-east-1", "UserRead", 300)
	setLimit(t, here, account, "us-east-1", "UserToken", 400)
	setLimit(t, here, account, "us-east-1", "UserRead", 500)
	want := map[string]int64{"UserRead": 500, "UserToken": 400}
	wantLimits(t, here, account, "us-east-1", want)
	wantLimits(t, here, account, "eu-west-1", nil)
	wantLimits(t, here, other, "us-east-1", nil)
	now = now.Add(500 * time.Millisecond)
	wantLimits(t, there, account, "us-east-1", want)
	for _, s := range []*store.Store{here, there} {
		if some, err := s.HasProvisionedLimits(t.Context()); err != nil || !some {
			t.Errorf("HasProvisionedLimits: %v, %v", some, err)
		}
	}
}
