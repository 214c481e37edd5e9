package pages

import (
	"net/http"
	"time"

	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// passkeysPage is what the page of passkeys shows.
type passkeysPage struct {
	Passkeys []passkeyRow
	Full     bool // there are as many as there can be
	Barred   bool // a second factor is on, which they do not replace
	Saved    bool
}

type passkeyRow struct {
	ID, Name string
	Created  moment
}

// moment is a time as every language writes it alike (ISO 8601), in UTC.
type moment struct{ time.Time }

// Text is what the page shows.
func (m moment) Text() string { return m.UTC().Format("2006-01-02 15:04") + " UTC" }

// Machine is what programs read.
func (m moment) Machine() string { return m.UTC().Format(time.RFC3339) }

func (d *Door) showPasskeys(o *owner) error { return o.showPasskeys("") }

func (o *owner) showPasskeys(problem string) error {
	out, err := as[wire.ListWebAuthnCredentialsOutput](o, "ListWebAuthnCredentials", map[string]any{"MaxResults": user.MaxPasskeys})
	if err != nil {
		return err
	}
	page := passkeysPage{Full: len(out.Credentials) >= user.MaxPasskeys, Barred: o.user().BarsPasskeys(o.Pool), Saved: o.saved()}
	for _, c := range out.Credentials {
		page.Passkeys = append(page.Passkeys, passkeyRow{c.CredentialId, c.FriendlyCredentialName, moment{c.CreatedAt.Time}})
	}
	return o.show("account_passkeys", nil, problem, page)
}

// askOwnPasskey shows the page on which the browser makes a passkey.
func (d *Door) askOwnPasskey(o *owner) error { return o.askPasskey("") }

func (o *owner) askPasskey(problem string) error {
	out, err := as[wire.StartWebAuthnRegistrationOutput](o, "StartWebAuthnRegistration", map[string]any{})
	if err != nil {
		return o.refuse(err, o.showPasskeys)
	}
	return o.show("add_passkey", nil, problem, addPasskeyPage{Options: string(out.CredentialCreationOptions), Action: o.AccountLink("/passkeys/add")})
}

// addOwnPasskey stores the passkey that the browser made; so does whoever wants none come back to the list.
func (d *Door) addOwnPasskey(o *owner) error {
	if o.Form.Has("skip") {
		http.Redirect(o.w, o.r, o.AccountLink("/passkeys"), http.StatusSeeOther)
		return nil
	}
	_, err := as[wire.CompleteWebAuthnRegistrationOutput](o, "CompleteWebAuthnRegistration", map[string]any{"Credential": wire.Document(o.Form.Get("credential"))})
	if err != nil {
		return o.refuse(err, o.askPasskey)
	}
	return o.done("/passkeys")
}

func (d *Door) deletePasskey(o *owner) error {
	_, err := as[wire.DeleteWebAuthnCredentialOutput](o, "DeleteWebAuthnCredential", map[string]any{"CredentialId": o.Form.Get("id")})
	if err != nil {
		return o.refuse(err, o.showPasskeys)
	}
	return o.done("/passkeys")
}
