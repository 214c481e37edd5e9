package server_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/wire"
)

func TestSigningKeysAreReplacedByAge(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func() string{
		"SQLite": func() string { return "" }, "PostgreSQL": func() string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := database()
			srv := cenotetest.Start(t, cenotetest.Options{Database: db, Settings: map[string]string{"signing-key-age": "2160h"}})
			kids := func() (ids []string) {
				_, body := cenotetest.Get(t, http.DefaultClient, srv.URL+"/"+srv.PoolID+"/.well-known/jwks.json")
				var set jose.JSONWebKeySet
				if err := wire.Unmarshal([]byte(body), &set); err != nil {
					t.Fatal(err)
				}
				for _, k := range set.Keys {
					ids = append(ids, k.KeyID)
				}
				return ids
			}
			settings := []string{"data-dir=" + srv.DataDir}
			if db != "" {
				settings = append(settings, "database="+db)
			}
			due := func() int {
				d, err := operate.OpenExisting(t.Context(), cenotetest.Settings(t, settings...), operate.DataOptions{Log: slog.New(slog.DiscardHandler), Now: srv.Now})
				if err != nil {
					t.Fatal(err)
				}
				n, err := d.RotateDueKeys(t.Context(), 2160*time.Hour)
				if err := errors.Join(err, d.Close()); err != nil {
					t.Fatal(err)
				}
				return n
			}
			first := kids()
			srv.Advance(t, 2159*time.Hour)
			if n := due(); n != 0 || !slices.Equal(kids(), first) {
				t.Errorf("before their age the keys of %d pools were replaced", n)
			}
			srv.Advance(t, 2*time.Hour)
			srv.Restart(t)
			cenotetest.Eventually(t, "the pool has two new keys beside the old ones", func() bool { return len(kids()) == 4 })
			for _, id := range first {
				if !slices.Contains(kids(), id) {
					t.Errorf("the replaced key %s no longer verifies", id)
				}
			}
			if n := due(); n != 0 {
				t.Errorf("the new keys of %d pools were replaced at once", n)
			}
			srv.Advance(t, 2161*time.Hour)
			if n := due(); n != 1 {
				t.Errorf("at their age the keys of %d pools were replaced, want 1", n)
			}
		})
	}
}
