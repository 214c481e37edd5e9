package pages

import "testing"

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

func TestEveryLanguageHasAName(t *testing.T) {
	t.Parallel()
	if len(tongueNames) != len(tags) {
		t.Fatalf("%d names for %d languages", len(tongueNames), len(tags))
	}
}
