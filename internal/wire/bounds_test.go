package wire

import (
	"fmt"
	"strings"
	"testing"
)

func TestDecodeBoundsListsAndMaps(t *testing.T) {
	t.Parallel()
	entries := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"k%d":"v",`, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	attributes := func(n int) string { return strings.TrimSuffix(strings.Repeat(`{"Name":"a","Value":"b"},`, n), ",") }
	names := func(n int) string { return strings.TrimSuffix(strings.Repeat(`"a",`, n), ",") }
	for name, tc := range map[string]struct {
		operation string
		body      func(n int) string
		place     string
	}{
		"parameters": {"InitiateAuth", func(n int) string {
			return `{"AuthFlow":"USER_AUTH","ClientId":"c","AuthParameters":{` + entries(n) + `}}`
		}, "authParameters"},
		"responses": {"RespondToAuthChallenge", func(n int) string {
			return `{"ChallengeName":"PASSWORD","ClientId":"c","ChallengeResponses":{` + entries(n) + `}}`
		}, "challengeResponses"},
		"metadata": {"SignUp", func(n int) string {
			return `{"ClientId":"c","Username":"u","ClientMetadata":{` + entries(n) + `}}`
		}, "clientMetadata"},
		"attributes": {"SignUp", func(n int) string {
			return `{"ClientId":"c","Username":"u","UserAttributes":[` + attributes(n) + `]}`
		}, "userAttributes"},
		"names": {"DeleteUserAttributes", func(n int) string {
			return `{"AccessToken":"a.b.c","UserAttributeNames":[` + names(n) + `]}`
		}, "userAttributeNames"},
	} {
		o, ok := Lookup("AWSCognitoIdentityProviderService." + tc.operation)
		if !ok {
			t.Fatal(tc.operation)
		}
		if _, err := o.Decode([]byte(tc.body(maxElements))); err != nil {
			t.Errorf("%d %s: %v", maxElements, name, err)
		}
		want := "InvalidParameterException: 1 validation error detected: Value at '" + tc.place +
			"' failed to satisfy constraint: Member must have length less than or equal to 500"
		for _, n := range []int{maxElements + 1, 60_000} {
			if _, err := o.Decode([]byte(tc.body(n))); err == nil || err.Error() != want {
				t.Errorf("%d %s: got %.200v, want %s", n, name, err, want)
			}
		}
	}
	for _, o := range Operations() {
		checkBounds(t, o.Input, map[*Shape]bool{})
	}
}

// checkBounds holds that no list or map of the model is allowed more elements than are read.
func checkBounds(t *testing.T, s *Shape, seen map[*Shape]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	if (s.Kind == List || s.Kind == Map) && s.HasMax && s.Max > maxElements {
		t.Errorf("%s may have %d elements", s.Name, s.Max)
	}
	checkBounds(t, s.Elem, seen)
	for i := range s.Members {
		checkBounds(t, s.Members[i].Shape, seen)
	}
}
