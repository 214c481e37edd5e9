package cli_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// post sends JSON and decodes the answer.
func post(t *testing.T, url, body string, into any) int {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && into != nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return res.StatusCode
}

func TestAnEphemeralServerPrintsOneLineAndEndsWithItsParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pool.yaml"), []byte("pools: [{name: shop, id: us-east-1_Shop, clients: [{name: web, id: web1}]}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	// The shell is the parent: it starts the server, tells its process id, and waits until it is ended.
	parent := exec.CommandContext(t.Context(), "/bin/sh", "-c", `"$0" dev --ephemeral --seed pool.yaml & echo $!; read -r _`, cenotetest.Binary(t))
	parent.Dir = dir
	parent.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CENOTE_") })
	hold, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan() // the process id
	lines.Scan()
	var line struct {
		URL, Region, PoolID, ClientID, AccessKeyID, SecretAccessKey, Inbox string
		Pools                                                              []struct {
			Name, PoolID string
			Clients      map[string]string
		}
	}
	if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, lines.Text())
	}
	if line.PoolID == "" || line.ClientID == "" || line.Region != "us-east-1" || line.AccessKeyID == "" || line.SecretAccessKey == "" ||
		line.Inbox != line.URL+"/_cenote/inbox" || len(line.Pools) != 1 || line.Pools[0].PoolID != "us-east-1_Shop" || line.Pools[0].Clients["web"] != "web1" {
		t.Errorf("the line is %+v", line)
	}
	var fork struct {
		PoolID, ClientID string
		Clients          map[string]string
	}
	if status := post(t, line.URL+"/_cenote/fork", "", &fork); status != http.StatusCreated || fork.PoolID == "" || fork.Clients[line.ClientID] != fork.ClientID {
		t.Errorf("fork answers %d %+v", status, fork)
	}
	if status := post(t, line.URL+"/_cenote/fork", `{"poolId":"us-east-1_Shop"}`, &fork); status != http.StatusCreated || !strings.HasSuffix(fork.PoolID, "_Shop") {
		t.Errorf("fork of the seeded pool answers %d %+v", status, fork)
	}
	if status := post(t, line.URL+"/_cenote/fork", `{"poolId":"us-east-1_None"}`, &struct{}{}); status != http.StatusNotFound {
		t.Errorf("fork of nothing answers %d", status)
	}
	if status := post(t, line.URL+"/_cenote/fork", `[]`, &struct{}{}); status != http.StatusBadRequest {
		t.Errorf("fork of nonsense answers %d", status)
	}
	if status := post(t, line.URL+"/_cenote/reset", "", nil); status != http.StatusNoContent {
		t.Errorf("reset answers %d", status)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("it left %v, %v", entries, err)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Errorf("it also printed %s", lines.Text())
	} // standard output closes when the server has ended too
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(line.URL + "/healthz")
		if err != nil {
			break
		}
		res.Body.Close()
		if time.Now().After(end) {
			t.Fatal("the server outlives its parent")
		}
	}
	_ = parent.Wait()
}

func TestASeedFileThatIsWrongSaysWhere(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, want string }{
		{"pools:\n  - name: a\n    clinets: []\n", "pool.yaml: line 3: there is no clinets here"},
		{"pools:\n  - id: us-east-1_A\n", "pool.yaml: pool 1 has no name"},
		{"pools: [{name: a, id: mars}]", `pool.yaml: pool a: "mars" is not a pool id like us-east-1_Abc123XyZ`},
		{"pools: [{name: a, clients: [{name: b, id: 'B!'}]}]", `pool.yaml: pool a: "B!" is not a client id: lower-case letters and digits`},
		{"pools: [{name: a, users: [{username: ann, password: short}]}]", "pool.yaml: pool a: user ann: "},
		{"pools: [{name: a, settings: {MfaConfiguration: MAYBE}}]", "pool.yaml: pool a: InvalidParameterException: "},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "pool.yaml")
		if err := os.WriteFile(file, []byte(tc.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, stderr, code := cenote(t, nil, "dev", "--ephemeral", "--seed", file)
		if want := "cenote: error: --seed: " + dir + "/" + tc.want; code != 1 || !strings.HasPrefix(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q exits with %d: %q, want %q", tc.text, code, stderr, want)
		}
	}
	if _, stderr, code := cenote(t, nil, "serve", "--database", "memory"); code != 1 || stderr != "cenote: error: --database: only cenote dev keeps its data in memory\n" {
		t.Errorf("serve exits with %d: %q", code, stderr)
	}
}
