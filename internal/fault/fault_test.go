package fault

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestALogLineIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 500_000)
	e := New(UserLambdaValidation, long).Because(errors.New(long))
	if text := e.Error(); len(text) > 5000 || !utf8.ValidString(text) || !strings.Contains(text, "(1000000 bytes)") {
		t.Errorf("%d bytes for the log", len(text))
	}
	if e.Message != long {
		t.Error("the caller is not told the whole message")
	}
	short := New(NotAuthorized, "no").Because(errors.New("why"))
	if got, want := short.Error(), "NotAuthorizedException: no (why)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
