package flows

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Every pool shows the names of all levels of authentication, and what is shown can be sent back, also where the tier allows no other names.
func TestPoolsShowTheirLevelsOfAuthentication(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil, doc{"UserPoolTier": "LITE"}, doc{"ExplicitAuthFlows": []string{"ALLOW_USER_SRP_AUTH"}})
	levels := func() doc {
		t.Helper()
		shown, _ := s.must(t, "DescribeUserPool", doc{"UserPoolId": s.pool})["UserPool"].(doc)["AcrConfiguration"].(doc)
		return shown
	}
	level := func(name string) doc { return doc{"AcrValue": name} }
	want := doc{
		"Level1": level("urn:cognito:loa:1"), "Level2": level("urn:cognito:loa:2"),
		"Level3": level("urn:cognito:loa:3"), "Level4": level("urn:cognito:loa:4"),
	}
	if diff := cmp.Diff(want, levels()); diff != "" {
		t.Errorf("levels (-want +got):\n%s", diff)
	}
	s.must(t, "UpdateUserPool", doc{"UserPoolId": s.pool, "AcrConfiguration": levels()})
	renamed := doc{"UserPoolId": s.pool, "AcrConfiguration": doc{"Level4": level("high")}}
	s.refused(t, "UpdateUserPool", renamed, refusal{Code: "FeatureUnavailableInTierException"})
	renamed["UserPoolTier"] = "ESSENTIALS"
	s.must(t, "UpdateUserPool", renamed)
	want["Level4"] = level("high")
	if diff := cmp.Diff(want, levels()); diff != "" {
		t.Errorf("levels after one was renamed (-want +got):\n%s", diff)
	}
}
