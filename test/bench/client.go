package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/cenote-id/cenote/client/srp"
	"github.com/cenote-id/cenote/internal/cenotetest"
)

// Client is a lean client of one server: what it costs itself should not hide what the server costs.
type Client struct {
	URL    string
	creds  aws.Credentials
	signer *v4.Signer
	http   *http.Client
}

// NewClient returns a client that keeps up to so many connections open.
func NewClient(p *cenotetest.Process, connections int) *Client {
	return newClient(p.URL, p.AccessKeyID, p.SecretAccessKey, connections)
}

func newClient(url, keyID, secret string, connections int) *Client {
	return &Client{
		URL:    url,
		creds:  aws.Credentials{AccessKeyID: keyID, SecretAccessKey: secret},
		signer: v4.NewSigner(),
		http:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}},
	}
}

type object = map[string]any

// Call runs an operation without a signature and decodes its answer.
func (c *Client) Call(operation string, in object) (object, error) {
	return c.call(operation, in, false)
}

// Signed runs an operation with a signature.
func (c *Client) Signed(operation string, in object) (object, error) {
	return c.call(operation, in, true)
}

func (c *Client) call(operation string, in object, sign bool) (object, error) {
	r, err := c.request(operation, in, sign)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s %s", operation, res.Status, said)
	}
	var out object
	return out, json.Unmarshal(said, &out)
}

// request makes the request that runs an operation.
func (c *Client) request(operation string, in object, sign bool) (*http.Request, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	if sign {
		sum := sha256.Sum256(body)
		err = c.signer.SignHTTP(ctx, c.creds, r, hex.EncodeToString(sum[:]), "cognito-idp", "us-east-1", time.Now())
	}
	return r, err
}

// at walks into an answer.
func at(o object, path ...string) string {
	for _, name := range path[:len(path)-1] {
		o, _ = o[name].(object)
	}
	s, _ := o[path[len(path)-1]].(string)
	return s
}

const password = "Passw0rd!"

// directory is a pool with a client on a running server.
type directory struct {
	*Client
	process        *cenotetest.Process
	pool, clientID string
}

// newDirectory starts a server with an empty pool.
func newDirectory(tb testing.TB, connections int) *directory {
	tb.Helper()
	p := cenotetest.StartBinary(tb, cenotetest.BinaryOptions{})
	d := &directory{Client: NewClient(p, connections), process: p}
	d.makePool(tb)
	return d
}

// makePool makes the pool and its client.
func (d *directory) makePool(tb testing.TB) {
	tb.Helper()
	out := d.must(tb)(d.Signed("CreateUserPool", object{"PoolName": "bench", "Policies": object{"PasswordPolicy": object{"MinimumLength": 8}}}))
	d.pool = at(out, "UserPool", "Id")
	out = d.must(tb)(d.Signed("CreateUserPoolClient", object{
		"UserPoolId": d.pool, "ClientName": "bench",
		"ExplicitAuthFlows": []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}))
	d.clientID = at(out, "UserPoolClient", "ClientId")
}

func (d *directory) must(tb testing.TB) func(object, error) object {
	return func(out object, err error) object {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return out
	}
}

// addUser makes a confirmed user.
func (d *directory) addUser(tb testing.TB, name string) {
	tb.Helper()
	d.must(tb)(d.Signed("AdminCreateUser", object{"UserPoolId": d.pool, "Username": name, "MessageAction": "SUPPRESS"}))
	d.must(tb)(d.Signed("AdminSetUserPassword", object{"UserPoolId": d.pool, "Username": name, "Password": password, "Permanent": true}))
}

// passwordSignIn signs in with the plain password.
func (d *directory) passwordSignIn(name string) (object, error) {
	return d.Call("InitiateAuth", object{
		"ClientId": d.clientID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": object{"USERNAME": name, "PASSWORD": password},
	})
}

// newProver returns what signs a user in over SRP.
func (d *directory) newProver(tb testing.TB, name string) *prover {
	tb.Helper()
	out := d.must(tb)(d.beginSRP(name, big.NewInt(2)))
	return newProver(d.pool[len("us-east-1_"):], at(out, "ChallengeParameters", "USER_ID_FOR_SRP"), password, at(out, "ChallengeParameters", "SALT"))
}

func (d *directory) beginSRP(name string, a *big.Int) (object, error) {
	return d.Call("InitiateAuth", object{
		"ClientId": d.clientID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": name, "SRP_A": a.Text(16)},
	})
}

// srpSignIn signs in over SRP: two requests.
func (d *directory) srpSignIn(name string, by *prover) (object, error) {
	out, err := d.beginSRP(name, by.public)
	if err != nil {
		return nil, err
	}
	block, err := base64.StdEncoding.DecodeString(at(out, "ChallengeParameters", "SECRET_BLOCK"))
	if err != nil {
		return nil, err
	}
	timestamp := srp.FormatTimestamp(time.Now())
	return d.Call("RespondToAuthChallenge", object{
		"ClientId": d.clientID, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": object{
			"USERNAME": by.id, "TIMESTAMP": timestamp,
			"PASSWORD_CLAIM_SECRET_BLOCK": at(out, "ChallengeParameters", "SECRET_BLOCK"),
			"PASSWORD_CLAIM_SIGNATURE":    by.proof(at(out, "ChallengeParameters", "SRP_B"), block, timestamp),
		},
	})
}

// load runs call n times over so many connections and returns the wall time. The first error ends it.
func load(tb testing.TB, connections, n int, call func(i int) error) time.Duration {
	tb.Helper()
	var wg sync.WaitGroup
	failed := make(chan error, connections)
	start := time.Now()
	for c := range connections {
		wg.Go(func() {
			for i := c; i < n; i += connections {
				if err := call(i); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	select {
	case err := <-failed:
		tb.Fatal(err)
	default:
	}
	return took
}
