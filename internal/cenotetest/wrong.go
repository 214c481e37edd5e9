package cenotetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// Wrong returns a code as long as the right ones that is none of them. A code that a test makes up is right once in a million.
func Wrong(right ...string) string {
	for digit := '0'; ; digit++ {
		if code := strings.Repeat(string(digit), len(right[0])); !slices.Contains(right, code) {
			return code
		}
	}
}

// WrongTOTP returns a code that an authenticator app with the secret does not show within a minute of the time.
func WrongTOTP(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	var right []string
	for step := time.Duration(-2); step <= 2; step++ {
		code, err := totp.GenerateCode(secret, at.Add(step*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		right = append(right, code)
	}
	return Wrong(right...)
}
