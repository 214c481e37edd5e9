package cli_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

func TestUsersAreSorted(t *testing.T) {
	t.Parallel()
	srv := cenotetest.Start(t, cenotetest.Options{Settings: map[string]string{"extended-filters": "true"}})
	o := office{[]string{"CENOTE_URL=" + srv.URL, "CENOTE_POOL_ID=" + srv.PoolID}}
	for _, name := range []string{"bob", "ann", "cyd"} {
		o.ok(t, "", "users", "create", name+"@example.com", "--no-invitation")
	}
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"--sort", "email"}, []string{"ann", "bob", "cyd"}},
		{[]string{"--sort", "-email"}, []string{"cyd", "bob", "ann"}},
		{[]string{"--sort", "created", "--filter", `email $= "example.com" and not email ^= "ann"`}, []string{"bob", "cyd"}},
	} {
		var names []string
		list := strings.Split(strings.TrimSpace(o.ok(t, "", append([]string{"users", "list"}, tc.args...)...)), "\n")
		for _, line := range list[1:] {
			names = append(names, strings.TrimSuffix(strings.Fields(line)[3], "@example.com"))
		}
		if !slices.Equal(names, tc.want) {
			t.Errorf("users list %v prints %v", tc.args, names)
		}
	}
}
