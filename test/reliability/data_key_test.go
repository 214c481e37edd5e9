package reliability_test

import (
	"encoding/base64"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/store"
)

// A pool gets a new data key while two nodes serve it: no request fails, and what clients hold goes on until the earlier key is dropped.
func TestADataKeyIsReplacedBesideTwoNodes(t *testing.T) {
	t.Parallel()
	n := startNodes(t)
	for _, name := range []string{"ann", "bob", "cid", "dan"} {
		n.newUser(t, n.a, name)
	}
	n.setPassword(t, n.a, "dan", password, false)
	tokens, err := n.signIn(t, n.a, "ann", password)
	must(t, err)
	session, err := n.initiate(t, n.a, "USER_PASSWORD_AUTH", map[string]string{"USERNAME": "dan", "PASSWORD": password})
	must(t, err)
	proof := n.beginSRP(t, n.b, "bob")
	data := cenotetest.OpenData(t, cenotetest.Settings(t, "database="+n.database, "data-dir="+n.servers[0].DataDir))

	var load sync.WaitGroup
	var requests atomic.Int64
	over := make(chan struct{})
	for _, node := range []*idp{n.a, n.b} {
		load.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				late, err := n.signIn(t, node, "cid", password)
				if err == nil {
					err = n.refresh(t, node, *late.RefreshToken)
				}
				if err == nil {
					err = n.refresh(t, node, *tokens.RefreshToken)
				}
				if err != nil {
					t.Errorf("during the change: %v", err)
					return
				}
				requests.Add(3)
			}
		})
	}
	sealed, until, err := data.Store.RotateDataKey(t.Context(), n.pool, store.DataKeyChange{Overlap: time.Hour, Settle: 2 * time.Second, Progress: func(int) {}})
	must(t, err)
	close(over)
	load.Wait()
	if sealed < 4 || requests.Load() == 0 {
		t.Errorf("%d values were sealed again beside %d requests", sealed, requests.Load())
	}

	// A node may know a pool as it was half a second ago, but for its own changes.
	_, err = n.a.SetUserPoolMfaConfig(t.Context(), &cognitoidentityprovider.SetUserPoolMfaConfigInput{UserPoolId: &n.pool, MfaConfiguration: "OFF"})
	must(t, err)
	fresh, err := n.signIn(t, n.a, "ann", password)
	must(t, err)
	for _, node := range []*idp{n.a, n.b} {
		wantTold(t, "a refresh with a token from before", n.refresh(t, node, *tokens.RefreshToken), "")
		wantTold(t, "a refresh with a token from afterwards", n.refresh(t, node, *fresh.RefreshToken), "")
	}
	wantTold(t, "a proof that began before", proof(n.a), "")
	_, err = n.b.RespondToAuthChallenge(t.Context(), &cognitoidentityprovider.RespondToAuthChallengeInput{
		ClientId: &n.client, ChallengeName: "NEW_PASSWORD_REQUIRED", Session: session.Session,
		ChallengeResponses: map[string]string{"USERNAME": "dan", "NEW_PASSWORD": newPassword},
	})
	wantTold(t, "a session that began before", err, "")

	must(t, data.Sweep(t.Context(), until))
	withinASecond(t, "tokens from before are refused on both nodes", func() bool {
		return n.refresh(t, n.a, *tokens.RefreshToken) != nil && n.refresh(t, n.b, *tokens.RefreshToken) != nil
	})
	for _, node := range []*idp{n.a, n.b} {
		wantTold(t, "a refresh with a token from before", n.refresh(t, node, *tokens.RefreshToken), "Invalid Refresh Token")
		wantTold(t, "a refresh with a token from afterwards", n.refresh(t, node, *fresh.RefreshToken), "")
		wantTold(t, "a proof after all", n.beginSRP(t, node, "bob")(node), "")
	}
}

// beginSRP does the first step of SRP on a node, and returns the function that does the second.
func (d directory) beginSRP(t *testing.T, node *idp, name string) func(*idp) error {
	t.Helper()
	e := srp.NewEphemeral()
	out, err := d.initiate(t, node, "USER_SRP_AUTH", map[string]string{"USERNAME": name, "SRP_A": e.A()})
	must(t, err)
	p := out.ChallengeParameters
	block, err := base64.StdEncoding.DecodeString(p["SECRET_BLOCK"])
	must(t, err)
	stamp := srp.FormatTimestamp(time.Now())
	_, poolName, _ := strings.Cut(d.pool, "_")
	proof, err := e.Proof(poolName, p["USER_ID_FOR_SRP"], password, p["SALT"], p["SRP_B"], block, stamp)
	must(t, err)
	return func(node *idp) error {
		_, err := node.RespondToAuthChallenge(t.Context(), &cognitoidentityprovider.RespondToAuthChallengeInput{
			ClientId: &d.client, ChallengeName: "PASSWORD_VERIFIER",
			ChallengeResponses: map[string]string{
				"USERNAME": p["USER_ID_FOR_SRP"], "PASSWORD_CLAIM_SECRET_BLOCK": p["SECRET_BLOCK"],
				"PASSWORD_CLAIM_SIGNATURE": proof, "TIMESTAMP": stamp,
			},
		})
		return err
	}
}

// The command is killed while it waits for the nodes, and run again.
func TestAChangeOfADataKeyOutlivesKill9(t *testing.T) {
	t.Parallel()
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
	api := p.SDK()
	d := newDirectory(t, api)
	d.newUser(t, api, "ann")
	tokens, err := d.signIn(t, api, "ann", password)
	must(t, err)
	command := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), cenotetest.Binary(t), append(args, "--data-dir", p.DataDir)...)
		cmd.Dir = p.DataDir
		return cmd
	}
	said := func() string {
		out, _ := command("doctor").CombinedOutput() // it exits with 1: the server has the address
		return string(out)
	}

	killed := command("pool", "rotate-data-key", d.pool)
	must(t, killed.Start())
	const unfinished = "the change of that of pool "
	for end := time.Now().Add(time.Minute); !strings.Contains(said(), unfinished); {
		if time.Now().After(end) {
			t.Fatalf("doctor does not tell of the change under way:\n%s", said())
		}
	}
	must(t, killed.Process.Kill())
	_ = killed.Wait() // killed
	wantTold(t, "a refresh after the kill", d.refresh(t, api, *tokens.RefreshToken), "")

	out, err := command("pool", "rotate-data-key", d.pool, "--overlap", "1m").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Running servers drop the earlier key after ") {
		t.Fatalf("run again: %v\n%s", err, out)
	}
	if got := said(); strings.Contains(got, unfinished) || !strings.Contains(got, "the earlier one is dropped after ") {
		t.Errorf("doctor says:\n%s", got)
	}
	wantTold(t, "a refresh after the change", d.refresh(t, api, *tokens.RefreshToken), "")
	if _, err := d.signIn(t, api, "ann", password); err != nil {
		t.Errorf("a sign-in after the change: %v", err)
	}
	if out, err := command("pool", "rotate-data-key", d.pool, "--overlap", "1s").CombinedOutput(); err == nil || !strings.Contains(string(out), "it is 1m0s at least") {
		t.Errorf("an overlap of a second: %v\n%s", err, out)
	}
	if out, err := command("pool", "rotate-data-key", "us-east-1_Nowhere00").CombinedOutput(); err == nil || !strings.Contains(string(out), "does not exist") {
		t.Errorf("a pool that does not exist: %v\n%s", err, out)
	}
}
