package user

import (
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/internal/fault"
)

func TestSearchMatches(t *testing.T) {
	t.Parallel()
	ann := &User{
		ID: "11111111-1111-4111-8111-111111111111", Username: "Ann", Status: Confirmed, Enabled: true, Created: time.Unix(10, 0),
		Attributes: Attributes{"email": "Ann@Example.com", "custom:team": "Red Team", "given_name": "Ann", "family_name": "Doe"},
	}
	for text, want := range map[string]bool{
		``:                                     true,
		`custom:team = "red team"`:             true,
		`custom:team = "red"`:                  false,
		`custom:team != "red"`:                 true,
		`custom:team ^= "RED"`:                 true,
		`custom:team $= "team"`:                true,
		`custom:team *= "d t"`:                 true,
		`email *= "@example."`:                 true,
		`custom:plan = ""`:                     false,
		`not custom:plan ^= ""`:                true,
		`custom:team ^= ""`:                    true,
		`custom:plan != ""`:                    true,
		`custom:plan *= "x"`:                   false,
		`username *= "nn"`:                     true,
		`username = "ann"`:                     false,
		`sub $= "1111"`:                        true,
		`cognito:user_status = "confirmed"`:    true,
		`status = "Disabled"`:                  false,
		`"email"*="ann"and(family_name="doe")`: true,
		`email = "x" or given_name = "ann" and family_name = "roe"`:            false, // and binds closer
		`(email = "x" or given_name = "ann") and family_name = "doe"`:          true,
		`email = "x" or given_name = "ann" or family_name = "roe"`:             true,
		`not email = "x" and NOT (given_name = "bob" OR family_name = "roe")`:  true,
		`not not email *= "ann" sort by family_name desc`:                      true,
		`family_name = "and" or family_name = "\"or\"" or family_name = "doe"`: true,
		`sort by created`: true,
		"\temail *= \"ann\"\nand\r\nfamily_name = \"doe\"  sort by \"created\" ": true,
	} {
		s, err := ParseSearch(text, anyAttribute)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := s.Matches(ann); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func anyAttribute(name string) bool { return name != "custom:unknown" }

func TestSearchTellsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`email`:                           "Error while parsing filter: an operator (=, !=, ^=, $= or *=) expected at character 6.",
		`email == "a"`:                    "Error while parsing filter: an operator (=, !=, ^=, $= or *=) expected at character 7.",
		`email = a`:                       "Error while parsing filter: a value in double quotes expected at character 9.",
		`email = "a`:                      "Error while parsing filter: a closing quote expected at character 9.",
		`email = "a\`:                     "Error while parsing filter: a closing quote expected at character 9.",
		`email = "a\"`:                    "Error while parsing filter: a closing quote expected at character 9.",
		`email = "é" x`:                   "Error while parsing filter: the end expected at character 13.",
		`email = "a" and`:                 "Error while parsing filter: an attribute expected at character 16.",
		`and email = "a"`:                 "Error while parsing filter: an operator (=, !=, ^=, $= or *=) expected at character 5.",
		`(email = "a"`:                    `Error while parsing filter: ")" expected at character 13.`,
		`email = "a")`:                    "Error while parsing filter: the end expected at character 12.",
		`()`:                              "Error while parsing filter: an attribute expected at character 2.",
		`= "a"`:                           "Error while parsing filter: an attribute expected at character 1.",
		`email = "a" sort`:                `Error while parsing filter: "by" expected at character 17.`,
		`sort by`:                         "Error while parsing filter: an attribute expected at character 8.",
		`sort by email asc`:               "Error while parsing filter: the end expected at character 15.",
		`created = "1"`:                   "Invalid search attribute: created",
		`custom:unknown = "a"`:            "Invalid search attribute: custom:unknown",
		`email = "a" or custom:unknown *`: "Invalid search attribute: custom:unknown",
		strings.Repeat("(", 9) + `email = "a"` + strings.Repeat(")", 9): "Error while parsing filter: more than 8 levels of parentheses.",
		strings.Repeat("not ", 9) + `email = "a"`:                       "Error while parsing filter: more than 8 levels of parentheses.",
	} {
		known := func(name string) bool { return anyAttribute(name) && name != "created" }
		_, err := ParseSearch(text, known)
		if !fault.Is(err, fault.InvalidParameter) || err.Error() != "InvalidParameterException: "+want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

// What an index lets through has to hold all that the search finds.
func TestSearchPicksAnIndex(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Filter{
		`custom:team = "a"`:                                     {},
		`custom:team = "a" and email = "b"`:                     {"email", false, "b"},
		`name ^= "a" and email = "b" and given_name ^= "c"`:     {"email", false, "b"},
		`email = "b" and name = "a"`:                            {"email", false, "b"},
		`(name ^= "a" and custom:team = "x") and status *= "E"`: {"name", true, "a"},
		`email = "a" or email = "b"`:                            {},
		`not email = "a"`:                                       {},
		`email != "a"`:                                          {},
		`email ^= ""`:                                           {"email", true, ""},
		`email *= "a" and (name = "b" or name = "c")`:           {},
		`username ^= "a" sort by email`:                         {"username", true, "a"},
	} {
		s, err := ParseSearch(text, anyAttribute)
		if err != nil || s.Index() != want {
			t.Errorf("%s: %v, %v", text, s.Index(), err)
		}
	}
}

func TestSearchSorts(t *testing.T) {
	t.Parallel()
	a := &User{ID: "1", Username: "b", Created: time.Unix(9, 0), Attributes: Attributes{"custom:team": "Red"}}
	b := &User{ID: "2", Username: "a", Created: time.Unix(10, 0), Attributes: Attributes{"custom:team": "red"}}
	c := &User{ID: "3", Username: "c", Created: time.Unix(1_000_000_000, 0), Attributes: Attributes{}}
	for text, want := range map[string]string{
		`sort by custom:team`:      "312",
		`sort by custom:team desc`: "213",
		`sort by username`:         "213",
		`sort by created`:          "123",
		`sort by created desc`:     "321",
	} {
		s, err := ParseSearch(text, anyAttribute)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, u := range []*User{a, b, c} {
			i := 0
			for i < len(got) && s.Compare(s.CursorOf(u), s.CursorOf(map[byte]*User{'1': a, '2': b, '3': c}[got[i]])) > 0 {
				i++
			}
			got = got[:i] + u.ID + got[i:]
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// FuzzParseSearch checks that hostile filters are answered by a fault or by a search that can be run.
func FuzzParseSearch(f *testing.F) {
	for _, seed := range []string{`email = "a" and not (b *= "\"" or c != "")`, `sort by x desc`, `"`, `((`, `not`, "a\x00=\"\"", `a="\\"or`} {
		f.Add(seed)
	}
	u := &User{ID: "1", Attributes: Attributes{"email": "a"}}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSearch(text, func(string) bool { return true })
		if err != nil {
			if !fault.Is(err, fault.InvalidParameter) {
				t.Fatalf("ParseSearch(%q) answered %v", text, err)
			}
			return
		}
		s.Matches(u)
		if s.Compare(s.CursorOf(u), s.CursorOf(u)) != 0 {
			t.Fatalf("%q: a user comes before itself", text)
		}
	})
}
