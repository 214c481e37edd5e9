//go:build linux

package cluster

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/jackc/pgx/v5"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// cenotePort is where cenote listens, on its own machines, and HAProxy before it.
const cenotePort = "4310"

// stack is the whole: databases, nodes, HAProxy and what clients know.
type stack struct {
	here   *machine
	db     *database
	nodes  []*node
	phones *phones
	api    *idp.Client // through HAProxy

	pool, client, rotating string // the second client rotates its refresh tokens
}

// node is cenote on a machine.
type node struct {
	*machine
	url     string
	process *cenotetest.Process
	api     *idp.Client // not through HAProxy
}

// regular is a user whom nothing happens to.
const regular = "regular"

// groups exist in the pool.
var groups = []string{"admins", "staff"}

func startStack(t *testing.T) *stack {
	t.Helper()
	s := &stack{here: newNetwork(t)}
	s.phones = newPhones(t, s.here)
	s.db = startDatabase(t, s.here)
	for i := range 2 {
		s.nodes = append(s.nodes, &node{machine: newMachine(t, s.here, fmt.Sprint("app", i+1), 21+i)})
	}
	s.startHAProxy(t)
	t.Cleanup(func() {
		s.here.kill(t, "haproxy")
		if t.Failed() {
			s.here.tell(t, "haproxy")
		}
	})
	await(t, "the database can be reached through HAProxy", func() bool { return s.try("postgres", "select 1") == nil })
	for _, name := range []string{"cenote", "canary"} {
		must(t, s.try("postgres", "create database "+name+" encoding 'UTF8' template template0"))
	}
	must(t, s.try("canary", "create table canary (id bigint primary key)"))

	folder := t.TempDir() // with the master key
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	must(t, os.WriteFile(filepath.Join(folder, "master.key"), []byte(base64.StdEncoding.EncodeToString(key)), 0o600))
	for _, n := range s.nodes {
		n.process = cenotetest.StartBinary(t, cenotetest.BinaryOptions{
			Under: n.inside(), Listen: n.address + ":" + cenotePort, Database: url(s.here.address, "cenote"), DataDir: folder,
			Args: []string{"--aws-issuer", "--rate-limits=false", "--shutdown-delay", "3s", "--database-wait", fmt.Sprintf("%ds", min(*ttl+10, 25)), "--sms-url", s.phones.url},
		})
		n.url, n.api = n.process.URL, n.process.SDK()
	}
	s.api = cenotetest.Dial("http://"+s.here.address+":"+cenotePort, s.nodes[0].process.AccessKeyID, s.nodes[0].process.SecretAccessKey)
	for _, n := range s.nodes {
		await(t, "HAProxy leads to "+n.name, func() bool { return s.routes(n.name) })
	}
	s.furnish(t)
	s.db.roles(t)
	return s
}

// try executes a statement through HAProxy.
func (s *stack) try(name, statement string) error {
	return s.db.on(s.here, name, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, statement)
		return err
	})
}

// ready asks a node whether it is.
func (n *node) ready() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, n.url+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// whole waits until nothing is missing after a fault.
func (s *stack) whole(t *testing.T) {
	t.Helper()
	s.db.roles(t)
	for _, n := range s.nodes {
		await(t, n.name+" is ready, and HAProxy leads to it", func() bool { return n.ready() && s.routes(n.name) })
	}
}

// furnish makes a pool with its clients and groups.
func (s *stack) furnish(t *testing.T) {
	t.Helper()
	pool, err := s.api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{
		PoolName: new("people"), AutoVerifiedAttributes: []types.VerifiedAttributeType{types.VerifiedAttributeTypePhoneNumber},
		SmsConfiguration: &types.SmsConfigurationType{SnsCallerArn: new("arn:aws:iam::000000000000:role/sms")},
	})
	must(t, err)
	s.pool = *pool.UserPool.Id
	flows := []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth}
	plain, err := s.api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: &s.pool, ClientName: new("plain"), ExplicitAuthFlows: flows})
	must(t, err)
	s.client = *plain.UserPoolClient.ClientId
	rotating, err := s.api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{
		UserPoolId: &s.pool, ClientName: new("rotating"), ExplicitAuthFlows: flows[:1],
		RefreshTokenRotation: &types.RefreshTokenRotationType{Feature: types.FeatureTypeEnabled, RetryGracePeriodSeconds: new(int32(0))},
	})
	must(t, err)
	s.rotating = *rotating.UserPoolClient.ClientId
	for _, name := range groups {
		_, err := s.api.CreateGroup(t.Context(), &idp.CreateGroupInput{UserPoolId: &s.pool, GroupName: &name})
		must(t, err)
	}
	_, err = s.api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{UserPoolId: &s.pool, Username: new(regular), MessageAction: types.MessageActionTypeSuppress})
	must(t, err)
	_, err = s.api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: &s.pool, Username: new(regular), Password: new(password), Permanent: true})
	must(t, err)
}
