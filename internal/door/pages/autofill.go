package pages

// A browser that has passkeys for the pool offers them in the field for the username (WebAuthn, section 5.1.4: conditional mediation). One that is
// chosen there signs in by itself.

// autofill is what the sign-in page needs for that; it is empty where passkeys do not sign in.
type autofill struct {
	Options string // PublicKeyCredentialRequestOptionsJSON
	Session string
}

// Autofill returns it for the page.
func (v *visit) Autofill() (autofill, error) {
	options, session, err := v.Door.SignIn.OfferPasskey(v.request())
	return autofill{string(options), session}, err
}

// signInByPasskey takes a passkey that the person chose in the field for the username.
func (d *Door) signInByPasskey(v *visit) error {
	page := v.signInPage("")
	page.Passkeys = false // one that was refused is not offered again at once
	if !d.Limits.Allow(v.ctx(), "RespondToAuthChallenge", v.Client.ID, "") {
		return v.show("sign_in", nil, v.Language.text("too_many"), page)
	}
	outcome, err := d.SignIn.AnswerOffered(v.ctx(), v.request(), v.Form.Get("session"), v.Form.Get("credential"))
	if err != nil {
		return v.refusedSignIn(err, "", page)
	}
	return d.next(v, v.begin(""), outcome)
}
