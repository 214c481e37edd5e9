package cli_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestTheCollectorOfAServer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, given, wants string }{
		{"by itself", "", "140"},
		{"chosen by an operator", "80", "80"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := cenotetest.StartBinary(t, cenotetest.BinaryOptions{Env: []string{"GOGC=" + c.given}})
			res, err := http.Get(server.URL + "/metrics")
			must(t, err)
			defer res.Body.Close()
			said, err := io.ReadAll(res.Body)
			must(t, err)
			if want := "\ngo_gc_gogc_percent " + c.wants + "\n"; !strings.Contains(string(said), want) {
				t.Errorf("no line %q in the metrics:\n%s", strings.TrimSpace(want), said)
			}
		})
	}
}
