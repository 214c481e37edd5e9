package audit_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"
	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/store"
)

func TestWhatOperatorsDoAtTheCommandLineIsRecorded(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		pool := s.pool(t)
		id, _ := keyOf(t, s.ok(t, "key", "create", "--name", "ci"))
		s.ok(t, "key", "delete", id)
		_, _, code := s.run(t, "key", "delete", id)
		if code != 1 {
			t.Errorf("deleting no key exits with %d", code)
		}
		s.ok(t, "pool", "rotate-keys", pool)
		s.ok(t, "key", "rotate-master")
		if _, _, code = s.run(t, "key", "rotate-identity"); code != 1 { // no token has made a key
			t.Errorf("replacing no key exits with %d", code)
		}
		passphrase := filepath.Join(t.TempDir(), "passphrase")
		must(t, os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600))
		archive := filepath.Join(t.TempDir(), "people.age")
		s.ok(t, "export", "--pool", pool, "--to", archive, "--passphrase-file", passphrase)
		_, _, code = s.run(t, "import", "--from", archive, "--passphrase-file", passphrase) // the pool exists
		if code != 1 {
			t.Errorf("an import of what exists exits with %d", code)
		}
		_, err := s.api.DeleteUserPool(t.Context(), &idp.DeleteUserPoolInput{UserPoolId: &pool})
		must(t, err)

		acts, text := s.acts(t)
		var got []string
		for _, a := range acts {
			if strings.HasPrefix(a.Actor, "cli:") {
				got = append(got, a.Operation+" "+a.Outcome)
				if a.Source == "" || len(a.Actor) < len("cli:x") {
					t.Errorf("%s is by %q from %q", a.Operation, a.Actor, a.Source)
				}
			}
		}
		want := "root key OK, key create OK, key delete OK, key delete ResourceNotFoundException, pool rotate-keys OK, key rotate-master OK, key rotate-identity ResourceNotFoundException, export OK, import ResourceConflictException"
		if strings.Join(got, ", ") != want {
			t.Errorf("recorded %s\nwant %s\n%s", strings.Join(got, ", "), want, text)
		}
		if created := acts[2]; created.Parameters["AccessKeyId"] != id || created.Parameters["Name"] != "ci" {
			t.Errorf("the new key is %+v", created)
		}
	})
}

// TestARefusedCommandIsRecordedAsWhatItIs wants the exception that the API would answer, since "InternalErrorException" is what an operator looks into.
func TestARefusedCommandIsRecordedAsWhatItIs(t *testing.T) {
	t.Parallel()
	s := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true})}
	s.api = s.SDK()
	pool, folder := s.pool(t), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	right, wrong := file("right", "correct horse battery staple\n"), file("wrong", "incorrect horse battery staple\n")
	archive := filepath.Join(folder, "people.age")
	s.ok(t, "export", "--pool", pool, "--to", archive, "--passphrase-file", right)
	whole, err := os.ReadFile(archive)
	must(t, err)
	cut := file("cut.age", string(whole[:len(whole)-20]))

	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"a key for the pool of another account", "InvalidParameterException", []string{"key", "create", "--name", "ci", "--account", "111111111111", "--pool", pool}},
		{"a key for a pool that does not exist", "ResourceNotFoundException", []string{"key", "create", "--name", "ci", "--pool", "us-east-1_000000000"}},
		{"new signing keys of a pool that does not exist", "ResourceNotFoundException", []string{"pool", "rotate-keys", "us-east-1_000000000"}},
		{"a new data key of a pool that does not exist", "ResourceNotFoundException", []string{"pool", "rotate-data-key", "us-east-1_000000000"}},
		{"an export of a pool that does not exist", "ResourceNotFoundException", []string{"export", "--pool", "us-east-1_000000000", "--to", filepath.Join(folder, "none.age"), "--passphrase-file", right}},
		{"an export over another", "ResourceConflictException", []string{"export", "--pool", pool, "--to", archive, "--passphrase-file", right}},
		{"an export to a folder that does not exist", "ResourceNotFoundException", []string{"export", "--pool", pool, "--to", filepath.Join(folder, "no", "people.age"), "--passphrase-file", right}},
		{"an export to a folder", "InvalidParameterException", []string{"export", "--pool", pool, "--to", folder, "--force", "--passphrase-file", right}},
		{"a backup over the database", "InvalidParameterException", []string{"backup", "--to", filepath.Join(s.DataDir, "cenote.db"), "--force"}},
		{"a backup to a folder that does not exist", "ResourceNotFoundException", []string{"backup", "--to", filepath.Join(folder, "no", "backup.db")}},
		{"an import with another passphrase", "AccessDeniedException", []string{"import", "--from", archive, "--passphrase-file", wrong}},
		{"an import of something else", "InvalidParameterException", []string{"import", "--from", right, "--passphrase-file", right}},
		{"an import of an archive that was cut", "InvalidParameterException", []string{"import", "--from", cut, "--passphrase-file", right}},
	} {
		_, stderr, code := s.run(t, c.args...)
		if code != 1 || strings.Contains(stderr, c.want) {
			t.Errorf("%s exits with %d, and says %q", c.name, code, stderr)
		}
		if c.want == "ResourceNotFoundException" && slices.Contains(c.args, "--to") && !strings.Contains(stderr, "there is no folder "+filepath.Join(folder, "no")) && !strings.Contains(stderr, "us-east-1_000000000") {
			t.Errorf("%s does not say what is missing: %q", c.name, stderr)
		}
		acts, text := s.acts(t)
		if got := acts[len(acts)-1]; got.Operation != strings.Join(commandOf(c.args), " ") || got.Outcome != c.want {
			t.Errorf("%s is recorded as\n%s\nwant %s", c.name, strings.SplitAfterN(text, "\n", 2)[0], c.want)
		}
	}
}

// commandOf returns the words of a command line that name the command.
func commandOf(args []string) (words []string) {
	for i, arg := range args {
		if i == 2 || strings.HasPrefix(arg, "-") {
			break
		}
		words = append(words, arg)
	}
	return words
}

func TestAnImportIsRecordedWhereItArrives(t *testing.T) {
	t.Parallel()
	onBoth(t, nil, func(t *testing.T, s *site) {
		pool := s.pool(t)
		passphrase := filepath.Join(t.TempDir(), "passphrase")
		must(t, os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600))
		archive := filepath.Join(t.TempDir(), "people.age")
		s.ok(t, "export", "--pool", pool, "--to", archive, "--passphrase-file", passphrase)
		there := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true})}
		there.ok(t, "import", "--from", archive, "--passphrase-file", passphrase)
		acts, text := there.acts(t, "--operation", "import")
		if len(acts) != 1 || acts[0].Pool != pool || acts[0].Outcome != "OK" || acts[0].Parameters["File"] != archive {
			t.Errorf("the log is\n%s", text)
		}
	})
}

func TestABackupIsRecorded(t *testing.T) {
	t.Parallel()
	s := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true})}
	to := filepath.Join(t.TempDir(), "backup.db")
	s.ok(t, "backup", "--to", to)
	if _, stderr, code := s.run(t, "backup", "--to", to); code != 1 || !strings.Contains(stderr, "exists; --force replaces it") {
		t.Errorf("a backup over another exits with %d: %s", code, stderr)
	}
	acts, text := s.acts(t, "--operation", "backup")
	if len(acts) != 2 || acts[0].Outcome != "OK" || acts[1].Outcome != "ResourceConflictException" || acts[0].Parameters["File"] != to || !strings.HasPrefix(acts[0].Actor, "cli:") {
		t.Errorf("the log is\n%s", text)
	}
}

// TestABackupIsMadeOfADatabaseThatTakesNoRecord holds the lock that a record needs.
func TestABackupIsMadeOfADatabaseThatTakesNoRecord(t *testing.T) {
	t.Parallel()
	s := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true})}
	other, err := sql.Open("sqlite", filepath.Join(s.DataDir, "cenote.db"))
	must(t, err)
	defer other.Close()
	conn, err := other.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(t.Context(), "begin immediate")
	must(t, err)
	to := filepath.Join(t.TempDir(), "backup.db")
	_, stderr, code := s.run(t, "backup", "--to", to)
	if code != 0 || !strings.Contains(stderr, "cenote: warning: the backup is not in the audit log: ") {
		t.Errorf("the backup exits with %d: %s", code, stderr)
	}
	must(t, store.CheckBackup(t.Context(), to))
}

// TestARestoreIsRecordedWhenTheDatabaseIsOpened restores without the master key, which makes it impossible to write at once.
func TestARestoreIsRecordedWhenTheDatabaseIsOpened(t *testing.T) {
	t.Parallel()
	s := &site{Server: cenotetest.Start(t, cenotetest.Options{Serve: true})}
	s.api = s.SDK()
	s.pool(t)
	copied := filepath.Join(t.TempDir(), "backup.db")
	s.ok(t, "backup", "--to", copied)
	there := &site{Server: &cenotetest.Server{DataDir: t.TempDir()}}
	there.ok(t, "restore", "--from", copied)
	key, err := os.ReadFile(filepath.Join(s.DataDir, "master.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(there.DataDir, "master.key"), key, 0o600))
	for range 2 { // it is recorded once
		acts, text := there.acts(t, "--operation", "restore")
		if len(acts) != 1 || !strings.HasPrefix(acts[0].Actor, "cli:") || acts[0].Parameters["From"] != copied || acts[0].Outcome != "OK" {
			t.Errorf("the log is\n%s", text)
		}
	}
}

// keyOf reads the key that key create prints.
func keyOf(t *testing.T, printed string) (id, secret string) {
	t.Helper()
	for row := range strings.Lines(printed) {
		row = strings.TrimPrefix(strings.TrimSpace(row), "export ")
		if v, ok := strings.CutPrefix(row, "AWS_ACCESS_KEY_ID="); ok {
			id = v
		}
		if v, ok := strings.CutPrefix(row, "AWS_SECRET_ACCESS_KEY="); ok {
			secret = v
		}
	}
	if id == "" || secret == "" {
		t.Fatalf("no key in %q", printed)
	}
	return id, secret
}

func dial(s *site, id, secret string) *idp.Client { return cenotetest.Dial(s.URL, id, secret) }

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	if got := cenotetest.CodeOf(t, err); got != want {
		t.Errorf("answered %q, want %s", got, want)
	}
}

func (s *site) streamed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.stream)
	must(t, err)
	return string(text)
}

// identityPool makes an identity pool and renames it.
func (s *site) identityPool(t *testing.T) string {
	t.Helper()
	api := cognitoidentity.New(cognitoidentity.Options{Region: "us-east-1", BaseEndpoint: &s.URL, Credentials: aws.CredentialsProviderFunc(s.credentials)})
	made, err := api.CreateIdentityPool(t.Context(), &cognitoidentity.CreateIdentityPoolInput{IdentityPoolName: aws.String("people")})
	must(t, err)
	_, err = api.UpdateIdentityPool(t.Context(), &cognitoidentity.UpdateIdentityPoolInput{IdentityPoolId: made.IdentityPoolId, IdentityPoolName: aws.String("persons")})
	must(t, err)
	return *made.IdentityPoolId
}
