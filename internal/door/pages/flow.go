package pages

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"

	"github.com/cenote-id/cenote/internal/federate"
	"github.com/cenote-id/cenote/internal/signin"
	"github.com/cenote-id/cenote/internal/wire"
)

// interactive is how long a person may take from one page of a sign-in to the end of it (documented).
const interactive = 5 * time.Minute

// errExpired is the answer to a form whose time is over, or that belongs to another browser or client.
var errExpired = errors.New("the sign-in is over")

// flow is a sign-in, a sign-up or a recovery between two pages. It travels in a hidden field.
type flow struct {
	Username   string            `json:"u"`
	Challenge  signin.Challenge  `json:"c,omitempty"`
	Session    string            `json:"s,omitempty"`
	Parameters map[string]string `json:"p,omitempty"`
	Available  []string          `json:"a,omitempty"`
	Secret     string            `json:"t,omitempty"` // of a software token that is being set up
	Sent       string            `json:"d,omitempty"` // masked destination of a code
	External   bool              `json:"e,omitempty"` // an identity provider has authenticated the person
	Remember   bool              `json:"r,omitempty"` // the person wants the browser to be remembered as a device
	SignedUp   bool              `json:"n,omitempty"` // the account is a new one
	Began      time.Time         `json:"b"`

	SAML *federate.SAMLSession `json:"l,omitempty"` // at the provider that the sign-in began at; nil: there is none
}

// begin returns the flow of a person who starts now.
func (v *visit) begin(username string) *flow { return &flow{Username: username, Began: v.Door.Now()} }

// context binds a flow to the pool, the client and the browser.
func (v *visit) context() []string { return []string{v.Pool.ID, "page flow", v.Client.ID, v.CSRF} }

// seal returns the flow for a form of this browser.
func (v *visit) seal(f *flow) (string, error) {
	plain, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(v.Pool.Key.Seal(plain, v.context()...)), nil
}

// flow opens the flow of the form.
func (v *visit) flow() (*flow, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(v.Form.Get("flow"))
	if err != nil {
		return nil, errExpired
	}
	plain, err := v.Pool.Key.Open(sealed, v.context()...)
	if err != nil {
		return nil, errExpired
	}
	var f flow
	if err := wire.Unmarshal(plain, &f); err != nil {
		return nil, err
	}
	if v.Door.Now().Sub(f.Began) > interactive {
		return nil, errExpired
	}
	return &f, nil
}
