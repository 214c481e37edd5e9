package credential

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cenote-id/cenote/client/srp"
)

func TestParseTimestamp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want error
	}{
		"a day of one digit":         {"Sat Sep 5 09:08:07 UTC 2026", nil},
		"a day of two digits":        {"Tue Sep 15 23:59:59 UTC 2026", nil},
		"a leap day":                 {"Tue Feb 29 00:00:00 UTC 2028", nil},
		"a zero-padded day":          {"Sat Sep 05 09:08:07 UTC 2026", ErrTimestampSpelling},
		"a wrong weekday":            {"Tue Sep 5 09:08:07 UTC 2026", ErrTimestampSpelling},
		"names in lower case":        {"sat sep 5 09:08:07 UTC 2026", ErrTimestampSpelling},
		"an hour of one digit":       {"Sat Sep 5 9:08:07 UTC 2026", ErrTimestampSpelling},
		"two spaces before the day":  {"Sat Sep  5 09:08:07 UTC 2026", ErrTimestampSpelling},
		"fractions of a second":      {"Sat Sep 5 09:08:07.5 UTC 2026", ErrTimestampSpelling},
		"another language":           {"Sa Sep 5 09:08:07 UTC 2026", ErrTimestampFormat},
		"the long month":             {"Sat September 5 09:08:07 UTC 2026", ErrTimestampFormat},
		"a day that the month lacks": {"Sun Feb 30 09:08:07 UTC 2026", ErrTimestampFormat},
		"an hour that the day lacks": {"Sat Sep 5 24:08:07 UTC 2026", ErrTimestampFormat},
		"another zone":               {"Sat Sep 5 09:08:07 CEST 2026", ErrTimestampFormat},
		"ISO 8601":                   {"2026-09-05T09:08:07Z", ErrTimestampFormat},
		"epoch seconds":              {"1788599287", ErrTimestampFormat},
		"something behind":           {"Sat Sep 5 09:08:07 UTC 2026 ", ErrTimestampFormat},
		"a year of two digits":       {"Sat Sep 5 09:08:07 UTC 26", ErrTimestampFormat},
		"nothing":                    {"", ErrTimestampFormat},
		"digits of another script":   {"Sat Sep ٥ 09:08:07 UTC 2026", ErrTimestampFormat},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseTimestamp(tt.text)
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, error %v, want %v", got, err, tt.want)
			}
			if err == nil && srp.FormatTimestamp(got) != tt.text {
				t.Errorf("got %v", got)
			}
		})
	}
	if got, _ := ParseTimestamp(timestamp); !got.Equal(time.Date(2026, 9, 5, 9, 8, 7, 0, time.UTC)) {
		t.Errorf("got %v", got)
	}
}

func FuzzParseTimestamp(f *testing.F) {
	f.Add(timestamp)
	f.Add("Sat Sep 05 09:08:07 UTC 2026")
	f.Add("Sat Sep 5 09:08:07 UTC +2026")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTimestamp(text)
		if err == nil && srp.FormatTimestamp(got) != text {
			t.Errorf("%q was read as %v", text, got)
		}
	})
}

func TestSecretHash(t *testing.T) {
	t.Parallel()
	const secret, client, want = "exampleclientsecret0123456789", "1example23456789abcdefghij", "URyZJQNlGxbvZBY2Xdn6mxArlk2cxh0lGOE20Tp7g/0="
	if got := SecretHash(secret, "alice", client); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	tests := map[string]struct {
		secret, username, client, given string
		want                            bool
	}{
		"the right hash":          {secret, "alice", client, want, true},
		"another user":            {secret, "bob", client, want, false},
		"another client":          {secret, "alice", client[1:], want, false},
		"another secret":          {secret + "0", "alice", client, want, false},
		"no hash":                 {secret, "alice", client, "", false},
		"a hash that is cut":      {secret, "alice", client, want[:43], false},
		"a client without secret": {"", "alice", client, SecretHash("", "alice", client), false},
		"the secret for its hash": {secret, "alice", client, secret, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := SecretHashMatches(tt.secret, tt.username, tt.client, tt.given); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCodes(t *testing.T) {
	t.Parallel()
	key := []byte("a key that the database does not hold")
	hash := HashCode(key, "012345", "pool", "user", "sign-up")
	tests := map[string]struct {
		got, want bool
	}{
		"the code":               {CodeMatches([][]byte{key}, hash, "012345", "pool", "user", "sign-up"), true},
		"another code":           {CodeMatches([][]byte{key}, hash, "012346", "pool", "user", "sign-up"), false},
		"without leading zero":   {CodeMatches([][]byte{key}, hash, "12345", "pool", "user", "sign-up"), false},
		"another user":           {CodeMatches([][]byte{key}, hash, "012345", "pool", "user2", "sign-up"), false},
		"another purpose":        {CodeMatches([][]byte{key}, hash, "012345", "pool", "user", "reset"), false},
		"another key":            {CodeMatches([][]byte{key[1:]}, hash, "012345", "pool", "user", "sign-up"), false},
		"a code across a border": {CodeMatches([][]byte{key}, hash, "up012345", "pool", "user", "sign-"), false},
		"no hash stored":         {CodeMatches([][]byte{key}, nil, "", "pool", "user", "sign-up"), false},
	}
	for name, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestHashCodeLeavesItsContextAlone(t *testing.T) {
	t.Parallel()
	context := append(make([]string, 0, 3), "pool", "user")
	HashCode([]byte("k"), "123456", context...)
	if got := context[:3][2]; got != "" {
		t.Errorf("the code was written behind the caller's strings: %q", got)
	}
}

func TestNewCodeUsesAllDigitsEverywhere(t *testing.T) {
	t.Parallel()
	const digits, draws = 6, 3000
	var seen [digits][10]int
	for range draws {
		code := NewCode(digits)
		if len(code) != digits {
			t.Fatalf("got %q", code)
		}
		for i, c := range code {
			seen[i][c-'0']++
		}
	}
	for i, counts := range seen {
		for d, n := range counts {
			if n < draws/10-150 || n > draws/10+150 { // nine standard deviations
				t.Errorf("digit %d at place %d came %d times in %d", d, i, n, draws)
			}
		}
	}
	if got := len(NewCode(8)); got != 8 {
		t.Errorf("got %d digits, want 8", got)
	}
}

func TestGeneratePassword(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for policy := range 16 {
		upper, lower, number, symbol := policy&1 != 0, policy&2 != 0, policy&4 != 0, policy&8 != 0
		for _, minLength := range []int{0, 6, 8, 12, 13, 99} {
			for range 20 {
				p := GeneratePassword(minLength, upper, lower, number, symbol)
				if len(p) != max(minLength, shortestPassword) {
					t.Fatalf("%q has %d characters, the policy asks for %d", p, len(p), minLength)
				}
				for class, wanted := range map[string]bool{uppers: upper, lowers: lower, numbers: number, symbols: symbol} {
					if wanted && !strings.ContainsAny(p, class) {
						t.Errorf("%q has none of %s", p, class)
					}
				}
				if !symbol && strings.ContainsAny(p, symbols) {
					t.Errorf("%q has a symbol that nobody asked for", p)
				}
				if strings.ContainsAny(p, "0Oo1lI") {
					t.Errorf("%q has look-alikes", p)
				}
				if strings.ContainsAny(p[:1]+p[len(p)-1:], symbols) {
					t.Errorf("%q has a symbol at an end", p)
				}
				if seen[p] {
					t.Errorf("%q came twice", p)
				}
				seen[p] = true
			}
		}
	}
}

func TestMasks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mask     func(string) string
		in, want string
	}{
		"an address":                        {MaskEmail, "tom@example.com", "t***@e***"},
		"a local part of one letter":        {MaskEmail, "x@y.z", "x***@y***"},
		"letters outside ASCII":             {MaskEmail, "ümit@österreich.at", "ü***@ö***"},
		"a quoted at sign":                  {MaskEmail, `"a@b"@example.com`, `"***@e***`},
		"a text that is no address":         {MaskEmail, "tom", "t***"},
		"an empty text":                     {MaskEmail, "", "***"},
		"a number of eleven digits":         {MaskPhone, "+12345671234", "+*******1234"},
		"a number of thirteen digits":       {MaskPhone, "+4912345678901", "+*********8901"},
		"a number of five digits":           {MaskPhone, "+12345", "+*2345"},
		"a number too short to show a part": {MaskPhone, "+1234", "+****"},
		"a plus sign alone":                 {MaskPhone, "+", "+"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.mask(tt.in); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
