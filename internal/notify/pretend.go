package notify

import (
	"github.com/cenote-id/cenote/internal/credential"
	"github.com/cenote-id/cenote/internal/pool"
	"github.com/cenote-id/cenote/internal/user"
	"github.com/cenote-id/cenote/internal/wire"
)

// Pretend shows where a code for the name would go if there were such a user, for clients that hide who exists. A name in the form of
// an address is shown masked; for any other an address is made up, the same one each time. An empty contact leaves the choice.
func Pretend(p *pool.Pool, contact, name string) *wire.CodeDeliveryDetailsType {
	switch {
	case user.IsEmail(name) && contact != pool.Phone:
		return Details(pool.Email, name)
	case user.IsPhone(name) && contact != pool.Email:
		return Details(pool.Phone, name)
	}
	made := credential.PhantomID(p.Key.Derive("phantom"), p.ID, p.Fold(name))
	if contact == "" {
		contact = pool.Email
		if way := p.Recoveries()[0]; way == pool.RecoverByPhone && !p.AutoVerifies(pool.Email) {
			contact = pool.Phone
		}
	}
	if contact == pool.Phone {
		return Details(contact, "+1555555"+digits(made, 4))
	}
	letter := func(hex byte) string { return string(rune('a' + hex%26)) }
	return Details(contact, letter(made[0])+"@"+letter(made[1]))
}

// digits makes n decimal digits of a text.
func digits(text string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + text[i]%10
	}
	return string(b)
}
