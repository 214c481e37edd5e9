package reliability_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// backups are the ways in which a database is backed up while a server works on it, and restored.
var backups = map[string]func(t *testing.T) backup{
	"cenote backup":               embeddedBackup,
	"PostgreSQL, a point in time": pointInTime,
	"Litestream":                  litestream,
}

// backup is one way. Its server runs.
type backup struct {
	server *cenotetest.Process
	take   func(t *testing.T)                     // what is acknowledged before it, the backup holds; it may be called under load
	back   func(t *testing.T) *cenotetest.Process // a server with what the backup holds; the other one may run on
}

// TestARestoreHasEverythingAcknowledgedBeforeTheBackup compares a server that was restored with the ledger of its clients, and asserts what
// docs/operators.md says of what was done afterwards.
func TestARestoreHasEverythingAcknowledgedBeforeTheBackup(t *testing.T) {
	t.Parallel()
	for name, prepare := range backups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := prepare(t)
			api := b.server.SDK()
			d := newDirectory(t, api)
			before := writeLedger(t, api, d, 0, nil)
			l := newLater(t, api, d)

			writeLedger(t, api, d, 1, func() { b.take(t) }) // others go on meanwhile
			l.happens(t, api, d)
			restored := b.back(t).SDK()
			for _, e := range before {
				e.check(t, restored, d)
			}
			l.check(t, restored, d)
		})
	}
}

// writeLedger has clients work until enough is acknowledged and, if there is something to do meanwhile, until that is done.
func writeLedger(t *testing.T, api *idp, d directory, round int, meanwhile func()) (made []*entry) {
	t.Helper()
	const writers, enough = 4, 60
	var acks, underWay atomic.Int64
	var done sync.WaitGroup
	ledgers := make([]*ledger, writers)
	underWay.Store(1)
	for w := range writers {
		l := &ledger{t: t, api: api, d: d, round: round, acks: &acks}
		ledgers[w] = l
		done.Go(func() {
			for i := 0; acks.Load() < enough || underWay.Load() > 0; i++ {
				if !l.user(w, i) {
					t.Errorf("a writer was refused")
					return
				}
			}
		})
	}
	for acks.Load() < enough/2 && !t.Failed() {
		time.Sleep(time.Millisecond)
	}
	if meanwhile != nil {
		meanwhile()
	}
	underWay.Store(0)
	done.Wait()
	for _, l := range ledgers {
		made = append(made, l.entries...)
	}
	return made
}

// later is what happens to users after the backup.
type later struct {
	revoked, signedOut string // refresh tokens of before
	access             string // an access token of before
	issued, newcomer   string // refresh tokens of after it: of a user who was there, and of one who was not
}

func newLater(t *testing.T, api *idp, d directory) (l later) {
	t.Helper()
	for _, name := range []string{"revoked", "signed-out", "changed", "locked", "deleted", "disabled"} {
		d.newUser(t, api, name)
	}
	got, err := d.signIn(t, api, "revoked", password)
	must(t, err)
	l.revoked = *got.RefreshToken
	got, err = d.signIn(t, api, "signed-out", password)
	must(t, err)
	l.signedOut, l.access = *got.RefreshToken, *got.AccessToken
	return l
}

func (l *later) happens(t *testing.T, api *idp, d directory) {
	t.Helper()
	_, err := api.RevokeToken(t.Context(), &cognitoidentityprovider.RevokeTokenInput{ClientId: &d.client, Token: &l.revoked})
	must(t, err)
	_, err = api.GlobalSignOut(t.Context(), &cognitoidentityprovider.GlobalSignOutInput{AccessToken: &l.access})
	must(t, err)
	d.setPassword(t, api, "changed", newPassword, true)
	for guess := 1; ; guess++ { // the first locks are short: a busy machine may find one over
		_, err := d.signIn(t, api, "locked", "Wr0ng-guess!")
		if guess > 6 && strings.HasPrefix(told(err), "Password attempts exceeded") {
			break
		}
		if wantTold(t, "a guess", err, "Incorrect username or password."); guess == 20 {
			t.Fatal("twenty guesses lock nobody out")
		}
	}
	_, err = api.AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &d.pool, Username: new("deleted")})
	must(t, err)
	_, err = api.AdminDisableUser(t.Context(), &cognitoidentityprovider.AdminDisableUserInput{UserPoolId: &d.pool, Username: new("disabled")})
	must(t, err)
	d.newUser(t, api, "newcomer")
	for name, token := range map[string]*string{"newcomer": &l.newcomer, "revoked": &l.issued} {
		got, err := d.signIn(t, api, name, password)
		must(t, err)
		*token = *got.RefreshToken
	}
}

// check asserts that all of it is undone.
func (l *later) check(t *testing.T, api *idp, d directory) {
	t.Helper()
	wantTold(t, "a token that was revoked later", d.refresh(t, api, l.revoked), "")
	wantTold(t, "the refresh token of somebody who signed out later", d.refresh(t, api, l.signedOut), "")
	wantTold(t, "a token that was issued later", d.refresh(t, api, l.issued), "")
	if told := told(d.refresh(t, api, l.newcomer)); told == "" {
		t.Error("a token of a user who came later is taken")
	}
	_, err := api.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: &l.access})
	wantTold(t, "the access token of somebody who signed out later", err, "")
	for _, name := range []string{"changed", "locked", "deleted", "disabled"} {
		_, err := d.signIn(t, api, name, password)
		wantTold(t, name, err, "")
	}
	_, err = api.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &d.pool, Username: new("newcomer")})
	wantTold(t, "a user who came later", err, "User does not exist.")
	// What the page tells to do about it: nobody's earlier tokens are good any more.
	_, err = api.AdminUserGlobalSignOut(t.Context(), &cognitoidentityprovider.AdminUserGlobalSignOutInput{UserPoolId: &d.pool, Username: new("revoked")})
	must(t, err)
	wantTold(t, "a token after signing everybody out", d.refresh(t, api, l.revoked), "Refresh Token has been revoked")
	_, err = api.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{UserPoolId: &d.pool, Username: new("changed"), Password: new(newPassword), Permanent: true})
	must(t, err)
	_, err = d.initiate(t, api, types.AuthFlowTypeUserPasswordAuth, map[string]string{"USERNAME": "changed", "PASSWORD": newPassword})
	wantTold(t, "a password that is set again", err, "")
}

// issuer is one that does not hang on a server's address: it stays the same for the server that is restored elsewhere.
var issuer = []string{"--aws-issuer"}

func embeddedBackup(t *testing.T) backup {
	t.Helper()
	server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Args: issuer})
	file := filepath.Join(t.TempDir(), "backup")
	return backup{
		server: server,
		take: func(t *testing.T) {
			t.Helper()
			runCenote(t, "backup", "--data-dir", server.DataDir, "--to", file)
		},
		back: func(t *testing.T) *cenotetest.Process {
			t.Helper()
			data := folderWithKey(t, server)
			runCenote(t, "restore", "--from", file, "--data-dir", data)
			return cenotetest.StartBinary(t, cenotetest.BinaryOptions{DataDir: data, Args: issuer})
		},
	}
}

func pointInTime(t *testing.T) backup {
	t.Helper()
	archive := pgtest.StartArchived(t)
	server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Database: archive.Database(t, "cenote"), Args: issuer})
	archive.Back(t) // long before: all that follows comes from the log
	return backup{
		server: server,
		take:   func(t *testing.T) { t.Helper(); archive.Point(t, "good") },
		back: func(t *testing.T) *cenotetest.Process {
			t.Helper()
			database := pgtest.On(t, archive.Recover(t, "good"), "cenote")
			return cenotetest.StartBinary(t, cenotetest.BinaryOptions{Database: database, DataDir: folderWithKey(t, server), Args: issuer})
		},
	}
}

// litestream copies continuously; the backup is what it has when it is stopped, which it uses to copy the rest.
func litestream(t *testing.T) backup {
	t.Helper()
	program, err := filepath.Abs("../../.bin/litestream")
	must(t, err)
	if _, err := os.Stat(program); err != nil {
		t.Skip("litestream is not built: make .bin/litestream")
	}
	server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Args: issuer})
	dir := t.TempDir()
	config := filepath.Join(dir, "litestream.yml")
	must(t, os.WriteFile(config, []byte("dbs:\n  - path: "+filepath.Join(server.DataDir, "cenote.db")+"\n    replica:\n      type: file\n      path: "+filepath.Join(dir, "replica")+"\n"), 0o600))
	replicate := exec.CommandContext(t.Context(), program, "replicate", "-config", config)
	var said strings.Builder
	replicate.Stdout, replicate.Stderr = &said, &said
	must(t, replicate.Start())
	awaitFile(t, filepath.Join(dir, "replica")) // a Litestream that is stopped before its first copy has none
	return backup{
		server: server,
		take: func(t *testing.T) {
			t.Helper()
			must(t, replicate.Process.Signal(syscall.SIGTERM))
			if err := replicate.Wait(); err != nil {
				t.Fatalf("litestream replicate: %v\n%s", err, said.String())
			}
		},
		back: func(t *testing.T) *cenotetest.Process {
			t.Helper()
			data := folderWithKey(t, server)
			out, err := exec.CommandContext(t.Context(), program, "restore", "-config", config, "-o", filepath.Join(data, "cenote.db"), filepath.Join(server.DataDir, "cenote.db")).CombinedOutput()
			if err != nil {
				t.Fatalf("litestream restore: %v\n%s\n%s", err, out, said.String())
			}
			return cenotetest.StartBinary(t, cenotetest.BinaryOptions{DataDir: data, Args: issuer})
		},
	}
}

// awaitFile waits until there is a file below a folder.
func awaitFile(t *testing.T, folder string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		found := false
		_ = filepath.WalkDir(folder, func(_ string, e fs.DirEntry, err error) error { // what is not there yet
			found = found || err == nil && e.Type().IsRegular()
			return nil
		})
		if found {
			return
		}
	}
	t.Fatalf("there is no file in %s", folder)
}

// folderWithKey makes a data folder with the master key alone.
func folderWithKey(t *testing.T, server *cenotetest.Process) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	must(t, os.Mkdir(data, 0o700))
	key, err := os.ReadFile(filepath.Join(server.DataDir, "master.key"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(data, "master.key"), key, 0o600))
	return data
}

func runCenote(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cenotetest.Binary(t), args...)
	cmd.Dir = t.TempDir()
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cenote %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}
