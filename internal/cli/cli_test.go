package cli_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/cli"
	"github.com/cenote-id/cenote/internal/config"
)

// cenote runs a command line to its end.
func cenote(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaint bytes.Buffer
	code = cli.Run(t.Context(), args, cli.System{Out: &out, Err: &complaint, Env: env})
	return out.String(), complaint.String(), code
}

// ok runs a command that must succeed.
func ok(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := cenote(t, nil, args...)
	if code != 0 {
		t.Fatalf("cenote %s exits with %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout, stderr
}

func TestACommandLineThatMakesNoSenseExitsWithTwo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"no command", nil, "no command given\nRun 'cenote help' for the list of commands.\n"},
		{"an unknown command", []string{"frobnicate"}, "there is no command \"frobnicate\"\nRun 'cenote help' for the list of commands.\n"},
		{"a slip", []string{"serv"}, "there is no command \"serv\"; did you mean \"serve\"?\nRun 'cenote help' for the list of commands.\n"},
		{"half a command", []string{"key"}, "missing subcommand: use \"cenote key create\", \"list\", \"delete\", \"rotate-master\" or \"rotate-identity\"\nRun 'cenote help key' for its subcommands.\n"},
		{"a slip in the second word", []string{"key", "lsit"}, "there is no command \"key lsit\"; did you mean \"key list\"?\nRun 'cenote help key' for its subcommands.\n"},
		{"help about nothing", []string{"help", "nothing"}, "there is no command \"nothing\"\nRun 'cenote help' for the list of commands.\n"},
		{"an unknown flag", []string{"serve", "--lisen", ":1"}, "unknown flag --lisen; did you mean --listen?\nRun 'cenote help serve' for its flags.\n"},
		{"a flag like no other", []string{"serve", "--frobnicate"}, "unknown flag --frobnicate\nRun 'cenote help serve' for its flags.\n"},
		{"a flag without its value", []string{"serve", "--listen"}, "--listen needs a value\nRun 'cenote help serve' for its flags.\n"},
		{"a secret as a flag", []string{"serve", "--master-key", "x"}, "--master-key is not a flag, because command lines are visible to others: set CENOTE_MASTER_KEY in the environment\nRun 'cenote help serve' for its flags.\n"},
		{"a setting that the command does not obey", []string{"key", "list", "--listen", ":1"}, "unknown flag --listen\nRun 'cenote help key list' for its flags.\n"},
		{"a switch that is neither", []string{"serve", "--rate-limits=maybe"}, "--rate-limits: \"maybe\" is neither true nor false\nRun 'cenote help serve' for its flags.\n"},
		{"an argument too many", []string{"version", "please"}, "version takes no arguments, not 1: \"please\" is too many\nUsage: cenote version\n"},
		{"an argument beyond an optional one", []string{"user", "sign-in", "ann", "bob"}, "user sign-in takes at most 1 argument, not 2: \"bob\" is too many\nUsage: cenote user sign-in [USERNAME]\n"},
		{"an argument that is missing", []string{"key", "delete"}, "key delete takes 1 argument, not 0\nUsage: cenote key delete ID\n"},
		{"a key without a name", []string{"key", "create"}, "key create needs --name\nRun 'cenote help key create' for its flags.\n"},
		{"a shell nobody knows", []string{"completion", "tcsh"}, "there is no completion for \"tcsh\"\nUsage: cenote completion bash|zsh|fish\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := cenote(t, nil, tc.args...)
			if code != 2 || stdout != "" {
				t.Errorf("exit code %d, printed %q", code, stdout)
			}
			if diff := cmp.Diff("cenote: error: "+tc.want, stderr); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWrongSettingExitsWithOneAndOneLine(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"serve", "dev"} {
		_, stderr, code := cenote(t, []string{"CENOTE_REGION=mars"}, command)
		if want := "cenote: error: CENOTE_REGION: \"mars\" is not a region like us-east-1; clients read it out of pool ids\n"; code != 1 || stderr != want {
			t.Errorf("%s exits with %d: %q, want %q", command, code, stderr, want)
		}
	}
	stdout, stderr, code := cenote(t, []string{"CENOTE_REGION=mars"}, "doctor")
	if code != 1 || stderr != "" || !strings.HasPrefix(stdout, "fail  settings       CENOTE_REGION: ") {
		t.Errorf("doctor exits with %d: %q %q", code, stdout, stderr)
	}
}

func TestHelpNamesEveryCommandAndItsSettings(t *testing.T) {
	t.Parallel()
	list, _ := ok(t, "help")
	for _, name := range []string{"serve", "dev", "migrate", "doctor", "key create", "key list", "key delete ID", "key rotate-master", "pool list", "pool rotate-keys POOL", "pool rotate-data-key POOL", "version"} {
		if !strings.Contains(list, "cenote "+name+" ") {
			t.Errorf("the list lacks %s", name)
		}
	}
	serve, _ := ok(t, "serve", "--help")
	if again, _ := ok(t, "help", "serve"); again != serve {
		t.Error("help serve and serve --help differ")
	}
	for _, s := range config.Settings() {
		if !strings.Contains(serve, s.Env) {
			t.Errorf("the help of serve lacks %s", s.Env)
		}
	}
	if create, _ := ok(t, "help", "key", "create"); !strings.Contains(create, "--allow") || strings.Contains(create, "--listen") {
		t.Errorf("the help of key create is:\n%s", create)
	}
}

func TestCommandsDoNotMakeADatabaseByTheWay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "elsewhere")
	for _, args := range [][]string{{"key", "list"}, {"key", "create", "--name", "a"}, {"key", "delete", "X"}, {"pool", "list"}, {"pool", "rotate-keys", "X"}, {"key", "rotate-master"}} {
		_, stderr, code := cenote(t, nil, append(args, "--data-dir", dir)...)
		if want := "cenote: error: --data-dir: there is no database yet at " + dir + "/cenote.db\n"; code != 1 || !strings.HasSuffix(stderr, want) {
			t.Errorf("%v exits with %d: %q", args, code, stderr)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
}

// TestCommandsDoNotMakeTheTablesByTheWay is the same for PostgreSQL, whose database somebody else has made.
func TestCommandsDoNotMakeTheTablesByTheWay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "elsewhere")
	settings := []string{"--data-dir", dir, "--database", pgtest.Start(t)}
	for _, args := range [][]string{{"key", "list"}, {"key", "create", "--name", "a"}, {"pool", "list"}, {"key", "rotate-identity"}} {
		_, stderr, code := cenote(t, nil, append(args, settings...)...)
		if want := "cenote: error: --database: there is no database yet: this one is empty\n"; code != 1 || !strings.HasSuffix(stderr, want) {
			t.Errorf("%v exits with %d: %q", args, code, stderr)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a master key was made")
	}
	ok(t, append([]string{"migrate"}, settings...)...)
	if list, _ := ok(t, append([]string{"key", "list"}, settings...)...); !strings.HasPrefix(list, "ID ") {
		t.Errorf("the keys are %q", list)
	}
}

var keyLines = regexp.MustCompile(`^AWS_ACCESS_KEY_ID=(CENO[A-Z2-7]{16})\nAWS_SECRET_ACCESS_KEY=([A-Z2-7]{40})\n$`)

func TestKeysAreMadeListedAndDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, "migrate", "--data-dir", dir)
	made, said := ok(t, "key", "create", "--data-dir", dir, "--name", "ci", "--allow", "Admin*,ListUsers", "--allow", "SignUp", "--pool", "eu-*")
	parts := keyLines.FindStringSubmatch(made)
	if parts == nil {
		t.Fatalf("printed %q", made)
	}
	if said != "The secret is not shown again.\n" {
		t.Errorf("said %q", said)
	}
	id, secret := parts[1], parts[2]
	all, _ := ok(t, "key", "create", "--name", "other", "--account", "222222222222", "--data-dir", dir)
	other := keyLines.FindStringSubmatch(all)[1]

	list, _ := ok(t, "key", "list", "--data-dir", dir)
	if strings.Contains(list, secret) {
		t.Error("the list shows a secret")
	}
	rows := strings.Split(strings.TrimSpace(list), "\n")
	slices.Sort(rows[1:])
	want := [][]string{
		{"ID", "NAME", "ACCOUNT", "CREATED", "OPERATIONS", "POOLS"},
		{id, "ci", "000000000000", "", "Admin*,ListUsers,SignUp", "eu-*"},
		{other, "other", "222222222222", "", "all", "all"},
	}
	slices.SortFunc(want[1:], func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	var got [][]string
	for i, row := range rows {
		fields := strings.Fields(row)
		if i > 0 {
			if at, err := time.Parse(time.RFC3339, fields[3]); err != nil || time.Since(at) > time.Minute {
				t.Errorf("created %s", fields[3])
			}
			fields[3] = ""
		}
		got = append(got, fields)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}

	if printed, _ := ok(t, "key", "delete", id, "--data-dir", dir); printed != "" {
		t.Errorf("delete prints %q", printed)
	}
	_, stderr, code := cenote(t, nil, "key", "delete", "--data-dir", dir, id)
	if code != 1 || stderr != "cenote: error: there is no access key "+id+"\n" {
		t.Errorf("a second delete exits with %d: %q", code, stderr)
	}
	_, stderr, code = cenote(t, nil, "key", "create", "--name", "x", "--allow", "AdminGetUsr", "--data-dir", dir)
	if code != 1 || stderr != "cenote: error: no operation is called \"AdminGetUsr\"\n" {
		t.Errorf("a slip exits with %d: %q", code, stderr)
	}
}

func TestVersionNamesTheProgram(t *testing.T) {
	t.Parallel()
	out, _ := ok(t, "version")
	if flag, _ := ok(t, "--version"); flag != out {
		t.Errorf("--version prints %q", flag)
	}
	if !regexp.MustCompile(`^cenote \S+ go1\.\S+ \S+/\S+\n$`).MatchString(out) {
		t.Errorf("printed %q", out)
	}
}

// background runs a command that serves, and returns its output when it prints something, its log, and a function that stops it.
func background(t *testing.T, args ...string) (out, log *cenotetest.Output, stop func() int) {
	t.Helper()
	out = &cenotetest.Output{}
	log, stop = backgroundIn(t, cli.System{Out: out}, args...)
	return out, log, stop
}

// backgroundIn is background with an environment and an output of one's own.
func backgroundIn(t *testing.T, system cli.System, args ...string) (log *cenotetest.Output, stop func() int) {
	t.Helper()
	return until(t, "serving", system, append(args, "--listen", "127.0.0.1:0")...)
}

// until starts a command, waits until its log has a text, and returns the log and a function that stops the command.
func until(t *testing.T, text string, system cli.System, args ...string) (log *cenotetest.Output, stop func() int) {
	t.Helper()
	log = &cenotetest.Output{}
	system.Err = log
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	code := make(chan int, 1)
	go func() { code <- cli.Run(ctx, args, system) }()
	stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { stop() })
	for end := time.Now().Add(time.Minute); !strings.Contains(log.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("cenote does not say %q: %s", text, log)
		}
	}
	return log, stop
}

// A server that is stopped while it starts ends as well as one that is stopped later; supervisors would call it failed otherwise.
func TestAServerStoppedDuringItsStartExitsWithZero(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	background(t, "serve", "--data-dir", dir)
	unreachable := []string{"--database", "postgres://127.0.0.1:1/cenote", "--data-dir", t.TempDir()}
	for _, tc := range []struct {
		name, waits string
		args        []string
		code        int
	}{
		{"waiting for PostgreSQL", "waiting for it", append([]string{"serve", "--listen", "127.0.0.1:0"}, unreachable...), 0},
		{"waiting for another server", "waiting for it to end", []string{"serve", "--listen", "127.0.0.1:0", "--data-dir", dir}, 0},
		{"a command that is no server", "waiting for it", append([]string{"migrate"}, unreachable...), 130},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log, stop := until(t, tc.waits, cli.System{Out: io.Discard}, tc.args...)
			if code := stop(); code != tc.code || strings.Contains(log.String(), "stopped during the start") != (code == 0) {
				t.Errorf("exits with %d, want %d:\n%s", code, tc.code, log)
			}
		})
	}
}

func TestServeShowsTheFirstKeyOnceAndNotInItsLog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, log, stop := background(t, "serve", "--data-dir", dir, "--log-level", "debug")
	if code := stop(); code != 0 {
		t.Errorf("exit code %d: %s", code, log)
	}
	parts := keyLines.FindStringSubmatch(out.String())
	if parts == nil {
		t.Fatalf("printed %q", out)
	}
	if strings.Contains(log.String(), parts[2]) {
		t.Error("the secret is in the log")
	}
	if !strings.Contains(log.String(), `"msg":"no mail server is set`) {
		t.Errorf("the log does not tell that mail is missing: %s", log)
	}
	if again, _, stop := background(t, "serve", "--data-dir", dir); stop() != 0 || again.String() != "" {
		t.Errorf("the second start prints %q", again)
	}
}

func TestDevPrintsWhatToPaste(t *testing.T) {
	t.Parallel()
	out, log, stop := background(t, "dev", "--data-dir", t.TempDir(), "--log-format", "text")
	sheet := out.String()
	for _, form := range []string{
		`cenote dev is at http://127\.0\.0\.1:\d+\n`, `User pool id   us-east-1_\w{9}\n`, `Client id      [a-z0-9]{26}\n`,
		`userPoolEndpoint: "http://`, `endpoint: "http://`, `BaseEndpoint: aws\.String\("http://`, `endpoint_url="http://`, `aws --endpoint-url http://`,
	} {
		if !regexp.MustCompile(form).MatchString(sheet) {
			t.Errorf("the sheet lacks %s:\n%s", form, sheet)
		}
	}
	inbox := regexp.MustCompile(`http://\S+/_cenote/inbox`).FindString(sheet)
	res, err := http.Get(inbox)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if page, err := io.ReadAll(res.Body); err != nil || res.StatusCode != http.StatusOK || !strings.Contains(string(page), "<title>") {
		t.Errorf("the inbox answers %s %v", res.Status, err)
	}
	url := strings.TrimSuffix(inbox, "/_cenote/inbox")
	res, err = http.Post(url, "application/x-amz-json-1.1", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if !regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d info  request  operation=Unknown code=UnknownOperationException `).MatchString(log.String()) {
		t.Errorf("the call is not in the log:\n%s", log)
	}
	if code := stop(); code != 0 || !strings.Contains(log.String(), " info  stopping") {
		t.Errorf("exit code %d, log:\n%s", code, log)
	}
}

func TestPoolsAreListedAndTheirKeysRotated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, _, stop := background(t, "dev", "--data-dir", dir)
	stop()
	list, _ := ok(t, "pool", "list", "--data-dir", dir)
	row := regexp.MustCompile(`(?m)^(us-east-1_\w{9})   dev    \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`).FindStringSubmatch(list)
	if row == nil {
		t.Fatalf("the list is %q", list)
	}
	_, said := ok(t, "pool", "rotate-keys", row[1], "--data-dir", dir)
	if !strings.HasPrefix(said, "New tokens are signed with the new keys. The previous keys verify until ") {
		t.Errorf("said %q", said)
	}
	_, stderr, code := cenote(t, nil, "pool", "rotate-keys", "us-east-1_AAAAAAAAA", "--data-dir", dir)
	if code != 1 || stderr != "cenote: error: User pool us-east-1_AAAAAAAAA does not exist.\n" {
		t.Errorf("an unknown pool exits with %d: %q", code, stderr)
	}
}

// TestCommandsTakeRelativePaths uses the data folder as it is by default, below the working directory.
func TestCommandsTakeRelativePaths(t *testing.T) {
	t.Chdir(t.TempDir())
	ok(t, "migrate", "--data-dir", "data")
	ok(t, "backup", "--data-dir", "data", "--to", "backup.db")
	ok(t, "backup", "--data-dir", "data", "--to", "backup.db", "--force")
	must(t, os.Mkdir("restored", 0o700))
	key, err := os.ReadFile("data/master.key")
	must(t, err)
	must(t, os.WriteFile("restored/master.key", key, 0o600))
	ok(t, "restore", "--data-dir", "restored", "--from", "backup.db")
	ok(t, "key", "list", "--data-dir", "restored")
	must(t, os.WriteFile("passphrase", []byte("correct horse battery staple\n"), 0o600))
	ok(t, "export", "--all", "--data-dir", "data", "--to", "pools.age", "--passphrase-file", "passphrase")
	ok(t, "import", "--data-dir", "restored", "--from", "pools.age", "--passphrase-file", "passphrase")
	here, err := os.Getwd()
	must(t, err)
	for _, data := range []string{"data", "restored"} { // whoever reads the audit log is elsewhere
		if acts, _ := ok(t, "audit", "--json", "--data-dir", data); strings.Contains(acts, `:"backup.db"`) || strings.Contains(acts, `:"pools.age"`) || !strings.Contains(acts, here) {
			t.Errorf("the audit log of %s has\n%s", data, acts)
		}
	}
}
