package pages

import (
	"html/template"
	"path"
	"slices"

	"github.com/cenote-id/cenote/internal/fault"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/store"
	"github.com/cenote-id/cenote/internal/wire"
)

// look is how the pages of a client are dressed. Its zero value is the pages' own.
type look struct {
	Style    template.CSS // after the pages' own
	Logo     *picture     // of the form
	Outside  bool         // the logo is outside of the form
	Below    bool         // the logo is below the form
	Header   *bar
	Footer   *bar
	Graphic  *picture // what the page is about
	Favicons []favicon
	Tongues  bool     // people may choose the language
	Order    []string // of the providers that come first
}

// Ordered returns the providers in the order of the style.
func (l look) Ordered(providers []string) []string {
	place := func(name string) int {
		if i := slices.Index(l.Order, name); i >= 0 {
			return i
		}
		return len(l.Order)
	}
	ordered := slices.Clone(providers)
	slices.SortStableFunc(ordered, func(a, b string) int { return place(a) - place(b) })
	return ordered
}

// bar is a strip above or below the page.
type bar struct{ Logo *picture }

// picture is an image for light pages and one for dark ones; both are set.
type picture struct{ Light, Dark string }

type favicon struct{ Address, Type string }

// look returns how the visit's page is dressed: by the client's style of managed login, else by the classic look of the client, else by that of
// all clients of the pool.
func (v *visit) look(page string, data any) (look, error) {
	return v.Door.looks.get(v, graphicOf(page, data))
}

// makeLook reads what there is and makes the look of it.
func (v *visit) makeLook(graphic string) (look, error) {
	var branding *pool.Branding
	var classic *pool.UICustomization
	err := v.Door.SignIn.Store.View(v.ctx(), func(tx *store.Tx) error {
		var err error
		if branding, err = tx.BrandingOf(v.Pool, v.Client.ID); !fault.Is(err, fault.ResourceNotFound) {
			return err
		}
		if classic, err = tx.UICustomization(v.Pool, v.Client.ID); err != nil || classic != nil {
			return err
		}
		classic, err = tx.UICustomization(v.Pool, pool.AllClients)
		return err
	})
	switch {
	case err != nil:
		return look{}, err
	case classic != nil:
		return classicLook(classic), nil
	case branding != nil && !wire.Value(branding.Settings.UseCognitoProvidedValues, false):
		return v.brandLook(branding, graphic)
	}
	return look{}, nil
}

// classicLook dresses the pages in a style sheet and a logo. Classic pages are light: nobody has made these colours for a dark screen.
func classicLook(u *pool.UICustomization) look {
	l := look{Style: template.CSS(":root{color-scheme:light}\n" + u.Sheet())} //nolint:gosec // classes, properties and values of a closed list
	if u.Image != nil {
		address := "/" + u.PoolID + "/ui/" + u.ClientID + "/" + path.Base(u.Settings.ImageUrl)
		l.Logo = &picture{address, address}
	}
	return l
}

// graphicOf returns the category of the images that a page is about; "" for none.
func graphicOf(page string, data any) string {
	if code, ok := data.(codePage); ok && page == "code" {
		return map[string]string{"EMAIL": "EMAIL_GRAPHIC", "SMS": "SMS_GRAPHIC", "APP": "AUTH_APP_GRAPHIC"}[code.Medium]
	}
	return map[string]string{
		"totp_setup": "AUTH_APP_GRAPHIC", "email_setup": "EMAIL_GRAPHIC", "phone_setup": "SMS_GRAPHIC", "password": "PASSWORD_GRAPHIC", "new_password": "PASSWORD_GRAPHIC",
		"reset_password": "PASSWORD_GRAPHIC", "passkey": "PASSKEY_GRAPHIC", "add_passkey": "PASSKEY_GRAPHIC",
	}[page]
}
