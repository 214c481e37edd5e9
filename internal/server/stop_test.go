package server_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// slowMail is a mail server that takes connections and lets them wait until it is let go; then it hangs up.
func slowMail(t *testing.T) (url string, connected <-chan struct{}, hangUp func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	arrived, leave := make(chan struct{}), make(chan struct{})
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		close(arrived)
		<-leave
		conn.Close()
	}()
	return "smtp://" + l.Addr().String(), arrived, func() { close(leave) }
}

func TestATerminatedServerAnswersWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	mail, connected, hangUp := slowMail(t)
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Args: []string{"--smtp-url", mail, "--mail-from", "a@example.com"}})
	api := p.SDK()
	pool, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p"), AutoVerifiedAttributes: []types.VerifiedAttributeType{"email"}})
	must(t, err)
	client, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: pool.UserPool.Id, ClientName: new("c")})
	must(t, err)

	answered := make(chan error, 1)
	go func() {
		_, err := api.SignUp(t.Context(), &idp.SignUpInput{
			ClientId: client.UserPoolClient.ClientId, Username: new("ann"), Password: new("Corr3ct-horse!"),
			UserAttributes: []types.AttributeType{{Name: new("email"), Value: new("ann@example.com")}},
		})
		answered <- err
	}()
	<-connected
	p.Signal(t, syscall.SIGTERM)
	for refused := false; !refused; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
		if refused = err != nil; !refused {
			must(t, conn.Close())
		}
	}
	hangUp()
	if got := cenotetest.CodeOf(t, <-answered); got != "CodeDeliveryFailureException" {
		t.Errorf("the call under way is answered %q", got)
	}
	if code := p.Wait(t); code != 0 {
		t.Errorf("the process ends with %d\n%s", code, p.Log())
	}
}

func TestASecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	mail, connected, hangUp := slowMail(t)
	defer hangUp()
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Command: "dev", Args: []string{"--smtp-url", mail, "--mail-from", "a@example.com"}})
	api := p.SDK()
	pools, err := api.ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
	must(t, err)
	clients, err := api.ListUserPoolClients(t.Context(), &idp.ListUserPoolClientsInput{UserPoolId: pools.UserPools[0].Id})
	must(t, err)
	go func() { // never answered
		_, _ = api.SignUp(t.Context(), &idp.SignUpInput{ClientId: clients.UserPoolClients[0].ClientId, Username: new("ann@example.com"), Password: new("Corr3ct-horse!")})
	}()
	<-connected
	p.Signal(t, syscall.SIGINT)
	cenotetest.Eventually(t, "the first signal is heard", func() bool { return strings.Contains(p.Log(), "stopping") })
	p.Signal(t, syscall.SIGTERM) // not SIGINT, which whatever a script runs in the background ignores
	if code := p.Wait(t); code != -1 {
		t.Errorf("the process ends with %d, not by the signal\n%s", code, p.Log())
	}
}

func TestAStoppingServerSendsTheMessagesThatWait(t *testing.T) {
	t.Parallel()
	arrived, release, got := make(chan struct{}), make(chan struct{}), make(chan string, 1)
	gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
		var m struct{ To string }
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &m)
		}
		if err != nil {
			t.Error(err)
		}
		got <- m.To
	}))
	t.Cleanup(gateway.Close)
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true, Settings: map[string]string{"sms-url": gateway.URL}})
	api := srv.SDK()
	pool, err := api.CreateUserPool(t.Context(), &idp.CreateUserPoolInput{PoolName: new("p")})
	must(t, err)
	id := pool.UserPool.Id
	client, err := api.CreateUserPoolClient(t.Context(), &idp.CreateUserPoolClientInput{UserPoolId: id, ClientName: new("c"), PreventUserExistenceErrors: "ENABLED"})
	must(t, err)
	_, err = api.AdminCreateUser(t.Context(), &idp.AdminCreateUserInput{
		UserPoolId: id, Username: new("ann"), MessageAction: "SUPPRESS",
		UserAttributes: []types.AttributeType{{Name: new("phone_number"), Value: new("+15555550100")}, {Name: new("phone_number_verified"), Value: new("true")}},
	})
	must(t, err)
	_, err = api.AdminSetUserPassword(t.Context(), &idp.AdminSetUserPasswordInput{UserPoolId: id, Username: new("ann"), Password: new("Corr3ct-horse!"), Permanent: true})
	must(t, err)
	_, err = api.ForgotPassword(t.Context(), &idp.ForgotPasswordInput{ClientId: client.UserPoolClient.ClientId, Username: new("ann")})
	must(t, err)
	<-arrived
	stopped := make(chan struct{})
	go func() { defer close(stopped); srv.Stop(t) }()
	close(release)
	<-stopped
	select {
	case to := <-got:
		if to != "+15555550100" {
			t.Errorf("the message goes to %s", to)
		}
	default:
		t.Error("the server has stopped without the message")
	}
}

func TestAHangupDoesNotEndAServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the command")
	}
	p := cenotetest.StartBinary(t, cenotetest.BinaryOptions{})
	p.Signal(t, syscall.SIGHUP)
	cenotetest.Eventually(t, "the signal is answered", func() bool { return strings.Contains(p.Log(), "SIGHUP has no effect") })
	_, err := p.SDK().ListUserPools(t.Context(), &idp.ListUserPoolsInput{MaxResults: new(int32(1))})
	must(t, err)
	p.Signal(t, syscall.SIGTERM)
	if code := p.Wait(t); code != 0 {
		t.Errorf("the process ends with %d\n%s", code, p.Log())
	}
}
