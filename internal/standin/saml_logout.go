package standin

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The faults of signing out, beside those that it shares.
const (
	Partial    Fault = "partial"     // the provider has not reached all applications of the person
	ByRedirect Fault = "by_redirect" // the answer comes by the wrong binding
)

var logoutFaults = []Fault{Denied, Partial, BadSignature, Unsigned, OtherIssuer, OtherRecipient, OtherRequest, ByRedirect}

// samlSession is a person who is signed in at the SAML provider.
type samlSession struct {
	person   Person
	consumer string // where the response went that began it
}

// showSessions tells who is signed in.
func (p *Provider) showSessions(w http.ResponseWriter, _ *http.Request) {
	subjects := map[string]string{}
	p.mu.Lock()
	for index, s := range p.sessions {
		subjects[index] = s.person.subject()
	}
	p.mu.Unlock()
	answer(w, http.StatusOK, subjects)
}

// signOut asks whether the person of a LogoutRequest signs out, ends the session and sends them back with a response. The request has to be
// signed, by whomever: this provider knows no keys.
func (p *Provider) signOut(w http.ResponseWriter, r *http.Request) {
	var request struct {
		ID        string `xml:"ID,attr"`
		NameID    string `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Index     string `xml:"SessionIndex"`
		Signature string `xml:"http://www.w3.org/2000/09/xmldsig# Signature>SignatureValue"`
	}
	if r.ParseForm() != nil || readRequest(r.Form.Get("SAMLRequest"), &request) != nil || request.Signature == "" && r.Form.Get("Signature") == "" {
		answer(w, http.StatusBadRequest, map[string]string{"error": "this is no signed LogoutRequest"})
		return
	}
	p.mu.Lock()
	s, known := p.sessions[request.Index]
	p.mu.Unlock()
	if !known || s.person.subject() != request.NameID {
		answer(w, http.StatusBadRequest, map[string]string{"error": "nobody is signed in with the NameID and the SessionIndex"})
		return
	}
	if !r.Form.Has("person") {
		p.choose(w, "saml, signing out", r.Form, []Person{s.person}, logoutFaults)
		return
	}
	fault, to := Fault(r.Form.Get("fault")), strings.TrimSuffix(s.consumer, "idpresponse")+"logout"
	response, err := p.LogoutResponse(fault, to, request.ID)
	if err != nil {
		answer(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	if fault != Denied {
		p.mu.Lock()
		delete(p.sessions, request.Index)
		p.mu.Unlock()
	}
	back := url.Values{"SAMLResponse": {response}, "RelayState": {r.Form.Get("RelayState")}}
	if fault == ByRedirect {
		http.Redirect(w, r, to+"?"+back.Encode(), http.StatusFound)
		return
	}
	post(w, to, back)
}

const logoutXML = `<samlp:LogoutResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{{.ID}}" Version="2.0" ` +
	`IssueInstant="{{.Now}}" Destination="{{x .Destination}}" InResponseTo="{{x .Request}}"><saml:Issuer>{{x .Issuer}}</saml:Issuer>` +
	`<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{{.Status}}">` +
	`{{with .Detail}}<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{{.}}"/>{{end}}</samlp:StatusCode></samlp:Status></samlp:LogoutResponse>`

// LogoutResponse returns the answer to a LogoutRequest with the id, encoded, for a service provider with the address. It is signed.
func (p *Provider) LogoutResponse(fault Fault, to, request string) (string, error) {
	view := struct{ ID, Now, Destination, Request, Issuer, Status, Detail string }{
		ID: "_" + rand.Text(), Now: p.now().UTC().Format(time.RFC3339), Destination: to, Request: request, Issuer: p.entity(), Status: "Success",
	}
	key := p.keys.present()
	switch fault { //nolint:exhaustive // the others are faults elsewhere
	case Denied:
		view.Status = "Responder"
	case Partial:
		view.Detail = "PartialLogout"
	case BadSignature:
		key = stranger(key)
	case OtherIssuer:
		view.Issuer = "https://other.example.com"
	case OtherRecipient:
		view.Destination = "https://other.example.com/logout"
	case OtherRequest:
		view.Request = "_another"
	}
	response, err := element(logoutXML, view)
	if err != nil {
		return "", err
	}
	if fault != Unsigned {
		if response, err = sign(key, response); err != nil {
			return "", err
		}
	}
	return encoded(response)
}
