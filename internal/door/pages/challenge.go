package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/external"
	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// next goes on after a step of a sign-in: to the page of the next challenge, or back to the application.
func (d *Door) next(v *visit, f *flow, o *signin.Outcome) error {
	if o.Grant != nil {
		return d.finish(v, f, o.Grant)
	}
	f.Challenge, f.Session, f.Parameters = o.Challenge, o.Session, o.Parameters
	if len(o.Available) > 0 {
		f.Available = o.Available
	}
	if only := v.choices(f.Available); f.Challenge == signin.SelectChallenge && len(only) == 1 { // one way to sign in is no choice
		return d.respond(v, f, map[string]string{"ANSWER": only[0].Value})
	}
	return v.ask(f, "")
}

// GoOn goes on with a person who has signed in at an identity provider and has a challenge to answer here.
func (d *Door) GoOn(w http.ResponseWriter, r *http.Request, a *external.Arrival) {
	v := d.visit(w, r, a.Request)
	f := v.begin(a.Username)
	f.External, f.SAML = true, a.SAML
	if err := d.next(v, f, a.Outcome); err != nil {
		d.fail(w, r, v, err)
	}
}

// finish keeps the browser signed in and answers the application.
func (d *Door) finish(v *visit, f *flow, g *signin.Grant) error {
	if err := d.remember(v, f, g); err != nil {
		return err
	}
	secret, life, err := d.Authorize.Remember(v.ctx(), v.Pool, g, f.SAML, d.Cookies.Session(v.r, v.Pool.ID))
	if err != nil {
		return err
	}
	d.Cookies.SetSession(v.w, v.r, v.Pool.ID, secret, life)
	if f.SignedUp {
		if asked, err := d.offerPasskey(v, secret); err != nil || asked {
			return err
		}
	}
	location, err := d.Authorize.Finish(v.ctx(), v.Request, g)
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, location, http.StatusFound)
	return nil
}

// codePage is what a page that asks for a code shows.
type codePage struct {
	Medium      string // EMAIL, SMS or APP
	Destination string // masked; empty for an app
	Remember    bool   // there is a box to remember the browser
	Sent        bool   // another code was sent just now
}

// choice is one factor that the person may choose.
type choice struct{ Value, Text string }

// newPasswordPage is what the page for a forced change of the password shows.
type newPasswordPage struct {
	Attributes []field
	Policy     []string
}

// ask shows the page of the flow's challenge.
func (v *visit) ask(f *flow, problem string) error {
	switch f.Challenge {
	case signin.SelectChallenge:
		return v.show("select_challenge", f, problem, v.choices(f.Available))
	case signin.Password, signin.PasswordSRP:
		return v.show("password", f, problem, nil)
	case signin.EmailOTP, signin.SMSOTP, signin.SMSMFA:
		return v.show("code", f, problem, codePage{
			Medium: f.Parameters["CODE_DELIVERY_DELIVERY_MEDIUM"], Destination: f.Parameters["CODE_DELIVERY_DESTINATION"],
			Remember: f.offersMemory(v), Sent: v.Form.Has("again") && problem == "",
		})
	case signin.SoftwareTokenMFA:
		return v.show("code", f, problem, codePage{Medium: "APP", Remember: f.offersMemory(v)})
	case signin.SelectMFAType:
		return v.show("select_mfa", f, problem, v.choices(list(f.Parameters["MFAS_CAN_CHOOSE"])))
	case signin.MFASetup:
		return v.askSetup(f, problem)
	case signin.NewPasswordRequired:
		return v.show("new_password", f, problem, newPasswordPage{
			Attributes: v.fields(asked(missing(f.Parameters["requiredAttributes"])), v.Form), Policy: v.policy(),
		})
	case signin.WebAuthn:
		return v.show("passkey", f, problem, f.Parameters["CREDENTIAL_REQUEST_OPTIONS"])
	default: // custom challenges and devices are not for pages
	}
	return fault.New(fault.InvalidParameter, v.Language.text("challenge.unsupported"))
}

// list reads a list of the API's parameters: JSON of texts.
func list(text string) []string {
	var all []string
	if err := wire.Unmarshal([]byte(text), &all); err != nil {
		return nil
	}
	return all
}

// missing returns the names of the attributes that a new password has to come with.
func missing(text string) []string {
	names := list(text)
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, "userAttributes.")
	}
	return names
}

// asked returns those of the attributes that the person is asked for.
func asked(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return name == updatedAt })
}

// choices names factors for the person. A password is one choice, however it is checked.
func (v *visit) choices(available []string) []choice {
	var out []choice
	for _, name := range available {
		if name != string(signin.PasswordSRP) {
			out = append(out, choice{name, v.Language.text("factor." + name)})
		}
	}
	return out
}

// continueSignIn takes the answer to a challenge.
func (d *Door) continueSignIn(v *visit) error {
	f, err := v.flow()
	if err != nil {
		return err
	}
	if !f.External && !v.ownUsers() { // the client has ceased to meanwhile
		return v.refuseOwn()
	}
	f.Remember = f.Remember || v.Form.Has("remember")
	if v.Form.Has("again") {
		return d.sendAgain(v, f)
	}
	if f.Challenge == signin.MFASetup && !v.Form.Has("choose") {
		return d.setUp(v, f)
	}
	challenge, responses := v.answer(f)
	if responses == nil {
		return v.ask(f, v.incomplete("password", "code"))
	}
	if !d.Limits.Allow(v.ctx(), "RespondToAuthChallenge", v.Client.ID, f.Username) {
		return v.ask(f, v.Language.text("too_many"))
	}
	responses["USERNAME"] = f.name()
	outcome, err := d.SignIn.Answer(v.ctx(), signin.Answer{Request: v.request(), Challenge: challenge, Session: f.Session, Responses: responses})
	if err != nil {
		return v.refusedAnswer(f, err)
	}
	return d.next(v, f, outcome)
}

// sendAgain sends another code to a person who is asked for one.
func (d *Door) sendAgain(v *visit, f *flow) error {
	if !d.Limits.Allow(v.ctx(), "InitiateAuth", v.Client.ID, f.Username) {
		return v.ask(f, v.Language.text("too_many"))
	}
	outcome, err := d.SignIn.SendAgain(v.ctx(), v.request(), f.Session, f.name())
	if err != nil {
		return v.refusedAnswer(f, err)
	}
	return d.next(v, f, outcome)
}

// name is the name under which challenges are answered.
func (f *flow) name() string {
	if own := f.Parameters["USER_ID_FOR_SRP"]; own != "" {
		return own
	}
	return f.Username
}

// answer returns the challenge that the form answers, and the responses; nil when something is missing.
func (v *visit) answer(f *flow) (signin.Challenge, map[string]string) {
	filled := func(name, field string) map[string]string {
		if value := v.Form.Get(field); value != "" {
			return map[string]string{name: value}
		}
		return nil
	}
	switch f.Challenge {
	case signin.SelectChallenge, signin.SelectMFAType:
		return f.Challenge, filled("ANSWER", "answer")
	case signin.Password, signin.PasswordSRP:
		return signin.Password, filled("PASSWORD", "password")
	case signin.EmailOTP:
		return f.Challenge, filled("EMAIL_OTP_CODE", "code")
	case signin.SMSOTP:
		return f.Challenge, filled("SMS_OTP_CODE", "code")
	case signin.SMSMFA:
		return f.Challenge, filled("SMS_MFA_CODE", "code")
	case signin.SoftwareTokenMFA:
		return f.Challenge, filled("SOFTWARE_TOKEN_MFA_CODE", "code")
	case signin.WebAuthn:
		return f.Challenge, filled("CREDENTIAL", "credential")
	case signin.NewPasswordRequired:
		responses := filled("NEW_PASSWORD", "password")
		for _, name := range missing(f.Parameters["requiredAttributes"]) {
			value := v.Form.Get(attributePrefix + name)
			if name == updatedAt {
				value = v.stamp()
			}
			if value != "" && responses != nil {
				responses["userAttributes."+name] = value
			}
		}
		return f.Challenge, responses
	default: // it has a page of its own
	}
	return f.Challenge, nil
}
