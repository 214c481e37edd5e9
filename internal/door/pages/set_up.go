package pages

import (
	"html/template"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/pquerna/otp/totp"

	"github.com/cenote-id/cenote/internal/signin"
)

// totpPage is what the page that sets up an authenticator app shows.
type totpPage struct {
	QR       template.HTML // SVG
	Secret   string        // in groups of four, for typing
	Link     template.URL  // opens an app on this device
	Action   string        // where the form goes
	Remember bool          // there is a box to remember the browser
	Back     string        // where whoever wants none goes; empty: there is no way around
}

// askSetup shows the choice of a second factor to set up, or the page of the only one there is.
func (v *visit) askSetup(f *flow, problem string) error {
	offered := list(f.Parameters["MFAS_CAN_SETUP"])
	switch {
	case f.Secret != "":
		return v.askTOTP(f, problem)
	case v.Form.Has("email"): // the form of the address comes back
		return v.beginSetup(f, signin.EmailOTP, problem)
	case v.Form.Has("phone"):
		return v.beginSetup(f, signin.SMSMFA, problem)
	case len(offered) > 1:
		return v.show("mfa_setup", f, problem, v.choices(offered))
	case len(offered) == 1:
		return v.beginSetup(f, signin.Challenge(offered[0]), problem)
	}
	return v.show("mfa_setup", f, problem, nil)
}

// beginSetup shows the page on which a factor is set up.
func (v *visit) beginSetup(f *flow, factor signin.Challenge, problem string) error {
	switch factor {
	case signin.SMSMFA:
		return v.show("phone_setup", f, problem, v.Form.Get("phone"))
	case signin.EmailOTP:
		return v.show("email_setup", f, problem, v.Form.Get("email"))
	default: // an authenticator app
	}
	secret, session, err := v.Door.SignIn.AssociateToken(v.ctx(), f.Session)
	if err != nil {
		return v.refusedAnswer(f, err)
	}
	f.Secret, f.Session = secret, session
	return v.askTOTP(f, problem)
}

func (v *visit) askTOTP(f *flow, problem string) error {
	uri := totpURI(v.Pool.Settings.Name, f.Username, f.Secret)
	picture, err := qrCode(uri)
	if err != nil {
		return err
	}
	//nolint:gosec // encoded by net/url
	return v.show("totp_setup", f, problem, totpPage{QR: picture, Secret: grouped(f.Secret), Link: template.URL(uri), Action: "/login/continue?" + string(v.Query), Remember: f.offersMemory(v)})
}

// setUp takes a form of the set-up: the choice of a factor, the first code of an app, or an address.
func (d *Door) setUp(v *visit, f *flow) error {
	switch {
	case v.Form.Get("answer") != "":
		return v.beginSetup(f, signin.Challenge(v.Form.Get("answer")), "")
	case f.Secret != "":
		return d.setUpTOTP(v, f)
	case v.Form.Get("email") != "":
		return d.respond(v, f, map[string]string{"EMAIL": v.Form.Get("email")})
	case v.Form.Get("phone") != "":
		return d.respond(v, f, map[string]string{"PHONE_NUMBER": v.Form.Get("phone")})
	}
	return v.askSetup(f, v.incomplete("email", "phone"))
}

func (d *Door) setUpTOTP(v *visit, f *flow) error {
	session, err := d.SignIn.VerifyToken(v.ctx(), f.Session, v.Form.Get("code"), v.Form.Get("name"))
	if err != nil {
		problem, err := v.told(err)
		if err != nil {
			return err
		}
		return v.askTOTP(f, problem)
	}
	f.Session, f.Secret = session, ""
	return d.respond(v, f, map[string]string{})
}

// respond answers the flow's challenge.
func (d *Door) respond(v *visit, f *flow, responses map[string]string) error {
	responses["USERNAME"] = f.name()
	outcome, err := d.SignIn.Answer(v.ctx(), signin.Answer{Request: v.request(), Challenge: f.Challenge, Session: f.Session, Responses: responses})
	if err != nil {
		return v.refusedAnswer(f, err)
	}
	return d.next(v, f, outcome)
}

// totpURI is what an authenticator app reads: otpauth://totp/<pool>:<user>?secret=...
func totpURI(issuer, account, secret string) string {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, Secret: []byte("x")})
	if err != nil {
		return ""
	}
	u := key.URL()
	return strings.Replace(u, "secret="+key.Secret(), "secret="+secret, 1)
}

// qrCode draws the text as an SVG that needs no other file.
func qrCode(text string) (template.HTML, error) {
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return "", err
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool {
		if x >= size {
			return false
		}
		r, _, _, _ := code.At(x, y).RGBA()
		return r == 0
	}
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if run := strconv.Itoa(x - from); x > from {
				path.WriteString("M" + strconv.Itoa(from+4) + " " + strconv.Itoa(y+4) + "h" + run + "v1h-" + run + "z")
			}
		}
	}
	side := strconv.Itoa(size + 8)
	return template.HTML(`<svg class="qr" role="img" aria-labelledby="qr-title" viewBox="0 0 ` + side + ` ` + side + `" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path d="` + path.String() + `"/></svg>`), nil //nolint:gosec // numbers only
}

// grouped splits a secret into groups of four.
func grouped(secret string) string {
	var b strings.Builder
	for i, c := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}
