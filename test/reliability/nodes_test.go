package reliability_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// nodes are two servers of one PostgreSQL database, which know nothing of each other.
type nodes struct {
	directory
	a, b     *idp
	servers  [2]*cenotetest.Server
	database string
}

// startNodes starts both at the same time, on an empty database. They have the master key and the issuer in common, as nodes must.
func startNodes(t *testing.T) nodes {
	t.Helper()
	n := nodes{database: pgtest.Start(t)}
	dir := t.TempDir()
	key := make([]byte, 32)
	rand.Read(key)
	must(t, os.WriteFile(filepath.Join(dir, "master.key"), []byte(base64.StdEncoding.EncodeToString(key)), 0o600))
	var started sync.WaitGroup
	for i := range n.servers {
		started.Go(func() {
			n.servers[i] = cenotetest.Start(t, cenotetest.Options{Serve: true, AWSIssuer: true, Database: n.database, DataDir: dir})
		})
	}
	started.Wait()
	if t.Failed() {
		t.FailNow()
	}
	n.a, n.b = n.servers[0].SDK(), n.servers[1].SDK()
	n.directory = newDirectory(t, n.a)
	return n
}

// command runs cenote on the nodes' data.
func (n nodes) command(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), cenotetest.Binary(t), append(args, "--database", n.database, "--data-dir", n.servers[0].DataDir)...)
	cmd.Dir = t.TempDir()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cenote %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func TestTwoNodesAreOneServer(t *testing.T) {
	t.Parallel()
	n := startNodes(t)
	for name, check := range map[string]func(*testing.T, nodes){
		"a setting that changes on one is obeyed by the other within a second": settingsTravel,
		"a client that is deleted on one is gone on the other":                 deletionsTravel,
		"what happens to a user on one holds on the other at once":             usersAreShared,
		"a sign-in that starts on one ends on the other, once":                 exchangesTravel,
		"a session succeeds once on both together":                             sessionsSucceedOnce,
		"an access key of the command line opens both":                         keysOpenBoth,
		"new signing keys are published by both before they sign":              rotationIsSeen,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := n
			d.directory = newDirectory(t, n.a)
			check(t, d)
		})
	}
}

func settingsTravel(t *testing.T, n nodes) {
	n.newUser(t, n.a, "ann")
	_, err := n.signIn(t, n.b, "ann", password) // now the other node knows the client
	must(t, err)
	_, err = n.a.UpdateUserPoolClient(t.Context(), &cognitoidentityprovider.UpdateUserPoolClientInput{
		UserPoolId: &n.pool, ClientId: &n.client,
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	})
	must(t, err)
	_, err = n.signIn(t, n.a, "ann", password)
	wantTold(t, "the node of the change", err, "USER_PASSWORD_AUTH flow not enabled")
	withinASecond(t, "the other node refuses the flow", func() bool {
		_, err := n.signIn(t, n.b, "ann", password)
		return err != nil
	})
	_, err = n.a.UpdateUserPool(t.Context(), &cognitoidentityprovider.UpdateUserPoolInput{
		UserPoolId:            &n.pool,
		AdminCreateUserConfig: &types.AdminCreateUserConfigType{AllowAdminCreateUserOnly: true},
	})
	must(t, err)
	tries := 0
	withinASecond(t, "the other node refuses sign-ups", func() bool {
		tries++
		_, err := n.b.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{ClientId: &n.client, Username: new(fmt.Sprint("bob", tries)), Password: new(password)})
		return err != nil
	})
}

func deletionsTravel(t *testing.T, n nodes) {
	n.newUser(t, n.a, "ann")
	got, err := n.signIn(t, n.b, "ann", password)
	must(t, err)
	_, err = n.a.DeleteUserPoolClient(t.Context(), &cognitoidentityprovider.DeleteUserPoolClientInput{UserPoolId: &n.pool, ClientId: &n.client})
	must(t, err)
	withinASecond(t, "the other node refuses the client", func() bool {
		_, err := n.signIn(t, n.b, "ann", password)
		return err != nil
	})
	_, err = n.b.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: got.AccessToken})
	wantTold(t, "a token of the client", err, "Invalid Access Token")
}

func usersAreShared(t *testing.T, n nodes) {
	about := func(name string) (pool, user *string) { return &n.pool, &name }
	for _, c := range []struct {
		name, refreshed, token string // what the other node says then
		change                 func(pool, user *string, got *types.AuthenticationResultType) error
	}{
		{"disabled", "Refresh Token has been revoked", "Access Token has been revoked", func(pool, user *string, _ *types.AuthenticationResultType) error {
			_, err := n.a.AdminDisableUser(t.Context(), &cognitoidentityprovider.AdminDisableUserInput{UserPoolId: pool, Username: user})
			return err
		}},
		{"signed-out", "Refresh Token has been revoked", "Access Token has been revoked", func(_, _ *string, got *types.AuthenticationResultType) error {
			_, err := n.a.GlobalSignOut(t.Context(), &cognitoidentityprovider.GlobalSignOutInput{AccessToken: got.AccessToken})
			return err
		}},
		{"revoked", "Refresh Token has been revoked", "Access Token has been revoked", func(_, _ *string, got *types.AuthenticationResultType) error {
			_, err := n.a.RevokeToken(t.Context(), &cognitoidentityprovider.RevokeTokenInput{ClientId: &n.client, Token: got.RefreshToken})
			return err
		}},
		{"deleted", "User does not exist.", "User does not exist.", func(pool, user *string, _ *types.AuthenticationResultType) error {
			_, err := n.a.AdminDeleteUser(t.Context(), &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: pool, Username: user})
			return err
		}},
	} {
		n.newUser(t, n.a, c.name)
		got, err := n.signIn(t, n.b, c.name, password)
		must(t, err)
		must(t, n.refresh(t, n.b, *got.RefreshToken))
		pool, user := about(c.name)
		must(t, c.change(pool, user, got))
		wantTold(t, c.name+": refresh", n.refresh(t, n.b, *got.RefreshToken), c.refreshed)
		_, err = n.b.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: got.AccessToken})
		wantTold(t, c.name+": access", err, c.token)
	}
	n.newUser(t, n.a, "ann")
	_, err := n.signIn(t, n.b, "ann", password)
	must(t, err)
	n.setPassword(t, n.a, "ann", newPassword, true)
	_, err = n.signIn(t, n.b, "ann", password)
	wantTold(t, "the password before", err, "Incorrect username or password.")
	_, err = n.signIn(t, n.b, "ann", newPassword)
	wantTold(t, "the new password", err, "")
}

// TestNodesCountFailedPasswordsTogether moves the clocks of nodes of its own.
func TestNodesCountFailedPasswordsTogether(t *testing.T) {
	t.Parallel()
	n := startNodes(t)
	n.newUser(t, n.a, "ann")
	nodes := []*idp{n.a, n.b}
	for i := range 6 {
		_, err := n.signIn(t, nodes[i%2], "ann", "Wr0ng-guess!")
		wantTold(t, fmt.Sprint("guess ", i+1), err, "Incorrect username or password.")
	}
	lock := time.Second
	for ; lock < 16*time.Second; lock *= 2 { // until it outlasts what a busy machine needs for two sign-ins
		for _, s := range n.servers {
			s.Advance(t, lock)
		}
		_, err := n.signIn(t, n.a, "ann", "Wr0ng-guess!")
		wantTold(t, fmt.Sprint("a guess after ", lock), err, "Incorrect username or password.")
	}
	for _, node := range nodes {
		_, err := n.signIn(t, node, "ann", password)
		wantTold(t, "the right password during the lock", err, "Password attempts exceeded")
	}
}

// exchangesTravel begins SRP on each node and ends it on the other.
func exchangesTravel(t *testing.T, n nodes) {
	n.newUser(t, n.a, "ann")
	for _, way := range [][2]*idp{{n.a, n.b}, {n.b, n.a}} {
		answer := n.beginSRP(t, way[0], "ann")
		wantTold(t, "the proof on the other node", answer(way[1]), "")
		for _, node := range way {
			if answer(node) == nil {
				t.Error("the same proof was taken twice")
			}
		}
	}
}

func sessionsSucceedOnce(t *testing.T, n nodes) {
	n.newUser(t, n.a, "ann")
	n.setPassword(t, n.a, "ann", password, false)
	out, err := n.initiate(t, n.a, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": "ann", "PASSWORD": password})
	must(t, err)
	var done sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		done.Go(func() {
			_, errs[i] = []*idp{n.a, n.b}[i%2].RespondToAuthChallenge(t.Context(), &cognitoidentityprovider.RespondToAuthChallengeInput{
				ClientId: &n.client, ChallengeName: "NEW_PASSWORD_REQUIRED", Session: out.Session,
				ChallengeResponses: map[string]string{"USERNAME": "ann", "NEW_PASSWORD": fmt.Sprint(newPassword, i)},
			})
		})
	}
	done.Wait()
	winner := -1
	for i, err := range errs {
		switch {
		case err == nil && winner >= 0:
			t.Errorf("answers %d and %d both succeeded", winner, i)
		case err == nil:
			winner = i
		default:
			wantTold(t, fmt.Sprint("answer ", i), err, "Invalid session for the user")
		}
	}
	if winner < 0 {
		t.Fatal("no answer succeeded")
	}
	_, err = n.signIn(t, n.b, "ann", fmt.Sprint(newPassword, winner))
	wantTold(t, "the winner's password", err, "")
}

func keysOpenBoth(t *testing.T, n nodes) {
	vars := map[string]string{}
	for line := range strings.Lines(n.command(t, "key", "create", "--name", "ci")) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		vars[name] = strings.Trim(value, `"'`)
	}
	id, secret := vars["AWS_ACCESS_KEY_ID"], vars["AWS_SECRET_ACCESS_KEY"]
	if id == "" || secret == "" {
		t.Fatal("the command prints no key")
	}
	for i, s := range n.servers {
		api := cenotetest.Dial(s.URL, id, secret)
		list := func() error {
			_, err := api.ListUserPools(t.Context(), &cognitoidentityprovider.ListUserPoolsInput{MaxResults: new(int32(1))})
			return err
		}
		wantTold(t, fmt.Sprint("node ", i), list(), "")
		if i == 1 {
			n.command(t, "key", "delete", id)
			withinASecond(t, "the deleted key is refused", func() bool { return list() != nil })
		}
	}
}

// rotationIsSeen is about a token that one node signs with a key that has just been made: whoever looks for the key, at whatever node, must find it.
func rotationIsSeen(t *testing.T, n nodes) {
	n.newUser(t, n.a, "ann")
	before, err := n.signIn(t, n.a, "ann", password)
	must(t, err)
	old := kidOf(t, *before.AccessToken)
	if !published(t, n.servers[1].URL, n.pool)[old] {
		t.Fatal("the other node does not publish the key")
	}
	// The other node is asked all the time, so that what it knows of the pool is fresh when the keys change: it learns of them late.
	rotated := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for {
			select {
			case <-rotated:
				return
			default:
				_, _ = n.b.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: before.AccessToken})
			}
		}
	})
	n.command(t, "pool", "rotate-keys", n.pool)
	close(rotated)
	asking.Wait()
	for deadline := time.Now().Add(time.Minute); ; {
		got, err := n.signIn(t, n.a, "ann", password)
		must(t, err)
		if kid := kidOf(t, *got.AccessToken); kid == old {
			if time.Now().After(deadline) {
				t.Fatal("the new key does not sign")
			}
			continue
		} else if !published(t, n.servers[1].URL, n.pool)[kid] {
			t.Error("a node signs with a key that the other one does not publish yet")
		}
		_, err = n.b.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: got.AccessToken})
		wantTold(t, "the first token by the new key, on the other node", err, "")
		break
	}
	for i, node := range []*idp{n.a, n.b} {
		_, err := node.GetUser(t.Context(), &cognitoidentityprovider.GetUserInput{AccessToken: before.AccessToken})
		wantTold(t, fmt.Sprint("a token by the old key, on node ", i), err, "")
		if !published(t, n.servers[i].URL, n.pool)[old] {
			t.Errorf("node %d no longer publishes the old key", i)
		}
	}
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	header, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(header)
	must(t, err)
	var h struct{ Kid string }
	must(t, json.Unmarshal(text, &h))
	return h.Kid
}

// published are the ids of the keys that a node publishes for a pool.
func published(t *testing.T, url, pool string) map[string]bool {
	t.Helper()
	resp, err := http.Get(url + "/" + pool + "/.well-known/jwks.json")
	must(t, err)
	defer resp.Body.Close()
	var set struct{ Keys []struct{ Kid string } }
	must(t, json.NewDecoder(resp.Body).Decode(&set))
	ids := map[string]bool{}
	for _, k := range set.Keys {
		ids[k.Kid] = true
	}
	return ids
}
