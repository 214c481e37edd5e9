package pages

import (
	"html/template"
	"slices"

	"github.com/cenote-id/cenote/internal/api"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// factorsPage is what the page of second factors shows.
type factorsPage struct {
	Factors   []factorRow
	Token     bool // an authenticator app may be set up
	HasToken  bool
	Removable bool // the app may be taken away: the account would not be left without the second factor that the pool requires
	Passkey   bool // a passkey may stand for both factors that there are
	PasskeyOn bool
	Saved     bool
}

// factorRow is a second factor that the person can turn on.
type factorRow struct {
	Value, Text   string
	On, Preferred bool
}

// settingsOf names the member of SetUserMFAPreference that a factor is set by.
var settingsOf = []struct {
	factor pool.Factor
	member string
}{{pool.TOTP, "SoftwareTokenMfaSettings"}, {pool.SMSMFA, "SMSMfaSettings"}, {pool.EmailOTP, "EmailMfaSettings"}}

func (o *owner) factorsPage() factorsPage {
	u := o.user()
	page := factorsPage{Token: o.Pool.OffersMFA(pool.TOTP), HasToken: u.Factors.TOTP != nil, Saved: o.saved()}
	active := u.ActiveFactors(o.Pool)
	for _, s := range settingsOf {
		if (o.Pool.OffersMFA(s.factor) || u.Factors.Uses(s.factor)) && u.Ready(s.factor) {
			page.Factors = append(page.Factors, factorRow{
				Value: string(s.factor), Text: o.Language.text("factor." + string(s.factor)),
				On: slices.Contains(active, s.factor), Preferred: u.PreferredFactor(o.Pool) == s.factor,
			})
		}
	}
	page.Removable = page.HasToken && (o.Pool.MFA() != pool.MFARequired || slices.ContainsFunc(active, func(f pool.Factor) bool { return f != pool.TOTP }))
	page.Passkey = len(page.Factors) > 0 && o.Pool.PasskeyCountsAsTwo() && o.Pool.AllowsFirstFactor(pool.Passkey)
	page.PasskeyOn = page.Passkey && u.PasskeyCountsAsTwo(o.Pool)
	return page
}

func (d *Door) askFactors(o *owner) error { return o.showFactors("") }

func (o *owner) showFactors(problem string) error {
	return o.show("account_factors", nil, problem, o.factorsPage())
}

// saveFactors turns second factors on and off.
func (d *Door) saveFactors(o *owner) error {
	page, params := o.factorsPage(), map[string]any{}
	for _, row := range page.Factors {
		on := slices.Contains(o.Form["factor"], row.Value)
		params[memberOf(row.Value)] = map[string]any{"Enabled": on, "PreferredMfa": on && o.Form.Get("preferred") == row.Value}
	}
	if on := o.Form.Has("passkey"); page.Passkey && page.PasskeyOn != on {
		params["WebAuthnMfaSettings"] = map[string]any{"Enabled": on}
	}
	if _, err := as[wire.SetUserMFAPreferenceOutput](o, "SetUserMFAPreference", params); err != nil {
		return o.refuse(err, o.showFactors)
	}
	return o.done("/factors")
}

func memberOf(factor string) string {
	for _, s := range settingsOf {
		if string(s.factor) == factor {
			return s.member
		}
	}
	return ""
}

// addToken hands out the secret of an authenticator app, or takes its first code. The app is on from then.
func (d *Door) addToken(o *owner) error {
	if !o.Form.Has("flow") {
		out, err := as[wire.AssociateSoftwareTokenOutput](o, "AssociateSoftwareToken", map[string]any{})
		if err != nil {
			return o.refuse(err, o.showFactors)
		}
		f := o.begin(knownAs(o.user()))
		f.Secret = out.SecretCode
		return o.askToken(f, "")
	}
	f, err := o.flow()
	if err != nil {
		return err
	}
	_, err = as[wire.VerifySoftwareTokenOutput](o, "VerifySoftwareToken", map[string]any{"UserCode": o.Form.Get("code")})
	if err == nil {
		_, err = as[wire.SetUserMFAPreferenceOutput](o, "SetUserMFAPreference", map[string]any{"SoftwareTokenMfaSettings": map[string]any{"Enabled": true}})
	}
	if err != nil {
		return o.refuse(err, func(problem string) error { return o.askToken(f, problem) })
	}
	return o.done("/factors")
}

// askToken shows the secret and asks for the first code.
func (o *owner) askToken(f *flow, problem string) error {
	uri := totpURI(o.Pool.Settings.Name, f.Username, f.Secret)
	picture, err := qrCode(uri)
	if err != nil {
		return err
	}
	return o.show("totp_setup", f, problem, totpPage{
		QR: picture, Secret: grouped(f.Secret), Link: template.URL(uri), Action: o.AccountLink("/factors/totp"), Back: o.AccountLink("/factors"), //nolint:gosec // encoded by net/url
	})
}

// removeToken takes the authenticator app away. The API has an operation for that for administrators only; the person has signed in of late,
// with all factors that the account has.
func (d *Door) removeToken(o *owner) error {
	if !o.factorsPage().Removable {
		return o.done("/factors")
	}
	_, err := api.Do[wire.AdminDeleteSoftwareTokenOutput](o.ctx(), d.Operations, "AdminDeleteSoftwareToken", map[string]any{
		"UserPoolId": o.Pool.ID, "Username": o.user().Username,
	})
	if err != nil {
		return o.refuse(err, o.showFactors)
	}
	return o.done("/factors")
}
