package pages

import (
	"encoding/base64"
	"time"

	"github.com/cenote-id/cenote/internal/wire"
)

// Deleting an account asks for a sign-in that was made for it: whoever has signed in a moment ago signs in again. The time at which that was
// asked for travels as "since", sealed for this browser, and the sign-in has to be younger.

// sinceContext binds the time to the pool, the client and the browser.
func (o *owner) sinceContext() []string {
	return []string{o.Pool.ID, "account deletion", o.Client.ID, o.CSRF}
}

// mayDelete reports whether the person has signed in since the deletion was asked for, a short time ago.
func (o *owner) mayDelete() bool {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(o.Account.Since)
	if err != nil {
		return false
	}
	plain, err := o.Pool.Key.Open(sealed, o.sinceContext()...)
	if err != nil {
		return false
	}
	var asked time.Time
	if asked.UnmarshalBinary(plain) != nil {
		return false
	}
	return o.Door.Now().Sub(asked) <= interactive && !o.browser.AuthTime().Before(asked)
}

// signInToDelete asks for the sign-in.
func (o *owner) signInToDelete() error {
	now, err := o.Door.Now().MarshalBinary()
	if err != nil {
		return err
	}
	o.signInAgain(base64.RawURLEncoding.EncodeToString(o.Pool.Key.Seal(now, o.sinceContext()...)))
	return nil
}

func (d *Door) askDeletion(o *owner) error {
	if !o.mayDelete() {
		return o.signInToDelete()
	}
	return o.show("account_delete", nil, "", accountPage{Name: knownAs(o.user())})
}

func (d *Door) deleteAccount(o *owner) error {
	if !o.mayDelete() {
		return o.signInToDelete()
	}
	if _, err := as[wire.DeleteUserOutput](o, "DeleteUser", map[string]any{}); err != nil {
		return o.refuse(err, func(problem string) error {
			return o.show("account_delete", nil, problem, accountPage{Name: knownAs(o.user())})
		})
	}
	d.Cookies.SetSession(o.w, o.r, o.Pool.ID, "", 0)
	return o.show("account_deleted", nil, "", nil)
}
