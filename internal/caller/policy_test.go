package caller

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

func TestPolicyAllows(t *testing.T) {
	t.Parallel()
	const pool = "us-east-1_Abc123XyZ"
	tests := []struct {
		name            string
		policy          Policy
		operation, pool string
		want            bool
	}{
		{"no limits allow an operation on a pool", Policy{}, "AdminGetUser", pool, true},
		{"no limits allow an operation without a pool", Policy{}, "ListUserPools", "", true},
		{"a named operation is allowed", Policy{Operations: []string{"ListUsers", "AdminGetUser"}}, "AdminGetUser", pool, true},
		{"an operation that isn't named is not", Policy{Operations: []string{"AdminGetUser"}}, "AdminDeleteUser", pool, false},
		{"a name is no prefix", Policy{Operations: []string{"AdminDeleteUser"}}, "AdminDeleteUserAttributes", pool, false},
		{"case matters", Policy{Operations: []string{"admingetuser"}}, "AdminGetUser", pool, false},
		{"a pattern is allowed", Policy{Operations: []string{"Admin*"}}, "AdminGetUser", pool, true},
		{"a pattern has an end too", Policy{Operations: []string{"*User"}}, "AdminGetUsers", pool, false},
		{"a name with its service is allowed", Policy{Operations: []string{"cognito-idp:Admin*"}}, "AdminGetUser", pool, true},
		{"a name of another service is not", Policy{Operations: []string{"cognito-identity:*"}}, "TagResource", pool, false},
		{"an empty list of operations allows none", Policy{Operations: []string{}}, "AdminGetUser", pool, false},
		{"a named pool is allowed", Policy{Pools: []string{pool}}, "AdminGetUser", pool, true},
		{"another pool is not", Policy{Pools: []string{pool}}, "AdminGetUser", "us-east-1_Abc123Xyz", false},
		{"a pattern for pools is allowed", Policy{Pools: []string{"us-east-?_*"}}, "AdminGetUser", pool, true},
		{"a key for one pool can't list all", Policy{Pools: []string{pool}}, "ListUserPools", "", false},
		{"a key for pools of a region can't list all", Policy{Pools: []string{"us-*"}}, "ListUserPools", "", false},
		{"a key for every pool can list them", Policy{Pools: []string{"*"}}, "ListUserPools", "", true},
		{"an empty list of pools allows none", Policy{Pools: []string{}}, "AdminGetUser", pool, false},
		{"both limits hold", Policy{Operations: []string{"Admin*"}, Pools: []string{"eu-*"}}, "AdminGetUser", pool, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.policy.Allows("cognito-idp", tt.operation, tt.pool); got != tt.want {
				t.Errorf("Allows(%q, %q) = %t, want %t", tt.operation, tt.pool, got, tt.want)
			}
		})
	}
}

func TestPolicyKeepsEmptyListsInJSON(t *testing.T) {
	t.Parallel()
	for _, p := range []Policy{{}, {Operations: []string{}}, {Pools: []string{}}, {Operations: []string{"Admin*"}, Pools: []string{"eu-*"}}} {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var back Policy
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if (back.Operations == nil) != (p.Operations == nil) || (back.Pools == nil) != (p.Pools == nil) || back.Unlimited() != p.Unlimited() {
			t.Errorf("%#v came back from %s as %#v", p, text, back)
		}
	}
}

func TestMatchesTakesNoLongTimeForAHostilePattern(t *testing.T) {
	t.Parallel()
	// A matcher that tries each star anew would not end within the life of the test.
	if matches(strings.Repeat("*a", 100)+"b", strings.Repeat("a", 5000)) {
		t.Error("matched, but there is no b")
	}
}

func FuzzMatches(f *testing.F) {
	f.Add("Admin*", "AdminGetUser")
	f.Add("*?*", "")
	f.Add("a*b?c*", "aXbYcZ")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 50 || len(s) > 200 {
			t.Skip()
		}
		// The regular expression sees Latin-1, so that a byte is a character.
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(latin1(pattern)))
		want := regexp.MustCompile(`(?s)\A` + expression + `\z`).MatchString(latin1(s))
		if got := matches(pattern, s); got != want {
			t.Errorf("matches(%q, %q) = %t, want %t", pattern, s, got, want)
		}
	})
}

func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func TestAccessKeyHidesItsSecrets(t *testing.T) {
	t.Parallel()
	k := AccessKey{ID: "AKID", Secret: "s3cret", SessionToken: "t0ken"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(verb, k); strings.Contains(s, "s3cret") || strings.Contains(s, "t0ken") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func TestFromGivesWhatWithTook(t *testing.T) {
	t.Parallel()
	want := Caller{RequestID: "r", SourceIP: "192.0.2.1", UserAgent: "u", AccessKeyID: "AKID"}
	if got := From(With(t.Context(), want)); got != want {
		t.Errorf("From = %+v, want %+v", got, want)
	}
	if got := From(t.Context()); got != (Caller{}) {
		t.Errorf("From of a bare context = %+v, want nothing", got)
	}
}
