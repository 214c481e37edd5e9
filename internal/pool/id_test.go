package pool

import (
	"strings"
	"testing"
)

func TestRandomUsesTheWholeAlphabetAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, alphabet := range []string{"ab", lowers + digits, digits + uppers + lowers} {
		text := random(100*len(alphabet), alphabet)
		if len(text) != 100*len(alphabet) {
			t.Errorf("got %d characters", len(text))
		}
		for _, r := range alphabet {
			if n := strings.Count(text, string(r)); n < 40 || n > 180 { // six standard deviations and more from 100
				t.Errorf("%c came %d times, want about 100", r, n)
			}
		}
		if rest := strings.Trim(text, alphabet); rest != "" {
			t.Errorf("foreign characters %q", rest)
		}
	}
}

func TestParseARN(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ arn, id string }{
		"a pool":                 {ARN("us-east-1", "000000000000", "us-east-1_abcDEF123"), "us-east-1_abcDEF123"},
		"another partition":      {"arn:aws-cn:cognito-idp:cn-north-1:000000000000:userpool/cn-north-1_a", "cn-north-1_a"},
		"another service":        {"arn:aws:s3:us-east-1:000000000000:userpool/us-east-1_a", ""},
		"another resource":       {"arn:aws:cognito-idp:us-east-1:000000000000:client/us-east-1_a", ""},
		"a pool without an id":   {"arn:aws:cognito-idp:us-east-1:000000000000:userpool/", ""},
		"something after the id": {"arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_a:client", ""},
		"nothing":                {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if id, ok := ParseARN(tt.arn); ok != (tt.id != "") || ok && id != tt.id {
				t.Errorf("got %q, %v, want %q", id, ok, tt.id)
			}
		})
	}
}
