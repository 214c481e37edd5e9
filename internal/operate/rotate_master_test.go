package operate_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/config"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/token"
)

var anotherKey = base64.StdEncoding.EncodeToString([]byte("fedcba9876543210fedcba9876543210"))

func TestRotateMaster(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func() string{
		"SQLite": func() string { return "" }, "PostgreSQL": func() string { return pgtest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rotateMaster(t, database())
		})
	}
}

func rotateMaster(t *testing.T, database string) {
	dir := t.TempDir()
	keys := func(keys ...string) *config.Config {
		given := []string{"data-dir=" + dir, "CENOTE_MASTER_KEY=" + strings.Join(keys, ",")}
		if database != "" {
			given = append(given, "database="+database)
		}
		return cenotetest.Settings(t, given...)
	}
	first, err := operate.OpenData(t.Context(), keys(oneKey), operate.DataOptions{Log: quiet})
	must(t, err)
	var identities pool.KeyRing // newest first
	for range 2 {
		k, err := token.NewIdentityKey(time.Now())
		must(t, err)
		identities = append(identities, k)
	}
	must(t, first.Update(t.Context(), func(tx *store.Tx) error {
		for i := range 150 {
			k := store.AccessKey{ID: fmt.Sprintf("KEY%03d", i), Secret: "s3cret", Name: "ann", Account: "000000000000"}
			if err := tx.InsertAccessKey(k); err != nil {
				return err
			}
		}
		if err := errors.Join(tx.AddIdentityKey(identities[1]), tx.RotateIdentityKey(identities[0], time.Now().Add(time.Hour))); err != nil {
			return err
		}
		return tx.InsertVendedKey(store.VendedKey{ID: "VENDED", Secret: "one", SessionToken: "two", Expires: time.Now().Add(time.Hour)})
	}))
	must(t, first.Close())

	// A server that has its keys in the order of before.
	api := startWith(t, dir, database, oneKey+"\n"+anotherKey)
	before := newPool(t, api.SDK())
	behind := cenotetest.OpenData(t, keys(oneKey, anotherKey))
	rotating := cenotetest.OpenData(t, keys(anotherKey, oneKey))

	due := func(d *operate.Data) bool {
		t.Helper()
		due, err := d.MasterRotationDue(t.Context())
		must(t, err)
		return due
	}
	if due(behind) || !due(rotating) {
		t.Error("a rotation is due where the new key comes second, or is not where it comes first")
	}
	ctx, interrupt := context.WithCancel(t.Context())
	if _, err := rotating.RotateMaster(ctx, func(int) { interrupt() }); err == nil {
		t.Fatal("the rotation was not interrupted")
	}
	refused := func(c *config.Config, want string) {
		t.Helper()
		if _, err := operate.OpenData(t.Context(), c, operate.DataOptions{Log: quiet}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
	refused(keys(anotherKey), "CENOTE_MASTER_KEY: the rotation of the master key is not finished")
	refused(keys(oneKey), "CENOTE_MASTER_KEY: the master key does not fit this database")
	if !due(rotating) {
		t.Error("no rotation is due after an interruption")
	}
	during := newPool(t, api.SDK())
	if got := masterFinding(t, keys(anotherKey, oneKey)); !strings.Contains(got, "rotation is not finished") {
		t.Errorf("doctor says %q during the rotation", got)
	}

	made := make(chan []string)
	go func() {
		var ids []string
		for range 20 {
			k, err := behind.CreateKey(t.Context(), operate.KeyRequest{Name: "busy"})
			if err != nil {
				t.Error(err)
				break
			}
			ids = append(ids, k.ID)
		}
		made <- ids
	}()
	n, err := rotating.RotateMaster(t.Context(), func(int) {})
	must(t, err)
	if n < 150 {
		t.Errorf("%d values were sealed again, want the 150 access keys at least", n)
	}
	ids := append(<-made, "KEY000", "KEY149")
	late, err := behind.CreateKey(t.Context(), operate.KeyRequest{Name: "late"})
	must(t, err)
	pools := []string{before, during, newPool(t, api.SDK())}
	if n, err := rotating.RotateMaster(t.Context(), func(int) {}); err != nil || n != 0 {
		t.Errorf("after the rotation %d values were still under the earlier key, error %v", n, err)
	}
	if got := masterFinding(t, keys(anotherKey, oneKey)); strings.Contains(got, "rotat") {
		t.Errorf("doctor says %q after the rotation", got)
	}

	if due(rotating) {
		t.Error("a rotation is due after it")
	}
	refused(keys(oneKey), "CENOTE_MASTER_KEY: the master key does not fit this database")
	alone := cenotetest.OpenData(t, keys(anotherKey))
	must(t, alone.View(t.Context(), func(tx *store.Tx) error {
		for _, id := range append(ids, late.ID) {
			if _, found, err := tx.AccessKey(id); err != nil || !found {
				t.Errorf("access key %s: found %v, error %v", id, found, err)
			}
		}
		for _, id := range pools {
			if _, err := tx.Pool(id); err != nil {
				t.Errorf("pool %s: %v", id, err)
			}
		}
		if ring, err := tx.IdentityKeys(); err != nil || len(ring) != 2 || ring[0].ID != identities[0].ID || ring[1].ID != identities[1].ID {
			t.Errorf("%d keys of identities, error %v", len(ring), err)
		}
		if k, _, err := tx.VendedKey("VENDED"); k.SessionToken != "two" || err != nil {
			t.Errorf("the vended key has the token %q, error %v", k.SessionToken, err)
		}
		return nil
	}))
}

// startWith starts a server on the database with a key file of its own.
func startWith(t *testing.T, dir, database, keys string) *cenotetest.Server {
	t.Helper()
	file := writeFile(t, keys)
	return cenotetest.Start(t, cenotetest.Options{Serve: true, DataDir: dir, Database: database, Settings: map[string]string{"master-key-file": file}})
}

func newPool(t *testing.T, api *idp.Client) string {
	t.Helper()
	out, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("people")})
	must(t, err)
	return *out.UserPool.Id
}

// masterFinding is everything that doctor says about the master key.
func masterFinding(t *testing.T, c *config.Config) string {
	t.Helper()
	var said []string
	operate.Diagnose(t.Context(), c, func(f operate.Finding) {
		if f.Check == "master key" {
			said = append(said, f.Text)
		}
	})
	return strings.Join(said, "\n")
}
