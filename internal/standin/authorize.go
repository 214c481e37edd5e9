package standin

import (
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Fault is what is wrong with one sign-in.
type Fault string

// The faults.
const (
	Denied        Fault = "denied"         // the person says no
	TokenError    Fault = "token_error"    // the token endpoint answers 400
	NoIDToken     Fault = "no_id_token"    // it answers without an ID token
	BadSignature  Fault = "bad_signature"  // the ID token is signed with a key that nobody knows
	Unsigned      Fault = "unsigned"       // alg is none
	Symmetric     Fault = "symmetric"      // signed by HMAC with the public key as the secret
	EmbeddedKey   Fault = "embedded_key"   // the header brings along a key of its own
	RetiredKey    Fault = "retired_key"    // signed with the first key of the provider, see /_cenote/idp/keys
	NoKeyID       Fault = "no_kid"         // the header names a key that does not exist
	OtherIssuer   Fault = "other_issuer"   // the ID token is of somebody else
	OtherAudience Fault = "other_audience" // for another client
	TwoAudiences  Fault = "two_audiences"  // for this client and another, without azp
	OtherParty    Fault = "other_party"    // azp is another client
	OtherNonce    Fault = "other_nonce"    // the nonce is not that of the request
	NoNonce       Fault = "no_nonce"       // there is none
	Expired       Fault = "expired"        // too old
	Early         Fault = "early"          // good from an hour from now on
	OtherUser     Fault = "other_user"     // the user info is about somebody else
	OtherIssParam Fault = "other_iss"      // the answer says that it is another provider's (RFC 9207)
	NoSubject     Fault = "no_subject"     // the user info has no subject
)

// oauthFaults are those that make sense here, in the order in which the page has them.
var oauthFaults = []Fault{
	Denied, TokenError, NoIDToken, BadSignature, Unsigned, Symmetric, EmbeddedKey, RetiredKey, NoKeyID, OtherIssuer, OtherAudience, TwoAudiences, OtherParty,
	OtherNonce, NoNonce, Expired, Early, OtherUser, OtherIssParam, NoSubject,
}

// visit is a sign-in under way.
type visit struct {
	kind     string
	clientID string
	redirect string
	nonce    string
	person   Person
	fault    Fault
}

//go:embed page.html
var pageHTML string

// page returns the template, parsed when the page is first shown.
var page = sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(pageHTML)) })

// authorize asks who wants to sign in, and sends the person back.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" || q.Get("response_type") != "code" || q.Get("client_id") == "" || kinds[r.PathValue("kind")] == nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "this is no authorization request"})
		return
	}
	if !q.Has("person") {
		p.choose(w, r.PathValue("kind"), q, p.everybody(), oauthFaults)
		return
	}
	v := visit{
		kind: r.PathValue("kind"), clientID: q.Get("client_id"), redirect: q.Get("redirect_uri"), nonce: q.Get("nonce"),
		person: p.person(q.Get("person")), fault: Fault(q.Get("fault")),
	}
	out := url.Values{"state": {q.Get("state")}}
	switch {
	case v.fault == Denied, v.person == nil:
		out.Set("error", "access_denied")
		out.Set("error_description", "The user said no")
	default:
		code := rand.Text()
		p.mu.Lock()
		p.codes[code] = v
		p.mu.Unlock()
		out.Set("code", code)
		if v.kind == "apple" && v.person["name"] != nil {
			out.Set("user", appleName(v.person))
		}
		if v.fault == OtherIssParam {
			out.Set("iss", "https://other.example.com")
		}
	}
	if q.Get("response_mode") == "form_post" {
		post(w, q.Get("redirect_uri"), out)
		return
	}
	query := back.Query()
	for name := range out {
		query.Set(name, out.Get(name))
	}
	back.RawQuery = query.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

// appleName is what Apple says about a person beside the ID token.
func appleName(who Person) string {
	document, err := json.Marshal(map[string]any{"name": map[string]any{"firstName": who["given_name"], "lastName": who["family_name"]}, "email": who["email"]})
	if err != nil {
		return ""
	}
	return string(document)
}

// everybody returns who can sign in.
func (p *Provider) everybody() []Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.people)
}

// choose shows the page with the people and the faults. Its form comes back to the same address, with the parameters and a person.
func (p *Provider) choose(w http.ResponseWriter, kind string, q url.Values, people []Person, faults []Fault) {
	type field struct{ Name, Value string }
	view := struct {
		Kind   string
		Fields []field
		People []Person
		Faults []Fault
	}{Kind: kind, People: people, Faults: faults}
	for name, values := range q {
		view.Fields = append(view.Fields, field{name, values[0]})
	}
	slices.SortFunc(view.Fields, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	_ = page().ExecuteTemplate(w, "choose", view) // the browser has gone when this fails
}

// post sends the person back by a form that submits itself.
func post(w http.ResponseWriter, to string, values url.Values) {
	view := struct {
		To     string
		Values map[string]string
	}{to, map[string]string{}}
	for name := range values {
		view.Values[name] = values.Get(name)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page().ExecuteTemplate(w, "post", view) // the browser has gone when this fails
}
