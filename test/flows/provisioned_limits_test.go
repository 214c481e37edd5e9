package flows

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/cenotetest"
)

// untilRefused repeats a request until the account's limit refuses it, and returns how many got through.
func (s *site) untilRefused(t *testing.T, operation string, in doc) int {
	t.Helper()
	const most = 10000
	for n := range most {
		switch _, no := s.call(t, operation, in); no {
		case refusal{}:
		case refusal{"TooManyRequestsException", "Rate exceeded"}:
			return n
		default:
			t.Fatalf("%s: %+v", operation, no)
		}
	}
	t.Fatalf("%s: %d requests got through", operation, most)
	return 0
}

func TestProvisionedLimitsAreObeyed(t *testing.T) {
	onBothDatabases(t, func(t *testing.T, srv *cenotetest.Server) {
		s := &site{srv: srv, ip: "192.0.2.10", agent: chromeOnWindows}
		s.pool = s.must(t, "CreateUserPool", doc{"PoolName": "site"})["UserPool"].(doc)["Id"].(string)
		s.client = s.newClient(t, nil)
		s.addUser(t, "ann")
		token := s.signIn(t, "ann")["AccessToken"]
		groups := doc{"UserPoolId": s.pool, "Username": "ann"}
		const free, burst = 50, 100
		for range 2 * burst {
			s.must(t, "AdminListGroupsForUser", groups) // the default is no limit
		}

		definition := doc{"LimitClass": "API_CATEGORY", "Attributes": doc{"Category": "UserResourceRead"}}
		want := doc{"Limit": doc{"LimitDefinition": definition, "ProvisionedLimitValue": float64(free), "FreeLimitValue": float64(free)}}
		if diff := cmp.Diff(want, s.must(t, "UpdateProvisionedLimit", doc{"LimitDefinition": definition, "RequestedLimitValue": free})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := s.untilRefused(t, "AdminListGroupsForUser", groups); n < burst {
			t.Errorf("%d requests got through, want the burst of %d at least", n, burst)
		}
		s.untilRefused(t, "GetUserAuthFactors", doc{"AccessToken": token}) // the same limit
		s.must(t, "AdminGetUser", groups)                                  // another one

		srv.Advance(t, 2*time.Second)
		s.must(t, "AdminListGroupsForUser", groups)
		srv.Restart(t)
		if diff := cmp.Diff(want, s.must(t, "GetProvisionedLimit", doc{"LimitDefinition": definition})); diff != "" {
			t.Errorf("after a restart (-want +got):\n%s", diff)
		}
		s.untilRefused(t, "AdminListGroupsForUser", groups)
	})
}
