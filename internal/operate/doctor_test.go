package operate_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/libcrypto"
	"github.com/cenote-id/cenote/internal/operate"
)

// diagnose returns what the doctor says of each check.
func diagnose(t *testing.T, given ...string) map[string]string {
	t.Helper()
	said := make(map[string]string)
	operate.Diagnose(t.Context(), cenotetest.Settings(t, given...), func(f operate.Finding) {
		said[f.Check] = string(f.Verdict) + ": " + f.Text
	})
	return said
}

func TestTheDoctorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	loose := filepath.Join(dir, "loose")
	must(t, os.Mkdir(loose, 0o700))
	must(t, os.Chmod(loose, 0o755))
	looseKey := filepath.Join(dir, "loose.key")
	must(t, os.WriteFile(looseKey, []byte(oneKey), 0o600))
	must(t, os.Chmod(looseKey, 0o644))
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	cenotetest.WriteCertificate(t, cert, key, 1, time.Now().Add(-time.Hour))
	soonCert, soonKey := filepath.Join(dir, "soon.pem"), filepath.Join(dir, "soon-key.pem")
	cenotetest.WriteCertificate(t, soonCert, soonKey, 1, time.Now().Add(24*time.Hour))

	closed := cenotetest.FreeAddress(t)
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	taken := strings.TrimPrefix(other.URL, "http://")

	settings := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), mode))
		must(t, os.Chmod(path, mode))
		return "CENOTE_CONFIG=" + path
	}
	const mail = "mail-from: a@example.com\nsmtp-url: smtp://u:hush@mail.example.com\n"
	openKey := filepath.Join(dir, "open-key.pem")
	dangling := filepath.Join(dir, "link")
	must(t, os.Symlink("/no/volume", dangling))
	copied, err := os.ReadFile(soonKey)
	must(t, err)
	must(t, os.WriteFile(openKey, copied, 0o600))
	must(t, os.Chmod(openKey, 0o644))

	for _, tc := range []struct {
		name, check string
		given       []string
		want        string // what the finding begins with
	}{
		{"a folder that is to be made", "data folder", []string{"data-dir=" + dir + "/new/data"}, "ok: " + dir + "/new/data is created at the first start"},
		{"a link to nothing", "data folder", []string{"data-dir=" + dangling + "/data"}, "fail: --data-dir: " + dangling + "/data cannot be made: " + dangling + " is a link to /no/volume, which does not exist"},
		{"a folder that is a file", "data folder", []string{"data-dir=" + file}, "fail: --data-dir: " + file + " is not a folder"},
		{"a folder that others can enter", "data folder", []string{"data-dir=" + loose}, "warn: " + loose + " can be entered by other users"},
		{"a key file that others can read", "master key", []string{"master-key-file=" + looseKey}, "warn: " + looseKey + " can be read by other users"},
		{"a key file without a key", "master key", []string{"master-key-file=" + file}, "fail: --master-key-file: " + file + ": holds no key"},
		{"no key file yet", "master key", nil, "warn: there is no file "},
		{"no database yet", "database", nil, "ok: "},
		{"a database that does not answer", "database", []string{"database=postgres://u:hush@" + closed + "/x", "CENOTE_MASTER_KEY=" + oneKey}, "fail: --database: "},
		{"a file with a password that all can read", "settings", []string{settings("open.yaml", mail, 0o644)}, "warn: " + dir + "/open.yaml can be read by every user of this machine, and holds passwords (smtp-url)"},
		{"a file with a password that its group can read", "settings", []string{settings("group.yaml", mail, 0o640)}, "ok: all are valid ("},
		{"a file without a password", "settings", []string{settings("plain.yaml", "region: eu-west-1\n", 0o644)}, "ok: all are valid ("},
		{"a password of the environment", "settings", []string{settings("mail.yaml", "mail-from: a@example.com\n", 0o644), "CENOTE_SMTP_URL=smtp://u:hush@mail.example.com"}, "ok: all are valid ("},
		{"a key of a certificate that all can read", "certificate key", []string{"tls-cert=" + soonCert, "tls-key=" + openKey}, "warn: " + openKey + " can be read by every user"},
		{"a certificate that is over", "certificate", []string{"tls-cert=" + cert, "tls-key=" + key}, "fail: --tls-cert: expired on "},
		{"a certificate that is over soon", "certificate", []string{"tls-cert=" + soonCert, "tls-key=" + soonKey}, "warn: expires on "},
		{"a free address", "listen", []string{"listen=" + closed}, "ok: " + closed + " is free"},
		{"an address in use by another program", "listen", []string{"listen=" + taken}, "fail: --listen: " + taken + " is in use by another program"},
		{"a second address in use", "metrics", []string{"listen=" + closed, "metrics-listen=" + taken}, "fail: --metrics-listen: "},
		{"a second address that is free", "metrics", []string{"listen=127.0.0.1:0", "metrics-listen=127.0.0.1:0"}, "ok: 127.0.0.1:0 is free"},
		{"a file of acts in no folder", "audit stream", []string{"audit-stream=" + filepath.Join(dir, "none", "acts")}, "fail: --audit-stream: "},
		{"a file of acts that is a folder", "audit stream", []string{"audit-stream=" + loose}, "fail: --audit-stream: "},
		{"a file of acts", "audit stream", []string{"audit-stream=" + file}, "ok: " + file},
		{"a public address that is not set", "public URL", []string{"listen=0.0.0.0:0"}, "warn: tokens will name http://localhost:0 as their issuer"},
		{"a public address without TLS", "public URL", []string{"public-url=http://auth.example.com"}, "warn: http://auth.example.com is not https"},
		{"a public address", "public URL", []string{"public-url=https://auth.example.com"}, "ok: https://auth.example.com"},
		{"no mail server", "mail", nil, "warn: no mail server is set"},
		{"a mail server that does not answer", "mail", []string{"smtp-url=smtp://u:hush@" + closed, "mail-from=a@example.com"}, "fail: --smtp-url: mail server " + closed},
		{"no gateway", "text messages", nil, "ok: none are sent"},
		{"a gateway that does not answer", "text messages", []string{"sms-url=http://:hush@" + closed}, "fail: --sms-url: "},
		{"a gateway", "text messages", []string{"sms-url=http://:hush@" + taken}, "ok: http://" + taken + " can be reached"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			said := diagnose(t, tc.given...)
			if got := said[tc.check]; !strings.HasPrefix(got, tc.want) || strings.Contains(got, "\n") {
				t.Errorf("%s: got %q, want one line that begins with %q", tc.check, got, tc.want)
			}
			for check, text := range said {
				if strings.Contains(text, "hush") {
					t.Errorf("%s shows a secret: %s", check, text)
				}
			}
		})
	}
}

func TestTheDoctorChangesNothing(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.Start(t), t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	for _, given := range [][]string{
		{"database=" + db, "data-dir=" + dir},
		{"database=" + db, "data-dir=" + dir, "CENOTE_MASTER_KEY=" + oneKey},
		{"data-dir=" + dir, "CENOTE_MASTER_KEY=" + oneKey},
	} {
		said := diagnose(t, given...)
		if got := said["database"]; !strings.HasPrefix(got, "ok: ") {
			t.Errorf("a first start with %v: %s", given, got)
		}
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) > 0 {
		t.Errorf("the doctor has made %v", files)
	}
	// Another key binds the database, which the doctor has left without one.
	d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db, "data-dir="+dir), operate.DataOptions{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	must(t, d.Close())
}

func TestTheDoctorFindsTimesOfAClockThatWasAhead(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{})
	srv.Advance(t, time.Hour)
	_, err := srv.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &srv.PoolID, Username: new("ann@example.com"), MessageAction: "SUPPRESS"})
	must(t, err)
	said := diagnose(t, "data-dir="+srv.DataDir)
	if got := said["clock"]; !strings.HasPrefix(got, "fail: ") || !strings.Contains(got, "of a user") {
		t.Errorf("the clock: %q", got)
	}
}

func TestTheDoctorFindsARunningServerWell(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	must(t, os.Chmod(srv.DataDir, 0o700))
	address := strings.TrimPrefix(srv.URL, "http://")
	said := diagnose(t, "data-dir="+srv.DataDir, "listen="+address, "public-url="+srv.URL)
	for check, want := range map[string]string{
		"settings": "ok: all are valid (no file)", "data folder": "ok: " + srv.DataDir, "master key": "ok: " + srv.DataDir + "/master.key",
		"database": "ok: answers, and the master key fits; user pools: 0", "access keys": "ok: 1", "listen": "ok: a cenote answers on " + address,
		"public URL": "ok: " + srv.URL, "signatures": "ok: by crypto/rsa: this build does not use the system's libcrypto",
	} {
		if check == "signatures" && libcrypto.Linked {
			continue // test/libcrypto
		}
		if got := said[check]; got != want {
			t.Errorf("%s: got %q, want %q", check, got, want)
		}
	}
	wrong := diagnose(t, "data-dir="+srv.DataDir, "CENOTE_MASTER_KEY="+oneKey)
	if got := wrong["database"]; !strings.HasPrefix(got, "fail: CENOTE_MASTER_KEY: the master key does not fit this database") {
		t.Errorf("another master key: %q", got)
	}
}

func TestTheDoctorFindsAServerWithAnotherDatabase(t *testing.T) {
	t.Parallel()
	srv, other := cenotetest.Start(t, cenotetest.Options{Serve: true}), cenotetest.Start(t, cenotetest.Options{Serve: true})
	address := strings.TrimPrefix(other.URL, "http://")
	for name, dir := range map[string]string{"a database of its own": srv.DataDir, "no database yet": t.TempDir()} {
		want := "fail: --listen: " + address + " is in use by a cenote with another database"
		if got := diagnose(t, "data-dir="+dir, "listen="+address)["listen"]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	said := diagnose(t, "data-dir="+srv.DataDir, "listen="+strings.TrimPrefix(srv.URL, "http://"), "public-url="+other.URL)
	if got, want := said["public URL"], "warn: "+other.URL+" leads to a cenote with another database, seen from this machine"; got != want {
		t.Errorf("a public URL of somebody else: got %q, want %q", got, want)
	}
	if got := said["listen"]; !strings.HasPrefix(got, "ok: a cenote answers on ") {
		t.Errorf("its own server: %q", got)
	}
}

// TestARestoredDatabaseIsAnotherOne restores a backup while the server that it is from still runs.
func TestARestoredDatabaseIsAnotherOne(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.db")
	log := operate.DataOptions{Log: slog.New(slog.DiscardHandler), Now: time.Now}
	done := func(float64) {}
	_, err := operate.BackUp(t.Context(), cenotetest.Settings(t, "data-dir="+srv.DataDir), file, false, log, done)
	must(t, err)
	key, err := os.ReadFile(filepath.Join(srv.DataDir, "master.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "master.key"), key, 0o600))
	there := cenotetest.Settings(t, "data-dir="+dir)
	_, err = operate.Restore(t.Context(), there, file, log, done)
	must(t, err)
	must(t, cenotetest.OpenData(t, there).Close())
	address := strings.TrimPrefix(srv.URL, "http://")
	want := "fail: --listen: " + address + " is in use by a cenote with another database"
	if got := diagnose(t, "data-dir="+dir, "listen="+address)["listen"]; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheDoctorLooksForTheCollectorOfTraces(t *testing.T) {
	given := func(endpoint string) []string { return []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + endpoint} }
	check := func(endpoint string) string {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
		return diagnose(t, given(endpoint)...)["traces"]
	}
	collector := httptest.NewServer(http.NotFoundHandler())
	if got := check(collector.URL); got != "ok: the collector can be reached" {
		t.Errorf("got %q", got)
	}
	collector.Close()
	if got := check(collector.URL); !strings.HasPrefix(got, "warn: the collector cannot be reached") {
		t.Errorf("got %q", got)
	}
	if got := check("collector:4318"); got != "fail: OTEL_EXPORTER_OTLP_ENDPOINT: not an http or https URL" {
		t.Errorf("got %q", got)
	}
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
	if got := check(collector.URL); !strings.HasPrefix(got, "fail: OTEL_BSP_MAX_QUEUE_SIZE: ") {
		t.Errorf("got %q", got)
	}
	if got, ok := diagnose(t)["traces"]; ok {
		t.Errorf("without traces it says %q", got)
	}
}
