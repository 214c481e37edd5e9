package authorize

import (
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/token"
)

// AccountPath is where the pages are on which signed-in users look after their own account.
const AccountPath = "/account"

// AccountType is the response type of a sign-in that leads to those pages. It is ours: no application is told anything.
const AccountType = "account"

// Account is what a sign-in leads to that ends at the user's own account pages.
type Account struct {
	Page   string // below AccountPath, with its slash; empty: the first page
	Since  string // sealed time at which a sign-in was asked for, or empty; see the deletion of an account
	Return string // an address of the application, for the way back; empty: none was given
}

// accountPage is the form of the pages below AccountPath.
var accountPage = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(/[a-z-]{1,30}){0,3}$`) })

// accountRequest reads a request for the account pages. Nothing goes to an application, so that it is refused on a page.
func accountRequest(r *Request, q url.Values) error {
	for _, check := range []func(*Request, url.Values) *Refusal{checkEnabled, checkOnce, checkPrompt, checkMaxAge} {
		if no := check(r, q); no != nil {
			return no
		}
	}
	r.Account = &Account{Page: q.Get("page"), Since: q.Get("since"), Return: q.Get("redirect_uri")}
	switch {
	case r.Asks("none"):
		return &Refusal{Code: InvalidRequest, Text: "prompt is not supported."}
	case !accountPage().MatchString(r.Account.Page):
		return &Refusal{Code: InvalidRequest, Text: "page is not valid."}
	case r.Account.Return != "" && !slices.Contains(r.Client.Settings.CallbackURLs, r.Account.Return) &&
		!slices.Contains(r.Client.Settings.LogoutURLs, r.Account.Return):
		return &Refusal{Code: RedirectMismatch, Text: RedirectMismatch}
	}
	return nil
}

// query returns what the addresses of the client's account pages end in.
func (a *Account) query(c *pool.Client) url.Values {
	q := url.Values{"client_id": {c.ID}}
	if a.Return != "" {
		q.Set("redirect_uri", a.Return)
	}
	return q
}

// AccountLink returns the address of one of the account pages; page is empty for the first one, and begins with a slash otherwise.
func (r *Request) AccountLink(page string) string {
	return AccountPath + page + "?" + r.Account.query(r.Client).Encode()
}

// SignOutLink returns the address that signs the browser out. It leads to the application where that is one of the client's LogoutURLs, else to
// the sign-in page.
func (r *Request) SignOutLink() string {
	q := url.Values{"client_id": {r.Client.ID}, "logout_uri": {r.Account.Return}}
	if !slices.Contains(r.Client.Settings.LogoutURLs, r.Account.Return) {
		q = r.Account.query(r.Client)
		q.Set("response_type", AccountType)
	}
	return "/logout?" + q.Encode()
}

// location is where the browser goes after a sign-in for the account pages.
func (a *Account) location(c *pool.Client) string {
	q := a.query(c)
	if a.Since != "" {
		q.Set("since", a.Since)
	}
	return AccountPath + a.Page + "?" + q.Encode()
}

// AccessToken issues an access token for the person of a browser, with which the account pages call the operations of the signed-in user. It
// does not leave the server. Its lineage is its own: who ends a session of an application does not end that of the browser.
func (s *Service) AccessToken(p *pool.Pool, c *pool.Client, b *Browser) (string, error) {
	tokens, err := s.Tokens.Issue(token.Grant{
		Pool: p, Client: c, User: b.User, SignIn: b.Grant(c, s.Now()).SignIn, Scopes: []string{token.UserScope}, Hosted: true,
	})
	return tokens.Access, err
}

// SignedInWithin reports whether the person of the browser has signed in not longer ago than this.
func (s *Service) SignedInWithin(b *Browser, age time.Duration) bool {
	return s.Now().Sub(b.AuthTime()) <= age
}
