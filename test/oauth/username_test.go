package oauth_test

import (
	"slices"
	"strings"
	"testing"

	idp "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

func TestPagesAskForTheNameThatThePoolSignsInWith(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		own, aliases  []string
		kind          string
		label, german string
		newAccount    string
	}{
		"an e-mail address":           {[]string{"email"}, nil, `type="text" inputmode="email"`, "E-mail address", "E-Mail-Adresse", "E-mail address"},
		"a phone number":              {[]string{"phone_number"}, nil, `type="tel"`, "Phone number", "Telefonnummer", "Phone number"},
		"either":                      {[]string{"phone_number", "email"}, nil, `type="text"`, "E-mail address or phone number", "E-Mail-Adresse oder Telefonnummer", "E-mail address or phone number"},
		"a username":                  {nil, nil, `type="text"`, "Username", "Benutzername", "Username"},
		"a username and an alias":     {nil, []string{"email", "preferred_username"}, `type="text"`, "Username or e-mail address", "Benutzername oder E-Mail-Adresse", "Username"},
		"a username or a number":      {nil, []string{"phone_number"}, `type="text"`, "Username or phone number", "Benutzername oder Telefonnummer", "Username"},
		"a username and both aliases": {nil, []string{"email", "phone_number"}, `type="text"`, "Username, e-mail address or phone number", "Benutzername, E-Mail-Adresse oder Telefonnummer", "Username"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "", func(p *idp.CreateUserPoolInput, _ *idp.CreateUserPoolClientInput) {
				p.UsernameAttributes, p.AliasAttributes = nil, nil
				for _, a := range c.own {
					p.UsernameAttributes = append(p.UsernameAttributes, types.UsernameAttributeType(a))
				}
				for _, a := range c.aliases {
					p.AliasAttributes = append(p.AliasAttributes, types.AliasAttributeType(a))
				}
				if slices.Contains(slices.Concat(c.own, c.aliases), "phone_number") {
					p.AutoVerifiedAttributes = nil
				}
			})
			at := func(page string, more ...string) string {
				return strings.Replace(s.authorize(more...), "/oauth2/authorize", page, 1)
			}
			input := func(b *browser) {
				t.Helper()
				if !strings.Contains(b.page, `name="username" `+c.kind) {
					t.Errorf("the input is no %s:\n%s", c.kind, b.page)
				}
			}
			b := newBrowser(t)
			input(b.open(at("/login")).shows(">" + c.label + "</label>"))
			input(b.open(at("/forgotPassword")).shows(">" + c.label + "</label>"))
			input(b.open(at("/signup")).shows(">" + c.newAccount + "</label>"))
			input(b.open(at("/login", "lang", "de")).shows(">" + c.german + "</label>"))
		})
	}
}
