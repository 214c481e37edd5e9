package pages

import (
	"maps"
	"slices"
	"testing"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/pool"
)

func TestPhoneNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"+12065550100":        "+12065550100",
		"+1 (206) 555-0100":   "+12065550100",
		"+49\u00a030.1234/56": "+4930123456",
		"0049 30 123456":      "+4930123456",
		"206 555 0100":        "206 555 0100", // of which country?
		"+1 206 555 CALL":     "+1 206 555 CALL",
		"ann@example.com":     "ann@example.com",
		"":                    "",
		"+":                   "+",
		"00":                  "00",
	} {
		if got := plainPhone(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"123456": "123456", " 123 456\n": "123456", "\uff11\uff12\uff13\u3000\uff10\uff19\uff15": "123095", "12a": "12a", "": "",
	} {
		if got := plainCode(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestEveryFieldThatCanBeWrongHasALabel(t *testing.T) {
	t.Parallel()
	v := &visit{Request: &authorize.Request{Pool: &pool.Pool{}}, Language: languages()["en"]}
	for _, field := range slices.Concat(slices.Collect(maps.Values(members)), slices.Collect(maps.Values(contactFields))) {
		if field != "password" && v.labelOf(field) == "" { // which has a text of its own
			t.Errorf("%s has no label", field)
		}
	}
}

func TestEveryLanguageHasAName(t *testing.T) {
	t.Parallel()
	if len(tongueNames) != len(tags) {
		t.Fatalf("%d names for %d languages", len(tongueNames), len(tags))
	}
}
