package pages

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/authorize"
	"github.com/cenote-id/cenote/internal/caller"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/signin"
)

// requestID is the id of the request, for a person to quote.
func (v *visit) requestID() string { return caller.From(v.ctx()).RequestID }

// signInPage is what the sign-in page shows.
type signInPage struct {
	Username usernameField
	News     string // what the person has just done; empty: nothing
	Known    string // who is signed in in this browser; empty: nobody
	Password bool   // the password is asked for beside the username; else the next page asks for a factor
	Own      bool   // the pool's own users may sign in here
	Email    string // the address that led to no identity provider; empty: none was given
	SignUp   bool
	Forgot   bool
	Remember bool // there is a box to remember the browser
	Passkeys bool // the browser may offer passkeys
	Again    bool // who is signed in has to do so again
}

func (v *visit) signInPage(username string) signInPage {
	s := signInPage{
		Username: v.usernameField(username), SignUp: v.Pool.AllowsSelfSignUp(), Forgot: true,
		Password: !slices.ContainsFunc([]pool.Factor{pool.EmailOTP, pool.SMSOTP, pool.Passkey}, v.Pool.AllowsFirstFactor),
	}
	s.Own = v.ownUsers()
	s.Passkeys = true
	s.Remember = v.offersMemory()
	return s
}

// Offer is what the sign-in page offers.
func (v *visit) Offer() (*authorize.Offer, error) {
	return v.Door.Authorize.Offer(v.ctx(), v.Pool, v.Client)
}

// Place is the place of an identity provider in the settings of the client, by which its button has a style of its own.
func (v *visit) Place(provider string) int {
	return slices.Index(v.Client.Settings.SupportedIdentityProviders, provider)
}

// checkOffer refuses the page where it would offer nothing.
func (v *visit) checkOffer() error {
	offer, err := v.Offer()
	if err == nil && offer.Empty() {
		return &authorize.Refusal{Code: authorize.InvalidRequest, Text: authorize.NoLogin}
	}
	return err
}

// Registered tells the person who asks them to sign in, where no administrator knows the application: it has registered itself, under a name
// that it chose. It is empty for others.
func (v *visit) Registered() string {
	if !v.Client.Registered() {
		return ""
	}
	host := v.RedirectURI
	if u, err := url.Parse(v.RedirectURI); err == nil && u.Host != "" {
		host = u.Host
	}
	return v.Language.text("sign_in.registered", "name", v.Client.Settings.ClientName, "host", host)
}

// By is the address at which the same request goes on by an identity provider, whichever it names itself; by none if provider is empty.
func (v *visit) By(provider string) template.URL {
	r := *v.Request
	r.Provider = provider
	return template.URL("/oauth2/authorize?" + r.Query()) //nolint:gosec // encoded by net/url
}

// publicNames are how people know the public providers whose names in the API are not their own.
var publicNames = map[string]string{"LoginWithAmazon": "Amazon", "SignInWithApple": "Apple"}

// Name is what the button of a provider calls it.
func (v *visit) Name(provider string) string {
	if name, ok := publicNames[provider]; ok {
		return name
	}
	return provider
}

// Forgot is the address at which a forgotten password is replaced, of the person whose name was given already.
func (v *visit) Forgot(username string) template.URL {
	r := *v.Request
	if username != "" {
		r.LoginHint = username
	}
	return template.URL("/forgotPassword?" + r.Query()) //nolint:gosec // encoded by net/url
}

// askSignIn shows the sign-in page; a person who is signed in already may go on as such. A request that leads to an identity provider at once, or
// that may not show a page, does so from here as well: applications send people here directly (documented).
func (d *Door) askSignIn(v *visit) error {
	browser, err := d.Authorize.Recall(v.ctx(), v.Pool, d.Cookies.Session(v.r, v.Pool.ID))
	if err != nil {
		return err
	}
	signedIn := d.Authorize.Suffices(v.Request, browser)
	if v.Account == nil && (v.Asks("none") || v.LeadsTo() != "" && !signedIn && !v.Client.Registered()) {
		http.Redirect(v.w, v.r, "/oauth2/authorize?"+string(v.Query), http.StatusSeeOther)
		return nil
	}
	if err := v.checkOffer(); err != nil {
		return err
	}
	page := v.signInPage(v.LoginHint)
	switch {
	case signedIn:
		page.Known = knownAs(browser.User)
		v.Owner = browser.User.ID
	case browser != nil && v.Account != nil:
		page.Username.Value, page.Again = browser.User.SignInName(v.Pool, ""), true
	}
	return v.show("sign_in", nil, "", page)
}

// signIn takes the forms of the page: a username with a password, a username alone where the pool has other ways, an e-mail address that chooses
// a provider, or going on as whoever is signed in.
func (d *Door) signIn(v *visit) error {
	if v.Form.Has("continue") {
		return d.goOn(v)
	}
	if v.Form.Has("email") {
		return d.signInByEmail(v)
	}
	username, password := v.Form.Get("username"), v.Form.Get("password")
	page := v.signInPage(username)
	if !page.Own {
		return v.refuseOwn()
	}
	if username == "" || page.Password && password == "" {
		return v.show("sign_in", nil, v.incomplete("username", "password"), page)
	}
	if !d.Limits.Allow(v.ctx(), "InitiateAuth", v.Client.ID, username) {
		return v.show("sign_in", nil, v.Language.text("too_many"), page)
	}
	start := signin.Start{Request: v.request(), Flow: "USER_AUTH", Params: map[string]string{"USERNAME": username}}
	if password != "" {
		start.Flow, start.Params["PASSWORD"] = "USER_PASSWORD_AUTH", password
	}
	outcome, err := d.SignIn.Start(v.ctx(), start)
	if err != nil {
		return v.refusedSignIn(err, username, page)
	}
	f := v.begin(username)
	f.Remember = v.Form.Has("remember")
	return d.next(v, f, outcome)
}

// signInByEmail goes on at the identity provider that has the domain of the address as an identifier.
func (d *Door) signInByEmail(v *visit) error {
	offer, err := v.Offer()
	if err != nil {
		return err
	}
	page := v.signInPage("")
	page.Email = strings.TrimSpace(v.Form.Get("email"))
	if !d.Limits.Allow(v.ctx(), "InitiateAuth", v.Client.ID, "") {
		return v.show("sign_in", nil, v.Language.text("too_many"), page)
	}
	identifier, ok := offer.Identifier(page.Email)
	if !ok {
		return v.show("sign_in", nil, v.Language.text("error.no_login"), page)
	}
	http.Redirect(v.w, v.r, string(v.By(""))+"&idp_identifier="+url.QueryEscape(identifier), http.StatusSeeOther)
	return nil
}

// goOn finishes the request for the person who is signed in in this browser, if the form says so of the same one.
func (d *Door) goOn(v *visit) error {
	browser, err := d.Authorize.Recall(v.ctx(), v.Pool, d.Cookies.Session(v.r, v.Pool.ID))
	if err != nil {
		return err
	}
	if !d.Authorize.Suffices(v.Request, browser) || !v.isAbout(browser) {
		return d.askSignIn(v)
	}
	location, err := d.Authorize.Finish(v.ctx(), v.Request, browser.Grant(v.Client, d.Now()))
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, location, http.StatusFound)
	return nil
}
