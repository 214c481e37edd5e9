package federate

import (
	"maps"
	"testing"
)

func TestAPersonOfGoogleHasOneOfEach(t *testing.T) {
	t.Parallel()
	claims, err := readPerson([]byte(`{"resourceName":"people/1","etag":"%x",
		"phoneNumbers":[{"metadata":{},"value":"0555 01","canonicalForm":"+15555550101"},{"metadata":{"primary":true,"source":{"type":"PROFILE"}},"value":"(555) 555-0100","canonicalForm":"+15555550100"}],
		"birthdays":[{"metadata":{"primary":true},"date":{"month":2,"day":3}},{"metadata":{},"date":{"year":1990,"month":2,"day":3}}],
		"names":[{"displayName":"Ann Example","givenName":"Ann"}],"genders":[{"value":"female","formattedValue":"Female"}],
		"addresses":[{"formattedValue":"1 Main Street\nTown"}],"photos":[{"url":"https://example.com/ann.png"}],"organizations":[],"nicknames":[{"value":""}]}`))
	want := Claims{
		"resourceName": "people/1", "etag": "%x", "phoneNumbers": "+15555550100", "names": "Ann Example", "genders": "Female", "addresses": "1 Main Street\nTown",
		"photos": "https://example.com/ann.png", "birthdays": "1990-02-03",
	}
	if err != nil || !maps.Equal(claims, want) {
		t.Errorf("got %v, %v\nwant %v", claims, err, want)
	}
	for _, broken := range []string{"", "<html>", "[]", `"x"`} {
		if claims, err := readPerson([]byte(broken)); err == nil {
			t.Errorf("%q: %v", broken, claims)
		}
	}
}
