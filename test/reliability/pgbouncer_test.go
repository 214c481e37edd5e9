package reliability_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
	"github.com/cenote-id/cenote/internal/cenotetest/pgtest"
)

// startPgBouncer puts PgBouncer, in transaction mode with two connections, before the database, and returns the URL that goes through it.
func startPgBouncer(t *testing.T, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // where Debian has it, which is not in everybody's path
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("needs PgBouncer: ", err)
	}
	at, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	address := cenotetest.FreeAddress(t)
	_, listen, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "cenote-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	host, port := at.Hostname(), at.Port()
	if host == "" {
		host, port = at.Query().Get("host"), at.Query().Get("port")
	}
	if port == "" {
		port = "5432"
	}
	settings := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = extra_float_digits
`, host, port, at.User.Username(), listen)
	if err := os.WriteFile(settings, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, settings)
	if os.Getuid() == 0 { // PgBouncer does not run as root
		owner, err := user.Lookup("postgres")
		if err != nil {
			t.Skip(err)
		}
		uid, _ := strconv.ParseUint(owner.Uid, 10, 32)
		gid, _ := strconv.ParseUint(owner.Gid, 10, 32)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	cenotetest.Eventually(t, "PgBouncer listens", func() bool {
		c, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return fmt.Sprintf("postgres://%s@%s%s?sslmode=disable&default_query_exec_mode=exec", at.User.Username(), address, at.Path)
}

// Through PgBouncer in transaction mode, two nodes migrate, serve and see each other's changes, with fewer connections than requests.
func TestPgBouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	database := startPgBouncer(t, pgtest.Start(t))
	a := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: database})
	b := cenotetest.Start(t, cenotetest.Options{Serve: true, Database: database, DataDir: a.DataDir})
	made, err := a.SDK().CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("pooled")})
	if err != nil {
		t.Fatal(err)
	}
	client, err := b.SDK().CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: made.UserPool.Id, ClientName: aws.String("app"),
		ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowUserPasswordAuth, types.ExplicitAuthFlowsTypeAllowRefreshTokenAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			nodes := []*idp{a.SDK(), b.SDK()}
			for i := range 5 {
				name, node := fmt.Sprintf("user%d-%d", n, i), nodes[i%2]
				_, err := node.AdminCreateUser(t.Context(), &cognitoidentityprovider.AdminCreateUserInput{UserPoolId: made.UserPool.Id, Username: &name, MessageAction: types.MessageActionTypeSuppress})
				if err == nil {
					_, err = node.AdminSetUserPassword(t.Context(), &cognitoidentityprovider.AdminSetUserPasswordInput{
						UserPoolId: made.UserPool.Id, Username: &name, Password: aws.String("Passw0rd-one!"), Permanent: true,
					})
				}
				if err == nil {
					_, err = nodes[1-i%2].InitiateAuth(t.Context(), &cognitoidentityprovider.InitiateAuthInput{
						ClientId: client.UserPoolClient.ClientId, AuthFlow: types.AuthFlowTypeUserPasswordAuth,
						AuthParameters: map[string]string{"USERNAME": name, "PASSWORD": "Passw0rd-one!"},
					})
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	wg.Wait()
	users, err := a.SDK().ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: made.UserPool.Id})
	if err != nil || len(users.Users) != 40 {
		t.Errorf("%d users: %v", len(users.Users), err)
	}
}
