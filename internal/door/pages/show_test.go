package pages

import "testing"

func TestWhereAFormMayLead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ address, want string }{
		{"https://app.example.com/callback?a=b", "https://app.example.com https:"},
		{"http://localhost:3000/callback", "http://localhost:3000 http://localhost:* http://127.0.0.1:* https:"},
		{"com.example.app://callback", "com.example.app:"},
		{"https://app.example.com;script-src/", ""},
		{"", ""}, // a page of an account, whose forms stay here
	} {
		if got := formTargets(test.address); got != test.want {
			t.Errorf("%q: %q, want %q", test.address, got, test.want)
		}
	}
}
