package server_test

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/server"
)

var (
	oneKey     = base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	anotherKey = base64.StdEncoding.EncodeToString([]byte("fedcba9876543210fedcba9876543210"))
	quiet      = operate.DataOptions{Log: slog.New(slog.DiscardHandler)}
)

func TestTheFirstStartMakesAMasterKeyForThisUserAlone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	c := cenotetest.Settings(t, "data-dir="+dir)
	d, err := operate.OpenData(t.Context(), c, quiet)
	must(t, err)
	must(t, d.Close())
	for path, want := range map[string]os.FileMode{dir: 0o700, c.MasterKeyFile: 0o600, filepath.Join(dir, "cenote.db"): 0o600} {
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
	before, err := os.ReadFile(c.MasterKeyFile)
	must(t, err)
	d, err = operate.OpenData(t.Context(), c, quiet)
	must(t, err)
	must(t, d.Close())
	if after, err := os.ReadFile(c.MasterKeyFile); err != nil || string(after) != string(before) {
		t.Errorf("the second start changed the master key (%v)", err)
	}
}

func TestAServerWarnsOfAMasterKeyThatEverybodyCanRead(t *testing.T) {
	t.Parallel()
	c := cenotetest.Settings(t)
	start := func() string {
		var log cenotetest.Output
		d, err := operate.OpenData(t.Context(), c, operate.DataOptions{Log: slog.New(slog.NewTextHandler(&log, nil)), Serves: true})
		must(t, err)
		must(t, d.Close())
		return log.String()
	}
	const warning = "every user of this machine can read the master key"
	if log := start(); strings.Contains(log, warning) {
		t.Errorf("of its own key it says %s", log)
	}
	must(t, os.Chmod(c.MasterKeyFile, 0o644))
	if log := start(); !strings.Contains(log, warning) || !strings.Contains(log, c.MasterKeyFile) {
		t.Errorf("it says %s", log)
	}
}

func TestADatabaseIsNotOpenedWithoutItsMasterKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := cenotetest.Settings(t, "data-dir="+dir, "CENOTE_MASTER_KEY="+oneKey)
	d, err := operate.OpenData(t.Context(), made, quiet)
	must(t, err)
	must(t, d.Close())
	if _, err := os.Stat(made.MasterKeyFile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key file was made beside CENOTE_MASTER_KEY: %v", err)
	}
	for _, tc := range []struct{ name, key, want string }{
		{"another key", "CENOTE_MASTER_KEY=" + anotherKey, "CENOTE_MASTER_KEY: the master key does not fit this database"},
		{"none", "", "--master-key-file: the master key of this database is missing: there is no file " + made.MasterKeyFile},
		{"an earlier key behind the current one", "CENOTE_MASTER_KEY=" + anotherKey + "," + oneKey, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "data-dir="+dir, tc.key), quiet)
			if tc.want == "" {
				must(t, err)
				must(t, d.Close())
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line that begins with %q", err, tc.want)
			}
			if _, err := os.Stat(made.MasterKeyFile); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a key file was made: %v", err)
			}
		})
	}
}

func TestTheFirstStartMakesOneAccessKeyAndTellsItOnce(t *testing.T) {
	t.Parallel()
	var log cenotetest.Output
	c := cenotetest.Settings(t)
	o := server.Options{Config: c, Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for _, wrong := range []string{"page-texts=" + nowhere, "breached-passwords=" + nowhere, "log-delivery=file:" + nowhere} {
		failing := server.Options{Config: cenotetest.Settings(t, "data-dir="+c.DataDir, wrong), Log: o.Log}
		if _, err := server.New(t.Context(), failing); err == nil {
			t.Fatalf("a start with %s succeeds", wrong)
		}
	}
	first, stop := run(t, o)
	k := first.FirstKey
	if k == nil {
		t.Fatal("the first start that succeeds tells no key")
	}
	_, err := cenotetest.Dial(first.URL, k.ID, k.Secret).CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	must(t, stop())

	second, stop := run(t, o)
	if second.FirstKey != nil {
		t.Error("the second start tells a key")
	}
	_, err = cenotetest.Dial(second.URL, k.ID, k.Secret).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
	must(t, err)
	must(t, cenotetest.OpenData(t, c).DeleteKey(t.Context(), k.ID))
	must(t, stop())
	if third, _ := run(t, o); third.FirstKey != nil {
		t.Error("a key is made again after the first one was deleted")
	}
	if strings.Contains(log.String(), k.Secret) {
		t.Error("the secret is in the log")
	}
	if stored, err := os.ReadFile(filepath.Join(c.DataDir, "cenote.db")); err != nil || strings.Contains(string(stored), k.Secret) {
		t.Errorf("the secret is readable in the database (%v)", err)
	}
}

func TestARootKeyOfTheEnvironmentTakesThePlaceOfTheOneBefore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start := func(id, secret string) (*server.Server, func() error) {
		return run(t, server.Options{Config: cenotetest.Settings(t, "data-dir="+dir, "CENOTE_ROOT_ACCESS_KEY_ID="+id, "CENOTE_ROOT_SECRET_ACCESS_KEY="+secret)})
	}
	list := func(s *server.Server, id, secret string) string {
		_, err := cenotetest.Dial(s.URL, id, secret).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
		return cenotetest.CodeOf(t, err)
	}
	first, stop := start("one", "0123456789abcdef")
	if first.FirstKey != nil {
		t.Error("a key is made although there is one")
	}
	if got := list(first, "one", "0123456789abcdef"); got != "" {
		t.Errorf("the first key is answered %s", got)
	}
	must(t, stop())
	second, stop := start("one", "fedcba9876543210")
	if got := list(second, "one", "fedcba9876543210"); got != "" {
		t.Errorf("the new secret is answered %s", got)
	}
	if got := list(second, "one", "0123456789abcdef"); got != "InvalidSignatureException" {
		t.Errorf("the old secret is answered %q", got)
	}
	must(t, stop())
	third, stop := start("two", "0123456789abcdef")
	if got := list(third, "one", "fedcba9876543210"); got != "UnrecognizedClientException" {
		t.Errorf("the key before is answered %q", got)
	}
	must(t, stop())
	again, _ := run(t, server.Options{Config: cenotetest.Settings(t, "data-dir="+dir)})
	if got := list(again, "two", "0123456789abcdef"); got != "" || again.FirstKey != nil {
		t.Errorf("without the environment the stored key is answered %q", got)
	}
}
