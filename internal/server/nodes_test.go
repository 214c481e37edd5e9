package server_test

import (
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
	"github.com/cenote-id/cenote/internal/operate"
	"github.com/cenote-id/cenote/internal/server"
	"github.com/cenote-id/cenote/internal/store"
)

func TestNodesOfOneDatabaseSeeEachOthersChanges(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	one := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db})
	two := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db, DataDir: one.DataDir})
	made, err := one.SDK().CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	_, err = two.SDK().DescribeUserPool(t.Context(), &idp.DescribeUserPoolInput{UserPoolId: made.UserPool.Id})
	must(t, err)

	d := cenotetest.OpenData(t, cenotetest.Settings(t, "data-dir="+one.DataDir, "database="+db))
	k, err := d.CreateKey(t.Context(), operate.KeyRequest{Name: "ci"})
	must(t, err)
	for _, node := range []*cenotetest.Server{one, two} {
		list := func() string {
			_, err := cenotetest.Dial(node.URL, k.ID, k.Secret).ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
			return cenotetest.CodeOf(t, err)
		}
		if got := list(); got != "" {
			t.Errorf("a new key is answered %s", got)
		}
		defer cenotetest.Eventually(t, "a deleted key is refused", func() bool { return list() == "UnrecognizedClientException" })
	}
	must(t, d.DeleteKey(t.Context(), k.ID))
}

// Each node has a clock of its own, and the one that is behind meets what the other has written.
func TestARefreshTokenIsExchangedOnceWhateverTheClocksOfNodes(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	behind := cenotetest.Start(t, cenotetest.Options{Database: db})
	ahead := cenotetest.Start(t, cenotetest.Options{Database: db, DataDir: behind.DataDir})
	ahead.Advance(t, 10*time.Minute)
	for _, tc := range []struct {
		name          string
		first, second *cenotetest.Server
	}{{"first on the node ahead", ahead, behind}, {"first on the node behind", behind, ahead}} {
		t.Run(tc.name, func(t *testing.T) {
			client, err := behind.SDK().CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
				UserPoolId: &behind.PoolID, ClientName: new("c"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_PASSWORD_AUTH"},
				RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: "ENABLED", RetryGracePeriodSeconds: new(int32(0))},
			})
			must(t, err)
			id, name, password := client.UserPoolClient.ClientId, strings.ReplaceAll(tc.name, " ", "-")+"@example.com", "Corr3ct-horse!"
			_, err = behind.SDK().AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &behind.PoolID, Username: &name, MessageAction: "SUPPRESS"})
			must(t, err)
			_, err = behind.SDK().AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &behind.PoolID, Username: &name, Password: &password, Permanent: true})
			must(t, err)
			out, err := behind.SDK().InitiateAuth(t.Context(), &idp.InitiateAuthInput{
				ClientId: id, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": password},
			})
			must(t, err)
			exchange := func(node *cenotetest.Server) string {
				_, err := node.SDK().GetTokensFromRefreshToken(t.Context(), &idp.GetTokensFromRefreshTokenInput{ClientId: id, RefreshToken: out.AuthenticationResult.RefreshToken})
				return cenotetest.CodeOf(t, err)
			}
			if got := exchange(tc.first); got != "" {
				t.Fatalf("the first exchange is answered %s", got)
			}
			if got := exchange(tc.second); got != "RefreshTokenReuseException" {
				t.Fatalf("the second exchange is answered %q", got)
			}
			for range 20 {
				if got := exchange(tc.second); got != "NotAuthorizedException" { // the second has ended the sign-in
					t.Fatalf("a later exchange is answered %q", got)
				}
			}
		})
	}
}

func TestNodesThatStartTogetherOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		shared bool // the folder with the master key
	}{{"with one master key all start", true}, {"with keys of their own one starts and the others say why", false}} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			db, dir := pgtest.Start(t), t.TempDir()
			var all sync.WaitGroup
			var mu sync.Mutex
			var refused []string
			dirs := []string{dir, dir, dir}
			if !tc.shared {
				dirs = []string{t.TempDir(), t.TempDir(), t.TempDir()}
			}
			for _, dir := range dirs {
				all.Go(func() {
					d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db, "data-dir="+dir), quiet)
					if err != nil {
						mu.Lock()
						defer mu.Unlock()
						refused = append(refused, err.Error())
						if _, err := os.Stat(filepath.Join(dir, "master.key")); !errors.Is(err, os.ErrNotExist) {
							t.Errorf("a useless key is left: %v", err)
						}
						return
					}
					must(t, d.Close())
				})
			}
			all.Wait()
			if want := map[bool]int{true: 0, false: 2}[tc.shared]; len(refused) != want {
				t.Errorf("%d nodes refused to start, want %d: %v", len(refused), want, refused)
			}
			for _, line := range refused {
				if strings.Contains(line, "\n") || !strings.HasPrefix(line, "--master-key-file: ") {
					t.Errorf("a node refused with %q, not with one line that names the master key", line)
				}
			}
		})
	}
}

func TestNodesThatStartTogetherMakeOneRootKey(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		given []string
	}{
		{"a new one", nil},
		{"that of the environment", []string{"CENOTE_ROOT_ACCESS_KEY_ID=OPERATORS", "CENOTE_ROOT_SECRET_ACCESS_KEY=sixteen characters"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := cenotetest.Settings(t, append([]string{"database=" + pgtest.Start(t), "data-dir=" + t.TempDir()}, tc.given...)...)
			var nodes []*operate.Data
			for range 4 {
				d, err := operate.OpenData(t.Context(), c, quiet)
				must(t, err)
				t.Cleanup(func() { must(t, d.Close()) })
				nodes = append(nodes, d)
			}
			var all sync.WaitGroup
			for _, d := range nodes {
				all.Go(func() {
					if _, err := d.EnsureRoot(t.Context(), c, true); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			keys, err := nodes[0].Keys(t.Context())
			must(t, err)
			var acts []string
			must(t, nodes[0].Acts(t.Context(), store.ActQuery{}, func(a store.Act) error {
				acts = append(acts, a.Operation+" "+a.Outcome)
				return nil
			}))
			if got := strings.Join(acts, ", "); len(keys) != 1 || got != "root key OK" {
				t.Errorf("there are %d keys, and the audit log says: %s", len(keys), got)
			}
		})
	}
}

func TestAnEmptyDatabaseBesideAMasterKeyIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := cenotetest.Settings(t, "data-dir="+dir)
	d, err := operate.OpenData(t.Context(), c, quiet)
	must(t, err)
	must(t, d.Close())
	must(t, os.Remove(filepath.Join(dir, "cenote.db")))
	var log cenotetest.Output
	d, err = operate.OpenData(t.Context(), c, operate.DataOptions{Log: slog.New(slog.NewTextHandler(&log, nil))})
	must(t, err)
	must(t, d.Close())
	if !strings.Contains(log.String(), "the database is new") {
		t.Errorf("the log does not tell: %s", log.String())
	}
}

func TestANodeWithoutTheMasterKeyOfItsDatabaseMakesNone(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	d, err := operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db), quiet)
	must(t, err)
	must(t, d.Close())
	dir := t.TempDir()
	_, err = operate.OpenData(t.Context(), cenotetest.Settings(t, "database="+db, "data-dir="+dir), quiet)
	if err == nil || !strings.HasPrefix(err.Error(), "--master-key-file: the master key of this database is missing") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "master.key")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key was made: %v", err)
	}
}

func TestANodeWithoutTheNewMasterKeyIsUnready(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	node := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: db, Settings: map[string]string{"database-wait": "1s"}})
	earlier, err := os.ReadFile(filepath.Join(node.DataDir, "master.key"))
	must(t, err)
	keys := filepath.Join(t.TempDir(), "master.key")
	must(t, os.WriteFile(keys, append([]byte(anotherKey+"\n"), earlier...), 0o600))
	d := cenotetest.OpenData(t, cenotetest.Settings(t, "database="+db, "data-dir="+t.TempDir(), "master-key-file="+keys))
	if got := readiness(t, node.URL); got != http.StatusOK {
		t.Fatalf("/readyz answers %d at first", got)
	}
	_, err = d.RotateMaster(t.Context(), func(int) {})
	must(t, err)
	within(t, time.Minute, "the node is unready", func() bool { return readiness(t, node.URL) == http.StatusServiceUnavailable })
}

func TestSettingsThatDifferFromTheLastStartAreTold(t *testing.T) {
	t.Parallel()
	db, dir := pgtest.Start(t), t.TempDir()
	const one = "public-url=https://one.example"
	for _, start := range []struct {
		settings []string
		told     []string
	}{
		{[]string{one}, nil},
		{[]string{one}, nil},
		{[]string{"public-url=https://two.example"}, []string{"public-url"}},
		{[]string{"public-url=https://two.example"}, nil},
		{[]string{one, "region=eu-west-1", "account-id=111122223333", "aws-issuer=true"}, []string{"public-url", "aws-issuer", "region", "account-id"}},
		{[]string{one, "region=eu-west-1", "account-id=111122223333"}, []string{"aws-issuer"}},
	} {
		var log cenotetest.Output
		c := cenotetest.Settings(t, append(start.settings, "database="+db, "data-dir="+dir, "listen=127.0.0.1:0")...)
		_, stop := run(t, server.Options{Config: c, Log: slog.New(slog.NewTextHandler(&log, nil))})
		must(t, stop())
		var told []string
		for line := range strings.Lines(log.String()) {
			if _, rest, found := strings.Cut(line, "had another value of a setting that all nodes need alike\" setting="); found {
				told = append(told, strings.Fields(rest)[0])
			}
		}
		if !slices.Equal(told, start.told) {
			t.Errorf("a start with %v warns of %v, want %v\n%s", start.settings, told, start.told, log.String())
		}
	}
}
