package api

import (
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// pretendDelivery shows where a code for the name would go if there were such a user, for clients that hide who exists. A name in
// the form of an address is shown masked; for any other, two letters are made up, the same ones each time.
func pretendDelivery(p *pool.Pool, name string) *wire.CodeDeliveryDetailsType {
	switch {
	case user.IsEmail(name):
		return showDelivery("email", name)
	case user.IsPhone(name):
		return showDelivery("phone_number", name)
	}
	made := credential.PhantomID(p.Key.Derive("phantom"), p.ID, p.Fold(name))
	letter := func(hex byte) string { return string(rune('a' + hex%26)) }
	if way := p.Recoveries()[0]; way == pool.RecoverByPhone && !p.AutoVerifies("email") {
		return showDelivery("phone_number", "+1555555"+digits(made, 4))
	}
	return showDelivery("email", letter(made[0])+"@"+letter(made[1]))
}

// digits makes n decimal digits of a text.
func digits(text string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + text[i]%10
	}
	return string(b)
}
