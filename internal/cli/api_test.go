package cli_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/cenotetest"
	"github.com/cenote-id/cenote/internal/cli"
)

// office is an operator at a terminal.
type office struct{ env []string }

// run runs a command with lines of input.
func (o office) run(t *testing.T, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaint bytes.Buffer
	code = cli.Run(t.Context(), args, cli.System{In: strings.NewReader(input), Out: &out, Err: &complaint, Env: o.env})
	return out.String(), complaint.String(), code
}

// ok runs a command that must succeed and returns what it prints.
func (o office) ok(t *testing.T, input string, args ...string) string {
	t.Helper()
	stdout, stderr, code := o.run(t, input, args...)
	if code != 0 {
		t.Fatalf("cenote %v exits with %d: %s", args, code, stderr)
	}
	return stdout
}

func TestAnOperatorManagesAServer(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	o := office{[]string{"CENOTE_URL=" + srv.URL}}
	settings := filepath.Join(t.TempDir(), "pool.json")
	must(t, os.WriteFile(settings, []byte(`{"AutoVerifiedAttributes":["email"]}`), 0o600))
	pool := strings.TrimSpace(o.ok(t, "", "pool", "create", "shop", "--settings", settings))
	if !regexp.MustCompile(`^us-east-1_\w{9}$`).MatchString(pool) {
		t.Fatalf("pool create prints %q", pool)
	}
	if list := o.ok(t, "", "pool", "list"); !strings.Contains(list, pool+"   shop   20") || !strings.Contains(list, srv.PoolID+"   dev ") {
		t.Errorf("the pools are\n%s", list)
	}
	if shown := o.ok(t, "", "pool", "show", pool); !strings.Contains(shown, "name           shop\n") || !strings.Contains(shown, "sign in with   username\n") {
		t.Errorf("the pool is\n%s", shown)
	}
	o.env = append(o.env, "CENOTE_POOL_ID="+pool)

	client := strings.TrimSpace(o.ok(t, "", "client", "create", "web", "--flow", "ALLOW_USER_SRP_AUTH,ALLOW_REFRESH_TOKEN_AUTH"))
	if list := o.ok(t, "", "client", "list"); !strings.Contains(list, client+"   web\n") {
		t.Errorf("the clients are\n%s", list)
	}
	if shown := o.ok(t, "", "client", "show", client); !strings.Contains(shown, "flows           ALLOW_USER_SRP_AUTH, ALLOW_REFRESH_TOKEN_AUTH\n") {
		t.Errorf("the client is\n%s", shown)
	}
	if secret := o.ok(t, "", "client", "create", "backend", "--secret"); !strings.HasPrefix(secret, "CENOTE_CLIENT_ID=") || !strings.Contains(secret, "\nCENOTE_CLIENT_SECRET=") {
		t.Errorf("a client with a secret prints %q", secret)
	}

	var backend struct {
		UserPoolClient struct{ ClientId, ClientSecret string }
	}
	must(t, json.Unmarshal([]byte(o.ok(t, "", "client", "create", "worker", "--secret", "--json")), &backend))
	worker := backend.UserPoolClient.ClientId
	secrets := func() (ids []string) {
		t.Helper()
		list := strings.Split(strings.TrimSpace(o.ok(t, "", "client", "list-secrets", worker)), "\n")
		if !regexp.MustCompile(`^SECRET +CREATED$`).MatchString(list[0]) {
			t.Errorf("the secrets are\n%s", strings.Join(list, "\n"))
		}
		for _, line := range list[1:] {
			ids = append(ids, strings.Fields(line)[0])
		}
		return ids
	}
	first := secrets()
	added := o.ok(t, "", "client", "add-secret", worker)
	if !regexp.MustCompile(`^CENOTE_CLIENT_ID=` + worker + `\nCENOTE_CLIENT_SECRET=\w{40,}\n$`).MatchString(added) {
		t.Errorf("a second secret prints %q", added)
	}
	if both := secrets(); len(first) != 1 || len(both) != 2 {
		t.Errorf("the secrets are %v and then %v", first, both)
	}
	if _, stderr, code := o.run(t, "no\n", "client", "delete-secret", worker, first[0]); code != 1 || stderr != "cenote: error: nothing was deleted\n" {
		t.Errorf("without consent: %d, %q", code, stderr)
	}
	o.ok(t, first[0]+"\n", "client", "delete-secret", worker, first[0])
	shown := o.ok(t, "", "client", "show", worker, "--json")
	if left := secrets(); len(left) != 1 || left[0] == first[0] || strings.Contains(shown, backend.UserPoolClient.ClientSecret) {
		t.Errorf("after the deletion of %s there are %v", first[0], left)
	}

	o.ok(t, "", "group", "create", "admins", "--precedence", "1", "--description", "may do all")
	o.ok(t, password+"\n", "users", "create", "ann", "--password", "--attribute", "email=ann@example.com", "--attribute", "email_verified=true")
	o.ok(t, "", "users", "create", "bob", "--no-invitation", "--attribute", "email=bob@example.com", "--attribute", "email_verified=true")
	o.ok(t, "", "group", "add", "admins", "ann")
	if list := o.ok(t, "", "group", "list"); !strings.Contains(list, "admins   1            may do all") {
		t.Errorf("the groups are\n%s", list)
	}
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{nil, []string{"ann", "bob"}},
		{[]string{"--filter", `email ^= "bob"`}, []string{"bob"}},
		{[]string{"--group", "admins"}, []string{"ann"}},
		{[]string{"--limit", "1"}, []string{""}},
	} {
		list := strings.Split(strings.TrimSpace(o.ok(t, "", append([]string{"users", "list"}, tc.args...)...)), "\n")
		if len(list) != 1+len(tc.want) {
			t.Errorf("users list %v prints\n%s", tc.args, strings.Join(list, "\n"))
		}
		for _, name := range tc.want {
			if !strings.Contains(strings.Join(list, "\n"), name) {
				t.Errorf("users list %v lacks %s", tc.args, name)
			}
		}
	}
	var page struct {
		Users []struct{ Username, UserStatus string }
	}
	if err := json.Unmarshal([]byte(o.ok(t, "", "users", "list", "--json", "--filter", `username = "ann"`)), &page); err != nil || len(page.Users) != 1 || page.Users[0].UserStatus != "CONFIRMED" {
		t.Errorf("as JSON: %+v, %v", page, err)
	}
	if _, stderr, code := o.run(t, "", "users", "list", "--sort", "-username"); code != 1 || !strings.Contains(stderr, "Error while parsing filter.") {
		t.Errorf("sorting on a server without extended filters exits with %d: %s", code, stderr)
	}
	o.ok(t, "", "users", "disable", "ann")
	if shown := o.ok(t, "", "users", "show", "ann"); !strings.Contains(shown, "enabled          no\n") || !strings.Contains(shown, "email            ann@example.com\n") {
		t.Errorf("ann is\n%s", shown)
	}
	o.ok(t, "", "users", "enable", "ann")
	o.ok(t, "", "users", "reset", "ann")
	if len(srv.Messages("ann@example.com")) != 1 {
		t.Error("a reset sends no code")
	}
	o.ok(t, "N3w-password\n", "users", "passwd", "bob", "--temporary")
	o.ok(t, "", "users", "sign-out", "bob")
	o.ok(t, "", "group", "remove", "admins", "ann")
	o.ok(t, "bob\n", "users", "delete", "bob")
	if _, stderr, code := o.run(t, "", "users", "show", "bob"); code != 1 || stderr != "cenote: error: UserNotFoundException: User does not exist.\n" {
		t.Errorf("a deleted user: %d, %q", code, stderr)
	}
	if _, stderr, code := o.run(t, "no\n", "users", "delete", "ann"); code != 1 || stderr != "cenote: error: nothing was deleted\n" {
		t.Errorf("without consent: %d, %q", code, stderr)
	}
	o.ok(t, "", "client", "delete", client, "--yes")
	o.ok(t, "", "group", "delete", "admins", "--yes")
	o.ok(t, "", "pool", "delete", pool, "--yes")
	if _, _, code := o.run(t, "", "pool", "show", pool); code != 1 {
		t.Errorf("a deleted pool: %d", code)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestUsersAreImportedLineByLine(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	o := office{[]string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=" + srv.PoolID}}
	file := filepath.Join(t.TempDir(), "users.csv")
	must(t, os.WriteFile(file, []byte("cognito:username,name,email,email_verified,password\n"+
		",Ann,ann@example.com,true,Passw0rd!\n"+
		",Bob,not an address,true,\n"+
		",\"Carla, the third\",carla@example.com,true,\n"+
		",Ann again,ann@example.com,true,\n"), 0o600))
	if out := o.ok(t, "", "users", "import", file, "--dry-run"); out != "read 4\n" {
		t.Errorf("a dry run prints %q", out)
	}
	stdout, stderr, code := o.run(t, "", "users", "import", file)
	if code != 1 || stdout != "imported 2, refused 2\n" {
		t.Errorf("exits with %d: %q", code, stdout)
	}
	for _, want := range []string{file + ":3: InvalidParameterException: ", file + ":5: UsernameExistsException: "} {
		if !strings.Contains(stderr, want) {
			t.Errorf("said %q, want %q", stderr, want)
		}
	}
	d := &desk{srv: srv, dir: t.TempDir(), env: []string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=" + srv.PoolID, "CENOTE_CLIENT_ID=" + srv.ClientID}}
	d.ok(t, password+"\n", "sign-in", ann)
	must(t, os.WriteFile(file, []byte("email,name\ndora@example.com,Dora\nemil@example.com\n"), 0o600))
	if _, stderr, code := o.run(t, "", "users", "import", file); code != 1 || !strings.Contains(stderr, "record on line 3: wrong number of fields") {
		t.Errorf("a broken file: %d, %q", code, stderr)
	}
	if list := o.ok(t, "", "users", "list", "--filter", `email = "dora@example.com"`); strings.Contains(list, "dora") {
		t.Error("a broken file made a user")
	}
	for _, tc := range []struct{ header, want string }{
		{"name", "the header has neither cognito:username nor email nor phone_number"},
		{"email,name,email", `the header has the column "email" twice`},
		{"email,colour,custom:dept,name", `the pool has no attributes for these columns of the header: "colour", "custom:dept"`},
	} {
		line := strings.Repeat("x,", strings.Count(tc.header, ",")) + "x\n"
		must(t, os.WriteFile(file, []byte(tc.header+"\n"+line+line), 0o600))
		if stdout, stderr, code := o.run(t, "", "users", "import", file); code != 1 || stdout != "" || stderr != "cenote: error: "+file+": "+tc.want+"\n" {
			t.Errorf("the header %s: %d, %q, %q", tc.header, code, stdout, stderr)
		}
	}
	limited := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // with a key that may only make users
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".AdminCreateUser") {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"AccessDeniedException"}`)
			return
		}
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(limited.Close)
	must(t, os.WriteFile(file, []byte("email,name\ndora@example.com,Dora\n"), 0o600))
	if out := o.ok(t, "", "users", "import", file, "--endpoint", limited.URL); out != "imported 1, refused 0\n" {
		t.Errorf("with a key that may only make users: %q", out)
	}
}

// TestPoolsAreListedWhereTheOperatorPoints looks at a server and at a database on the same machine.
func TestPoolsAreListedWhereTheOperatorPoints(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	data := t.TempDir()
	ok(t, "migrate", "--data-dir", data)
	const none = "ID   NAME   CREATED\n"
	for _, tc := range []struct {
		name   string
		env    []string
		flags  []string
		server bool
	}{
		{"nothing but the settings", []string{"CENOTE_DATA_DIR=" + data}, nil, false},
		{"a flag names the database", nil, []string{"--data-dir", data}, false},
		{"a flag names the server", []string{"CENOTE_DATA_DIR=" + data}, []string{"--endpoint", srv.URL}, true},
		{"the environment names the server", []string{"CENOTE_URL=" + srv.URL}, nil, true},
		{"as AWS programs have it", []string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=" + srv.URL}, nil, true},
		{"for all of AWS", []string{"AWS_ENDPOINT_URL=" + srv.URL}, nil, true},
		{"an empty variable names nothing", []string{"CENOTE_URL=", "CENOTE_DATA_DIR=" + data}, nil, false},
		{"the environment names both", []string{"CENOTE_URL=" + srv.URL, "CENOTE_DATA_DIR=" + data}, nil, true},
		{"a flag counts before the environment", []string{"CENOTE_URL=" + srv.URL}, []string{"--data-dir", data}, false},
		{"how to log says nothing about where", []string{"CENOTE_URL=" + srv.URL}, []string{"--log-level", "error"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			list := (office{tc.env}).ok(t, "", append([]string{"pool", "list"}, tc.flags...)...)
			if server := strings.Contains(list, srv.PoolID); server != tc.server || !tc.server && list != none {
				t.Errorf("the list is\n%s", list)
			}
		})
	}
	for _, flags := range [][]string{{"--endpoint", srv.URL}, {"--profile", "any"}, {"--region", "eu-west-1"}} {
		_, stderr, code := (office{}).run(t, "", append([]string{"pool", "list", "--data-dir", data}, flags...)...)
		if want := "cenote: error: the flags name a server and a database\n"; code != 2 || !strings.HasPrefix(stderr, want) {
			t.Errorf("%v beside --data-dir: %d, %q", flags, code, stderr)
		}
	}
	if list := (office{}).ok(t, "", "pool", "list", "--data-dir", data, "--json"); list != "{\n  \"UserPools\": []\n}\n" {
		t.Errorf("no pools as JSON are %q", list)
	}
}

func TestAProfileOfTheAWSConfigurationNamesTheServer(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t)
	data, folder := t.TempDir(), t.TempDir()
	ok(t, "migrate", "--data-dir", data)
	file := filepath.Join(folder, "config")
	must(t, os.WriteFile(file, []byte("[default]\nregion = eu-west-1\n"+
		"[profile work]\naws_access_key_id = any\naws_secret_access_key = any\nendpoint_url = "+srv.URL+"\n"+
		"[profile service]\naws_access_key_id = any\naws_secret_access_key = any\nservices = cenote\n"+
		"[services cenote]\ncognito_identity_provider =\n  endpoint_url = "+srv.URL+"\n"+
		"[profile mail]\naws_access_key_id = any\naws_secret_access_key = any\n"), 0o600))
	for profile, server := range map[string]bool{"work": true, "service": true, "mail": false, "": false} {
		o := office{[]string{
			"CENOTE_DATA_DIR=" + data, "AWS_PROFILE=" + profile, "AWS_CONFIG_FILE=" + file, "AWS_SHARED_CREDENTIALS_FILE=" + filepath.Join(folder, "credentials"),
		}}
		if list := o.ok(t, "", "pool", "list"); strings.Contains(list, srv.PoolID) != server {
			t.Errorf("with the profile %q, the list is\n%s", profile, list)
		}
		if server {
			if shown := o.ok(t, "", "pool", "show", srv.PoolID); !strings.Contains(shown, srv.PoolID) {
				t.Errorf("with the profile %q, the pool is\n%s", profile, shown)
			}
		}
		if list := o.ok(t, "", "pool", "list", "--data-dir", data); strings.Contains(list, srv.PoolID) {
			t.Errorf("with the profile %q, the database holds\n%s", profile, list)
		}
	}
}

// TestAnAWSConfigurationOutOfReachIsNone has a home that cannot be entered, as that of root is for whoever runs a command by setpriv.
func TestAnAWSConfigurationOutOfReachIsNone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	t.Setenv("HOME", file)
	data := t.TempDir()
	ok(t, "migrate", "--data-dir", data)
	if list := (office{[]string{"CENOTE_DATA_DIR=" + data}}).ok(t, "", "pool", "list"); !strings.HasPrefix(list, "ID ") {
		t.Errorf("the list is %q", list)
	}
	named := office{[]string{"CENOTE_DATA_DIR=" + data, "AWS_CONFIG_FILE=" + filepath.Join(file, "config")}}
	if _, stderr, code := named.run(t, "", "pool", "list"); code != 1 || !strings.HasPrefix(stderr, "cenote: error: read the AWS configuration: ") {
		t.Errorf("a file that is named and cannot be read: exits with %d: %q", code, stderr)
	}
}

func TestOperatorCommandsFailClearly(t *testing.T) {
	t.Parallel()
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	for _, tc := range []struct {
		name string
		env  []string
		args []string
		code int
		want string
	}{
		{"no pool", nil, []string{"users", "list", "--endpoint", "http://127.0.0.1:1"}, 2, "cenote: error: --pool is needed\n"},
		{"no server", nil, []string{"pool", "show", "x_1", "--endpoint", "http://127.0.0.1:1"}, 4, "cenote: error: the server does not answer: "},
		{"no API", nil, []string{"pool", "show", "x_1", "--endpoint", page.URL}, 1, "cenote: error: " + page.URL + " is no Cognito API: it answers with status 404 Not Found\n"},
		{"no URL", nil, []string{"pool", "show", "x_1", "--endpoint", "localhost:4310"}, 2, "cenote: error: --endpoint: \"localhost:4310\" is not an http or https URL\n"},
		{"no profile", []string{"AWS_PROFILE="}, []string{"pool", "list", "--profile", "no-such-profile"}, 1, "cenote: error: read the AWS configuration: "},
		{"a limit that is none", nil, []string{"users", "list", "--pool", "x_1", "--limit", "many", "--endpoint", "http://127.0.0.1:1"}, 2, "cenote: error: --limit: \"many\" is not a number above 0\n"},
		{"settings that are none", nil, []string{"pool", "create", "a", "--settings", os.DevNull, "--endpoint", "http://127.0.0.1:1"}, 1, "cenote: error: --settings: /dev/null: "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, stderr, code := (office{tc.env}).run(t, "", tc.args...); code != tc.code || !strings.HasPrefix(stderr, tc.want) {
				t.Errorf("exits with %d: %q", code, stderr)
			}
		})
	}
}
