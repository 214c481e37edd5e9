package user

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cenote-id/cenote/internal/fault"
)

func TestParseFilter(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want Filter
		err  string // message of the fault; empty: none
	}{
		"no filter lets all users through":     {text: "", want: Filter{}},
		"blanks are no filter":                 {text: "  ", want: Filter{}},
		"equality":                             {text: `email = "a@example.com"`, want: Filter{"email", false, "a@example.com"}},
		"spaces are optional":                  {text: `email="a"`, want: Filter{"email", false, "a"}},
		"prefix":                               {text: `given_name ^= "Jo"`, want: Filter{"given_name", true, "Jo"}},
		"escaped quotes and backslashes":       {text: `name = "a \"b\" \\c"`, want: Filter{"name", false, `a "b" \c`}},
		"an equals sign inside the value":      {text: `name = "a=b"`, want: Filter{"name", false, "a=b"}},
		"an empty value":                       {text: `name ^= ""`, want: Filter{"name", true, ""}},
		"the attribute in quotes":              {text: `"family_name" = "Doe"`, want: Filter{"family_name", false, "Doe"}},
		"the status that has a colon":          {text: `cognito:user_status = "CONFIRMED"`, want: Filter{"cognito:user_status", false, "CONFIRMED"}},
		"a value without quotes is refused":    {text: `email = a`, err: "Error while parsing filter."},
		"an open quote is refused":             {text: `email = "a`, err: "Error while parsing filter."},
		"a trailing backslash is refused":      {text: `email = "a\`, err: "Error while parsing filter."},
		"a second condition is refused":        {text: `email = "a" and name = "b"`, err: "Error while parsing filter."},
		"text behind the value is refused":     {text: `email = "a" x`, err: "Error while parsing filter."},
		"no operator is refused":               {text: `email "a"`, err: "Error while parsing filter."},
		"no attribute is refused":              {text: `= "a"`, err: "Error while parsing filter."},
		"an unknown operator is refused":       {text: `email ^^= "a"`, err: "Error while parsing filter."},
		"a comparison is refused":              {text: `email == "a"`, err: "Error while parsing filter."},
		"custom attributes cannot be searched": {text: `custom:plan = "a"`, err: "Invalid search attribute: custom:plan"},
		"other standard attributes neither":    {text: `gender = "a"`, err: "Invalid search attribute: gender"},
		"attribute names are compared exactly": {text: `Email = "a"`, err: "Invalid search attribute: Email"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseFilter(tc.text)
			if tc.err != "" {
				if !fault.Is(err, fault.InvalidParameter) || err.Error() != "InvalidParameterException: "+tc.err {
					t.Fatalf("ParseFilter(%q) = %v, %v; want %q", tc.text, got, err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("filter (-want +got):\n%s", diff)
			}
		})
	}
}

// FuzzParseFilter checks that hostile filters are answered by a fault or by a filter on a known attribute, never by one that lets
// everybody through by accident.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{`email = "a"`, `name ^= "\""`, `"`, `=`, `a="\\"`, "email\x00=\"\"", `status = "Enabled" `} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseFilter(text)
		if err != nil {
			if !fault.Is(err, fault.InvalidParameter) {
				t.Fatalf("ParseFilter(%q) answered %v", text, err)
			}
			return
		}
		if got == (Filter{}) {
			for _, r := range text {
				if r != ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\v' && r != '\f' && r != 0x85 && r != 0xA0 && r < 0x1680 {
					t.Fatalf("ParseFilter(%q) is no filter", text)
				}
			}
		}
	})
}
