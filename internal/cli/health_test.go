package cli_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestHealthAsksTheServerOfTheSettings(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Serve: true})
	address := strings.TrimPrefix(srv.URL, "http://")
	for _, args := range [][]string{{"health"}, {"health", "--ready"}} {
		stdout, stderr, code := cenote(t, []string{"CENOTE_LISTEN=" + address, "HTTP_PROXY=http://127.0.0.1:1"}, args...)
		if code != 0 || stdout != "" || stderr != "" {
			t.Errorf("%v exits with %d: %q %q", args, code, stdout, stderr)
		}
	}
	// An address that stands for all of them is asked on this machine.
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := cenote(t, nil, "health", "--listen", "0.0.0.0:"+port); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	six, err := net.Listen("tcp", "[::1]:0")
	if err == nil { // else this machine has no IPv6
		other := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		other.Listener = six
		other.Start()
		t.Cleanup(other.Close)
		_, port, err := net.SplitHostPort(six.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, stderr, code := cenote(t, nil, "health", "--listen", ":"+port); code != 0 {
			t.Errorf("on IPv6 alone: exit code %d: %s", code, stderr)
		}
	}
	if _, stderr, code := cenote(t, nil, "health", "--listen", "127.0.0.1:0"); code != 1 || !strings.Contains(stderr, "no fixed port") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestHealthFailsWhereNoServerAnswersWell(t *testing.T) {
	t.Parallel()
	closed := cenotetest.FreeAddress(t)
	if _, stderr, code := cenote(t, nil, "health", "--listen", closed); code != 1 || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	// A server of something else answers 404.
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	if _, stderr, code := cenote(t, nil, "health", "--listen", strings.TrimPrefix(page.URL, "http://")); code != 1 || !strings.Contains(stderr, "answers 404") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
