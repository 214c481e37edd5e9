package pages

import (
	"net/url"
	"slices"
	"strings"

	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/wire"
)

// profilePage is what the page of the attributes shows.
type profilePage struct {
	Fields   []field
	Contacts []contactRow
	Saved    bool
}

// contactRow is an e-mail address or a phone number and whether it is verified.
type contactRow struct {
	Name, Value string // of the attribute
	Verified    bool
}

// askedAlways are the attributes that everybody is asked for; the others are shown to those who have them, and to all where the pool
// requires them or made them up itself.
var askedAlways = []string{pool.Email, pool.Phone, "name"}

// profileFields returns the attributes that the person may change by way of the client.
func (o *owner) profileFields() []string {
	var names []string
	u := o.user()
	for _, a := range o.Pool.Settings.SchemaAttributes {
		name := a.Name
		if !wire.Value(a.Mutable, true) || !o.Client.CanWrite(name) || !o.Client.CanRead(name) || name == updatedAt {
			continue
		}
		if u.Attributes[name] != "" || slices.Contains(askedAlways, name) || wire.Value(a.Required, false) || strings.HasPrefix(name, "custom:") {
			names = append(names, name)
		}
	}
	return names
}

func (o *owner) profilePage(filled url.Values) profilePage {
	if filled == nil {
		filled = url.Values{}
		for name, value := range o.user().Attributes {
			filled.Set(attributePrefix+name, value)
		}
	}
	page := profilePage{Fields: o.fields(o.profileFields(), filled), Saved: o.saved()}
	for i := range page.Fields {
		a := o.Pool.Attribute(page.Fields[i].Name)
		page.Fields[i].Required = a != nil && wire.Value(a.Required, false)
	}
	for _, name := range []string{pool.Email, pool.Phone} {
		if value := o.user().Attributes[name]; value != "" && o.Client.CanRead(name) {
			page.Contacts = append(page.Contacts, contactRow{name, value, o.user().Attributes.Verified(name)})
		}
	}
	return page
}

func (d *Door) askProfile(o *owner) error {
	return o.show("account_profile", nil, "", o.profilePage(nil))
}

// saveProfile changes the attributes that were changed. A new address may have to be confirmed by the code that was sent there.
func (d *Door) saveProfile(o *owner) error {
	var changed []map[string]string
	for _, name := range o.profileFields() {
		value := o.Form.Get(attributePrefix + name)
		if o.Form.Has(attributePrefix+name) && value != plainText(o.user().Attributes[name]) {
			changed = append(changed, map[string]string{"Name": name, "Value": value})
			o.sent = append(o.sent, name)
		}
	}
	if len(changed) == 0 {
		return o.done("/profile")
	}
	out, err := as[wire.UpdateUserAttributesOutput](o, "UpdateUserAttributes", map[string]any{"UserAttributes": changed})
	if err != nil {
		return o.refuse(err, func(problem string) error { return o.show("account_profile", nil, problem, o.profilePage(o.Form)) })
	}
	for _, sent := range out.CodeDeliveryDetailsList {
		return o.askContactCode(sent.AttributeName, sent.Destination, "")
	}
	return o.done("/profile")
}

// askContactCode shows the page that takes the code which was sent to an address.
func (o *owner) askContactCode(attribute, destination, problem string) error {
	f := o.begin(o.user().Username)
	f.Sent, f.Parameters = destination, map[string]string{"attribute": attribute}
	return o.show("account_verify", f, problem, verifyPage{Attribute: attribute, Destination: destination, Sent: o.Form.Has("again") && problem == ""})
}

// verifyPage is what the page that takes the code for an address shows.
type verifyPage struct {
	Attribute   string
	Destination string // masked
	Sent        bool   // another code was sent just now
}

// verifyContact sends a code to an address of the person, or takes the one that was sent.
func (d *Door) verifyContact(o *owner) error {
	if attribute := o.Form.Get("attribute"); attribute != "" {
		out, err := as[wire.GetUserAttributeVerificationCodeOutput](o, "GetUserAttributeVerificationCode", map[string]any{"AttributeName": attribute})
		if err != nil {
			return o.refuse(err, func(problem string) error {
				if f, expired := o.flow(); expired == nil { // another code was asked for where the first one is
					return o.askContactCode(f.Parameters["attribute"], f.Sent, problem)
				}
				return o.show("account_profile", nil, problem, o.profilePage(nil))
			})
		}
		return o.askContactCode(attribute, wire.Value(out.CodeDeliveryDetails, wire.CodeDeliveryDetailsType{}).Destination, "")
	}
	f, err := o.flow()
	if err != nil {
		return err
	}
	attribute := f.Parameters["attribute"]
	_, err = as[wire.VerifyUserAttributeOutput](o, "VerifyUserAttribute", map[string]any{"AttributeName": attribute, "Code": o.Form.Get("code")})
	if err != nil {
		return o.refuse(err, func(problem string) error { return o.askContactCode(attribute, f.Sent, problem) })
	}
	return o.done("/profile")
}
