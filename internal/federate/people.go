package federate

import (
	"cmp"
	"fmt"

	"github.com/cenote-id/cenote/internal/wire"
)

// personFields are what the People API can be asked for (reference of people.get). It refuses a request for anything else, such as a claim that the
// ID token of somebody without a family name leaves out.
var personFields = []string{
	"addresses", "ageRanges", "biographies", "birthdays", "calendarUrls", "clientData", "coverPhotos", "emailAddresses", "events", "externalIds", "genders",
	"imClients", "interests", "locales", "locations", "memberships", "metadata", "miscKeywords", "names", "nicknames", "occupations", "organizations",
	"phoneNumbers", "photos", "relations", "sipAddresses", "skills", "urls", "userDefined",
}

// fact is one thing that Google's People API knows of a person, of whichever kind: each kind has some of the members.
type fact struct {
	Metadata struct {
		Primary bool `json:"primary"`
	} `json:"metadata"`
	CanonicalForm  string `json:"canonicalForm"`  // of a phone number, as E.164
	DisplayName    string `json:"displayName"`    // of a person
	FormattedValue string `json:"formattedValue"` // of an address
	Value          string `json:"value"`
	URL            string `json:"url"`
	Date           struct {
		Year  int `json:"year"`
		Month int `json:"month"`
		Day   int `json:"day"`
	} `json:"date"` // of a birthday; without a year where the person does not tell it
}

func (f fact) text() string {
	if d := f.Date; d.Year > 0 && d.Month > 0 && d.Day > 0 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	return cmp.Or(f.CanonicalForm, f.DisplayName, f.FormattedValue, f.Value, f.URL)
}

// readPerson reads what Google's People API says, where each field has a list of facts. A claim is the primary one, or the first, as an attribute
// holds it: phoneNumbers a phone number, birthdays a date. A field that says nothing makes no claim.
func readPerson(document []byte) (Claims, error) {
	var members map[string]wire.Document
	if err := wire.Unmarshal(document, &members); err != nil {
		return nil, err
	}
	claims := Claims{}
	for name, value := range members {
		var facts []fact
		if wire.Unmarshal(value, &facts) != nil {
			claims[name] = text(value)
			continue
		}
		for _, f := range facts {
			if told := f.text(); told != "" && (claims[name] == "" || f.Metadata.Primary) {
				claims[name] = told
			}
		}
	}
	return claims, nil
}
